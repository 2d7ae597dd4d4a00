"""All lines of a typed bank with what each looks like, so that a line is judged by those around it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from quizapp.bank.formats.text import slots
from quizapp.bank.formats.text.collected import long_answer, short_answers
from quizapp.bank.formats.text.labels import ANSWER, split_labels
from quizapp.bank.formats.text.lines import NAMED, Kind, Line, Numbered, heading_of, kind_and_rest, numbered
from quizapp.bank.formats.text.options import letter_of, split_stem
from quizapp.messages import Message

#: So far is looked ahead for the options and the answer of a question.
FARTHEST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """A line that is not blank."""

    number: int
    text: str
    fault: Message | None
    heading: Kind | None
    numbered: Numbered | None
    is_after_blank: bool


class Looks:
    """The lines that are not blank, in order."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.lines: list[Look] = []
        is_after_blank = False
        for line in lines:
            text = line.text.replace("\ufeff", "").strip()
            if text or line.fault:
                self.lines.append(
                    Look(line.number, text, line.fault, heading_of(text), numbered(text), is_after_blank)
                )
            is_after_blank = not text
        self.starts = [0, *(place for place, look in enumerate(self.lines) if look.heading)]
        found = [self._style(*ends) for ends in pairwise([*self.starts, len(self.lines)])]
        #: How questions are numbered that no heading stands above, "" when no question has a number.
        self.style = next((style for style in found if style), "")
        self.styles = [style or self.style for style in found]

    def _style(self, start: int, end: int) -> str:
        """Return how the first question under a heading is numbered, "" when there is none."""
        for place in range(start, end):
            number = None if self.lines[place].heading else self.lines[place].numbered
            if number and self.is_like_question(place, number.style):
                return number.style
        return ""

    def style_at(self, place: int) -> str:
        """Return how questions are numbered under the heading above a place."""
        return self.styles[bisect_right(self.starts, place) - 1]

    def text_at(self, place: int) -> str:
        """Return the text at a place, "" behind the end."""
        return self.lines[place].text if place < len(self.lines) else ""

    def is_like_question(self, place: int, style: str) -> bool:
        """Say whether a numbered line has options, an answer or a place for one before the next number."""
        found = self.lines[place].numbered
        rest = found.rest if found else self.lines[place].text
        if slots.has_slot(rest) or split_stem(rest)[1] or _has_answer(rest):
            return True
        for look in self.lines[place + 1 : place + FARTHEST]:
            if look.heading or (look.numbered and look.numbered.style in {style, NAMED}):
                return False
            if letter_of(look.text) == "A" or _has_answer(look.text):
                return True
        return False

    def has_options(self, place: int) -> bool:
        """Say whether options follow before the next number."""
        for look in self.lines[place + 1 : place + FARTHEST]:
            if look.heading or look.numbered:
                return False
            if letter_of(look.text) == "A":
                return True
        return bool(split_stem(self.lines[place].text)[1])

    def has_parts(self, place: int) -> bool:
        """Say whether questions numbered in another way follow before the next number."""
        style = self.style_at(place)
        for look in self.lines[place + 1 : place + FARTHEST]:
            if look.heading or (look.numbered and look.numbered.style in {style, NAMED}):
                return False
            if look.numbered:
                return True
        return False

    def is_collected(self, place: int) -> bool:
        """Say whether the line is one of collected answers."""
        if place >= len(self.lines):
            return False
        look = self.lines[place]
        if look.heading:
            return bool(self.text_at(place + 1)) and not self.lines[place + 1].heading and (
                self.is_collected(place + 1)
            )  # fmt: skip
        if short_answers(kind_and_rest(look.text)[1]) or short_answers(look.text):
            return True
        return bool(long_answer(look.text)) and not self.has_options(place)


def _has_answer(text: str) -> bool:
    return any(label == ANSWER for label, _ in split_labels(text))
