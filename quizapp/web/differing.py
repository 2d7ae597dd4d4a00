"""What changed in a text, down to the words. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from quizapp.messages import Message

#: Words of Latin letters and digits stay whole; Chinese is compared sign by sign.
_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)
#: Beyond this a text is compared by lines: sign by sign would take minutes.
LONGEST = 6000
#: And beyond this it is shown whole.
MOST_LINES = 2000


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


def pieces(before: str, after: str) -> Iterator[Piece]:
    """Yield how one text became the other."""
    old, new = _split(before, after)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("equal", "".join(old[a:b]))
            continue
        if a < b:
            yield Piece("delete", "".join(old[a:b]))
        if c < d:
            yield Piece("insert", "".join(new[c:d]))


def _split(before: str, after: str) -> tuple[list[str], list[str]]:
    if len(before) + len(after) > LONGEST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        return (old, new) if len(old) + len(new) <= MOST_LINES else ([before], [after])
    return _PIECES.findall(before), _PIECES.findall(after)
