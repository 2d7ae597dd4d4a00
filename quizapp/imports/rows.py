"""Rows under headings: what every importer of tables needs. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quizapp.imports.tables import Problem, Table, column_letter
from quizapp.messages import M, Message

#: Titles and notes may stand above the headings.
ROWS_ABOVE_HEADINGS = 10
LONGEST_VALUE_SHOWN = 120
Value = TypeVar("Value")


class Refusal(Exception):
    """One reason why a row cannot be used, with the column (from 1) that it lies in."""

    def __init__(self, message: Message, column: int) -> None:
        super().__init__(str(message))
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column (from 1) holds which field, under which row of headings."""

    heading_row: int
    columns: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One row under its headings."""

    table: Table
    layout: Layout
    number: int
    cells: Sequence[str]

    def column(self, field: str) -> int:
        """Return the field's column, 0 when the table has none."""
        return self.layout.columns.get(field, 0)

    def at(self, column: int) -> str:
        """Return a column's text without the space around it."""
        return self.cells[column - 1].strip(" \t\r\n\u3000\xa0") if 0 < column <= len(self.cells) else ""

    def text(self, field: str, longest: int) -> str:
        """Return a field's text; refuse one that is too long."""
        found = self.at(self.column(field))
        if len(found) > longest:
            raise Refusal(M("文字过长，最多 %(most)s 字。", most=longest), self.column(field))
        return found

    def oddity(self, field: str) -> str:
        """Return what is odd about a field's cell: "date", "number", "error" or nothing."""
        return self.table.odd.get((self.number, self.column(field)), "")

    def problem(self, column: int, reason: Message) -> Problem:
        """Return what is wrong with a column of this row."""
        return Problem(
            reason=reason,
            sheet=self.table.sheet,
            row=self.number,
            column=column_letter(column),
            value=self.at(column)[:LONGEST_VALUE_SHOWN],
        )


class RowReader:
    """Reads a row's fields and takes down every one that cannot be used, not only the first."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.refusals: list[Refusal] = []

    def take(self, read: Callable[[Line], Value]) -> Value | None:
        """Return what `read` finds, None where it refuses."""
        try:
            return read(self.line)
        except Refusal as refusal:
            self.refusals.append(refusal)
            return None

    def problems(self) -> list[Problem]:
        """Return all that was taken down."""
        return [self.line.problem(refusal.column, refusal.message) for refusal in self.refusals]


def find_layout(table: Table, field_of: Callable[[str], str | None], needed: Sequence[str]) -> Layout | None:
    """Return where the headings stand and what they say; None when `needed` are not among them."""
    for number, row in table.numbered():
        if number > ROWS_ABOVE_HEADINGS:
            break
        columns: dict[str, int] = {}
        for column, heading in enumerate(row, start=1):
            field = field_of(heading)
            if field:
                columns.setdefault(field, column)
        if all(field in columns for field in needed):
            return Layout(number, columns)
    return None


def plain(text: str) -> str:
    """Return a heading or word ready for comparing: NFKC, no space, mark or bracketed note, lower case."""
    folded = unicodedata.normalize("NFKC", text).replace("\ufeff", "").replace("*", "")
    without_notes = re.sub(r"\([^()]*\)", "", folded)
    return re.sub(r"\s+", "", without_notes or folded).lower()


def words_of(synonyms: Mapping[str, str]) -> dict[str, str]:
    """Return each word with what it stands for, from lists of words by what they stand for."""
    return {word: meaning for meaning, words in synonyms.items() for word in words.split()}
