"""What one revision of a question changed: field by field, down to the words. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from quizapp.bank.matching import FIELD_NAMES
from quizapp.bank.questions import QuestionContent
from quizapp.bank.wording import accepted, letters
from quizapp.messages import M, Message

#: Words of Latin letters and digits stay whole; Chinese is compared sign by sign.
_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed ("equal"), came in ("insert") or went ("delete")."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that changed, in pieces."""

    field: Message
    pieces: tuple[Piece, ...]


def differences(before: QuestionContent, after: QuestionContent) -> list[Difference]:
    """Return what changed, in the order of the fields."""
    return [
        Difference(name, tuple(_pieces(old, new)))
        for (name, old), (_, new) in zip(_fields(before), _fields(after), strict=True)
        if old != new
    ]


def _fields(content: QuestionContent) -> Iterator[tuple[Message, str]]:
    texts = {
        "type": content.type.value,
        "stem": content.stem,
        "options": "\n".join(f"{letters([place])}. {text}" for place, text in enumerate(content.options)),
        "key": letters(content.key),
        "blanks": accepted(content.blanks),
        "parts": "\n\n".join(map(_part, content.parts)),
        "explanation": content.explanation,
        "source": content.source,
        "tags": "、".join(content.tags),
        "difficulty": content.difficulty.value,
        "roles": "、".join(content.roles),
    }
    for name, field in FIELD_NAMES.items():
        yield field, texts[name]
    yield M("编号"), content.code


def _part(part: QuestionContent) -> str:
    options = "\n".join(f"{letters([place])}. {text}" for place, text in enumerate(part.options))
    right = letters(part.key) or accepted(part.blanks)
    return "\n".join(line for line in (part.stem, options, right, part.explanation) if line)


def _pieces(before: str, after: str) -> Iterator[Piece]:
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("equal", "".join(old[a:b]))
            continue
        if a < b:
            yield Piece("delete", "".join(old[a:b]))
        if c < d:
            yield Piece("insert", "".join(new[c:d]))
