"""Reading a stranger's file in a child process with limits on memory, processor time and output.

The child is this module run by itself: ``python -m quizapp.imports.sandbox NAME < FILE``. It
answers with one JSON object: the tables, or the sentence that says why there are none.
"""

from __future__ import annotations

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
    command = [sys.executable, "-m", "quizapp.imports.sandbox", filename]
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
    except subprocess.TimeoutExpired as error:
        raise _too_costly() from error
    if child.returncode != 0:
        raise _too_costly()
    return _unpack(json.loads(child.stdout))


def _too_costly() -> UnreadableFile:
    return UnreadableFile(M("文件过于庞大或已损坏，未能读完，什么也没有导入。请拆分或另存后再上传。"))


def _unpack(answer: dict[str, Any]) -> list[Table]:
    if "refused" in answer:
        text, values = answer["refused"]
        raise UnreadableFile(Message(text, values))
    return [
        Table(
            sheet["name"],
            tuple(tuple(row) for row in sheet["rows"]),
            {(row, column): oddity for row, column, oddity in sheet["odd"]},
        )
        for sheet in answer["sheets"]
    ]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(content: bytes, filename: str) -> dict[str, Any]:
    from quizapp.imports import spreadsheet  # noqa: PLC0415 - pandas is loaded in the child alone

    try:
        tables = spreadsheet.read_tables(content, filename)
    except UnreadableFile as error:
        return {"refused": error.message}
    return {
        "sheets": [
            {
                "name": table.sheet,
                "rows": table.rows,
                "odd": [[*place, what] for place, what in table.odd.items()],
            }
            for table in tables
        ]
    }


def main() -> None:
    """Read standard input, write the answer."""
    _limit()
    answer = _answer(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
