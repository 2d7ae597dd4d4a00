"""Reading a stranger's file in a child process with limits on memory, processor time and output.

The child is this module run by itself: ``python -m quizapp.imports.sandbox READER NAME < FILE``. It
answers with one JSON object: what was read, or the sentence that says why nothing was.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from quizapp.imports.tables import Table, UnreadableFile
from quizapp.messages import M, Message

MEMORY_BYTES = 1536 * 1024 * 1024
PROCESSOR_SECONDS = 30
WALL_SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]


def read_tables(content: bytes, filename: str) -> list[Table]:
    """Return the sheets of a file; raise UnreadableFile, also when it costs more than the limits."""
    return [_table(sheet) for sheet in run("quizapp.imports.sandbox:tables", content, filename)]


def run(reader: str, content: bytes, *arguments: str) -> Any:
    """Return what a reader, named as ``package.module:function``, makes of a file, as plain JSON values.

    It is called in a child process with the content and the arguments. Raises UnreadableFile.
    """
    command = [sys.executable, "-m", "quizapp.imports.sandbox", reader, *arguments]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
        "OPENBLAS_NUM_THREADS": "1",
    }
    try:
        child = subprocess.run(
            command, input=content, capture_output=True, timeout=WALL_SECONDS, check=False,
            env=environment, cwd=ROOT,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, ValueError) as error:  # a name with a NUL starts no process
        raise _too_costly() from error
    if child.returncode != 0:
        raise _too_costly()
    answer = json.loads(child.stdout)
    if "refused" in answer:
        text, values = answer["refused"]
        raise UnreadableFile(Message(text, values))
    return answer["read"]


def _too_costly() -> UnreadableFile:
    return UnreadableFile(M("文件过于庞大或已损坏，未能读完，什么也没有导入。请拆分或另存后再上传。"))


def _table(sheet: dict[str, Any]) -> Table:
    return Table(
        sheet["name"],
        tuple(tuple(row) for row in sheet["rows"]),
        {(row, column): oddity for row, column, oddity in sheet["odd"]},
    )


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tables(content: bytes, filename: str) -> list[dict[str, Any]]:
    """Return the sheets of a file as plain JSON values. A reader, for the child process."""
    from quizapp.imports import spreadsheet  # noqa: PLC0415 - pandas is loaded in the child alone

    return [
        {
            "name": table.sheet,
            "rows": table.rows,
            "odd": [[*place, what] for place, what in table.odd.items()],
        }
        for table in spreadsheet.read_tables(content, filename)
    ]


def main() -> None:
    """Read standard input, write the answer."""
    _limit()
    module, function = sys.argv[1].split(":")
    reader = getattr(importlib.import_module(module), function)
    answer: dict[str, Any]
    try:
        answer = {"read": reader(sys.stdin.buffer.read(), *sys.argv[2:])}
    except UnreadableFile as error:
        answer = {"refused": error.message}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
