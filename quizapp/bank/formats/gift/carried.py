"""What GIFT has no field for, as JSON in a comment above the question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quizapp.bank.documents import blank_document, blank_from
from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.gift.syntax import CARRIER
from quizapp.bank.formats.headings import ROLE_WORDS
from quizapp.bank.questions import Blank, Difficulty, QuestionContent
from quizapp.messages import M

LONGEST = 200_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Which of how many GIFT questions this is that make up one, and the text that they have in common."""

    number: int
    of: int
    text: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one comment holds."""

    source: str = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    roles: tuple[str, ...] = ()
    #: In place of what GIFT says, when GIFT cannot say it exactly.
    tags: tuple[str, ...] | None = None
    code: str | None = None
    blank: Blank | None = None
    #: It is filled in, though it looks like matching.
    fills: bool = False
    part: Piece | None = None
    space: Piece | None = None


NOTHING = Carried()


def of_content(content: QuestionContent) -> dict[str, Any]:
    """Return the fields of a question that GIFT has no place for."""
    found = {"source": content.source, "roles": list(content.roles)}
    if content.difficulty is not Difficulty.MEDIUM:
        found["difficulty"] = content.difficulty.value
    return {name: value for name, value in found.items() if value}


def of_piece(number: int, of: int, text: str, explanation: str = "") -> dict[str, Any]:
    """Return a piece's place among the others; the first carries what they have in common."""
    found: dict[str, Any] = {"number": number, "of": of}
    return {**found, "text": text, "explanation": explanation} if number == 1 else found


def of_blank(blank: Blank) -> dict[str, Any]:
    """Return a blank exactly."""
    return blank_document(blank)


def comment(found: Mapping[str, Any]) -> str:
    """Return the comment, in which nothing looks like an id or a tag of Moodle's."""
    if not found:
        return ""
    text = json.dumps(found, ensure_ascii=False)
    return CARRIER + text.replace("[id:", "\\u005bid:").replace("[tag:", "\\u005btag:")


def read_comment(text: str) -> Carried:
    """Return what a comment holds. Raises BadQuestion when it is none of ours."""
    if not text:
        return NOTHING
    try:
        return _Fields(json.loads(text[:LONGEST])).carried()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ArithmeticError) as error:
        raise BadQuestion(M("题目上方的 quizapp 注释被改动过，请重新导出。")) from error


@dataclass
class _Fields:
    """Takes the fields out of a JSON object; TypeError or ValueError for what they cannot be."""

    found: dict[str, Any] = field(default_factory=dict)

    def carried(self) -> Carried:
        blank = self.found.get("blank")
        tags, code = self.found.get("tags"), self.found.get("code")
        return Carried(
            source=_text(self.found.get("source", "")),
            difficulty=Difficulty(self.found.get("difficulty", Difficulty.MEDIUM)),
            roles=_roles(self.found.get("roles", [])),
            tags=None if tags is None else _texts(tags),
            code=None if code is None else _text(code),
            blank=None if blank is None else _blank(blank),
            fills=self.found.get("fills") is True,
            part=self._piece("part"),
            space=self._piece("space"),
        )

    def _piece(self, name: str) -> Piece | None:
        found = self.found.get(name)
        if found is None:
            return None
        number, of = int(found["number"]), int(found["of"])
        return Piece(number, of, _text(found.get("text", "")), _text(found.get("explanation", "")))


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(found)
    return found


def _texts(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise TypeError(found)
    return tuple(map(_text, found))


def _roles(found: Any) -> tuple[str, ...]:
    roles: Sequence[str] = _texts(found)
    if not set(roles) <= set(ROLE_WORDS.values()):
        raise ValueError(roles)
    return tuple(roles)


def _blank(found: Any) -> Blank:
    _texts(found["accepted"])
    return blank_from(found)
