"""Reads files, each in a child of its own within the product's limits: ``python -m tests.threats.reading FIRST END``.

One line of JSON a file. The children are forked, so that two thousand of them load pandas once.
"""

from __future__ import annotations

import json
import os
import sys
import time

from quizapp.bank.formats import table as bank_table
from quizapp.imports import sandbox, spreadsheet
from quizapp.imports.tables import UnreadableFile
from quizapp.roster import table as roster_table
from tests.threats.mutants import mutant

DIED = "died"


def outcome_of(name: str, content: bytes) -> str:
    """Return what came of one file: what each importer made of its tables, or the sentence that refuses it."""
    try:
        tables = spreadsheet.read_tables(content, name)
    except UnreadableFile as refusal:
        return f"refused: {refusal.message}"
    said = []
    for parse in (roster_table.parse_tables, bank_table.parse_tables):
        try:
            parsed = parse(tables)
        except UnreadableFile as refusal:
            said.append(f"refused: {refusal.message}")
        else:
            said.append(f"{type(parsed).__name__}, {len(parsed.refused)} refused")
    return "tables: " + "; ".join(said)


def outcome_in_child(number: int) -> str:
    """Return what came of one file; `DIED` when it took the process with it."""
    name, content = mutant(number)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        sandbox._limit()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            outcome = outcome_of(name, content)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it fails the test
            outcome = f"raised: {type(error).__name__}: {error}"
        os.write(writer, outcome[:2000].encode("utf-8", "replace"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    return said.decode() if status == 0 else DIED


def main() -> None:
    """Read the files from the first number to before the end."""
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        begun = time.monotonic()
        outcome = outcome_in_child(number)
        print(json.dumps([number, time.monotonic() - begun, outcome]))


if __name__ == "__main__":
    main()
