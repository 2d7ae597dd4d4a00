"""Reading a file of questions, whatever its format, in a child process with limits."""

from __future__ import annotations

import base64
from typing import Any

from quizapp.bank.documents import content_from, document
from quizapp.bank.formats.parsed import ParsedBank, ParsedQuestion
from quizapp.bank.formats.registry import format_of
from quizapp.files.pictures import Picture
from quizapp.imports import sandbox
from quizapp.imports.plans import problem_document
from quizapp.imports.tables import Problem
from quizapp.messages import Message


def read_bank(content: bytes, filename: str, format_name: str = "") -> ParsedBank:
    """Return the questions of a file. Raises UnreadableFile, also when it costs more than the limits."""
    found = sandbox.run("quizapp.bank.reading:read_here", content, filename, format_name)
    return ParsedBank(
        questions=tuple(
            ParsedQuestion(one["sheet"], one["row"], content_from(one["content"]))
            for one in found["questions"]
        ),
        refused=tuple(map(_problem, found["refused"])),
        repaired=tuple(map(_problem, found["repaired"])),
        pictures={
            digest: Picture(base64.b64decode(content), media_type)
            for digest, (media_type, content) in found["pictures"].items()
        },
    )


def read_here(content: bytes, filename: str, format_name: str) -> dict[str, Any]:
    """Return the same as plain JSON values. A reader, for the child process."""
    chosen = format_of(content, filename, format_name)
    if chosen.read_tables is not None:
        from quizapp.imports import spreadsheet  # noqa: PLC0415 - pandas is loaded in the child alone

        parsed = chosen.read_tables(spreadsheet.read_tables(content, filename, with_pictures=True))
    else:
        assert chosen.read is not None  # noqa: S101 - `format_of` gives what can be read
        parsed = chosen.read(content, filename)
    return {
        "questions": [
            {"sheet": one.sheet, "row": one.row, "content": document(one.content)} for one in parsed.questions
        ],
        "refused": [problem_document(problem) for problem in parsed.refused],
        "repaired": [problem_document(problem) for problem in parsed.repaired],
        "pictures": {
            digest: [picture.media_type, base64.b64encode(picture.content).decode()]
            for digest, picture in parsed.pictures.items()
        },
    }


def _problem(found: dict[str, Any]) -> Problem:
    text, values = found["reason"]
    return Problem(**{**found, "reason": Message(text, values)})
