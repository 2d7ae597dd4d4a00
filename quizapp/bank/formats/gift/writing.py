"""GIFT out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quizapp.bank.formats.gift import carried
from quizapp.bank.formats.gift.joining import PARTING
from quizapp.bank.formats.gift.markup import to_html
from quizapp.bank.formats.gift.stems import blanked
from quizapp.bank.formats.gift.syntax import Entry, bracketed, escape
from quizapp.bank.questions import Blank, QuestionContent, QuestionType, as_number
from quizapp.files.pictures import Picture
from quizapp.files.references import digests_in

_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?")
#: What a text must not begin with, lest it be taken for a weight or the name of a format.
_MISLEADING = re.compile(r"\s*[%\[]")


def write(questions: Iterable[QuestionContent], pictures: Mapping[str, Picture]) -> bytes:
    """Return the questions as a file; the pictures by digest."""
    found = (entry for question in questions for entry in _entries(question, pictures))
    return ("\n\n".join(found) + "\n").encode("utf-8")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One GIFT question: itself, the one blank that it asks for, and what its comment carries."""

    content: QuestionContent
    carried: Mapping[str, Any]
    number: int
    blank: Blank | None = None


def _entries(question: QuestionContent, pictures: Mapping[str, Picture]) -> Iterator[str]:
    for number, piece in enumerate(_pieces(question), start=1):
        comments = "\n".join(line for line in _comments(question, piece, number) if line)
        body = _Body(piece, pictures).text(f"{question.code} {number}" if number > 1 else question.code)
        yield f"{comments}\n{body}" if comments else body


def _pieces(question: QuestionContent) -> Iterator[_Piece]:
    if question.type is not QuestionType.CASE:
        yield from _spaces(question, {}, "", question.explanation)
        return
    for number, part in enumerate(question.parts, start=1):
        piece = carried.of_piece(number, len(question.parts), question.stem, question.explanation)
        explanations = [text for text in (part.explanation, question.explanation) if text]
        yield from _spaces(part, {"part": piece}, question.stem + PARTING, PARTING.join(explanations))


def _spaces(
    question: QuestionContent, found: Mapping[str, Any], before: str, explanation: str
) -> Iterator[_Piece]:
    """Yield a GIFT question for each blank, or one for what has none or one."""
    for number, blank in enumerate(question.blanks or (None,), start=1):
        space, after = {}, ""
        if len(question.blanks) > 1 or (blank and blanked(question.stem) != question.stem):
            space = {"space": carried.of_piece(number, len(question.blanks), question.stem)}
            after = f"{PARTING}（请填写第 {number} 空）"
        content = QuestionContent(
            type=question.type,
            stem=f"{before}{question.stem}{after}",
            options=question.options,
            key=question.key,
            explanation=explanation,
        )
        yield _Piece(content, {**found, **space, **_exactly(blank)}, number, blank)


def _exactly(blank: Blank | None) -> dict[str, Any]:
    if blank is None:
        return {}
    if blank.tolerance is not None:
        is_plain = all(_NUMBER.fullmatch(text) for text in blank.accepted)
        return {} if is_plain else {"blank": carried.of_blank(blank)}
    return {"fills": True} if len(blank.accepted) > 1 and "->" in "".join(blank.accepted) else {}


def _comments(question: QuestionContent, piece: _Piece, number: int) -> Iterator[str]:
    tags = [bracketed("tag", tag) for tag in question.tags]
    code = [bracketed("id", question.code)] if question.code and number == 1 else []
    line = f"// {' '.join([*code, *tags])}"
    found = {**piece.carried, **(carried.of_content(question) if number == 1 else {})}
    read = Entry(0, "", (line,))
    if read.tags != question.tags:
        found["tags"] = list(question.tags)
    if number == 1 and read.id_number != question.code:
        found["code"] = question.code
    yield line if code or tags else ""
    yield carried.comment(found)


@dataclass(frozen=True, slots=True)
class _Body:
    """Writes the texts of one GIFT question."""

    piece: _Piece
    pictures: Mapping[str, Picture]

    def text(self, title: str) -> str:
        """Return the question with its answers."""
        content = self.piece.content
        name = f"::{escape(title)}::" if title else ""
        answers = "\n".join(f"\t{line}" for line in [*self._answers(), *self._general()])
        opening = "{#" if self.piece.blank and self.piece.blank.tolerance is not None else "{"
        return f"{name}[{self._form}]{escape(self._shown(content.stem))} {opening}\n{answers}\n}}"

    @property
    def _form(self) -> str:
        content = self.piece.content
        return "html" if digests_in([content.stem, content.explanation, *content.options]) else "plain"

    def _shown(self, text: str) -> str:
        return to_html(text, self.pictures) if self._form == "html" else text

    def _guarded(self, text: str) -> str:
        """Return a text that follows a sign, for certain not a weight and not a format."""
        shown = escape(self._shown(text))
        return f"[{self._form}]{shown}" if _MISLEADING.match(shown) else shown

    def _general(self) -> list[str]:
        explanation = self.piece.content.explanation
        return [f"####{self._guarded(explanation)}"] if explanation else []

    def _answers(self) -> list[str]:
        content, blank = self.piece.content, self.piece.blank
        if blank is not None:
            return _numbers(blank) if blank.tolerance is not None else _fillings(blank)
        if content.type is QuestionType.TRUE_FALSE:
            return ["TRUE" if content.key == (0,) else "FALSE"]
        return [f"{self._sign(place)}{self._guarded(option)}" for place, option in enumerate(content.options)]

    def _sign(self, place: int) -> str:
        """The shares of those that are right make up the whole; a wrong one costs all of it."""
        content = self.piece.content
        is_right = place in content.key
        if content.type is QuestionType.SINGLE:
            return "=" if is_right else "~"
        share = f"{100 / len(content.key):.5f}".rstrip("0").rstrip(".")
        return f"~%{share}%" if is_right else "~%-100%"


def _numbers(blank: Blank) -> list[str]:
    numbers = [text if _NUMBER.fullmatch(text) else str(as_number(text)) for text in blank.accepted]
    return [f"={number}:{blank.tolerance or Decimal(0)}" for number in numbers]


def _fillings(blank: Blank) -> list[str]:
    """A lone answer with an arrow goes without its sign: with it, it would be taken for matching."""
    lines = []
    for text in blank.accepted:
        sign = "" if "->" in text and len(blank.accepted) == 1 else "="
        weight = "%100%" if text.lstrip().startswith("%") else ""
        lines.append(f"{sign}{weight}{escape(text).replace('*', chr(92) + '*')}")
    return lines
