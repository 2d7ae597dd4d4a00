"""What an import would do: counted, listed, comparable."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from quizapp.imports.tables import Problem

#: Called with how many rows are compared, and of how many.
Tick = Callable[[int, int], None]


def no_tick(_done: int, _of: int) -> None:
    """Tell nobody."""


class Fate(StrEnum):
    """What becomes of one row."""

    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    LEFT = "left"
    SAME = "same"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


#: Why a clerk should look at a row: the bank holds another key for it, or something very like it is there.
Flag = str
CONFLICT, ALIKE = "conflict", "alike"

#: The fates that write something.
WRITTEN = frozenset({Fate.NEW, Fate.CHANGED, Fate.MOVED, Fate.LEFT})


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRow:
    """One row of the file with its fate. `content` is what it becomes, as the format's own document.

    `note` says what a changed row changes, or which row a duplicate repeats; `flag` marks a row that the
    clerk should look at and may leave out.
    """

    fate: Fate
    sheet: str
    row: int
    title: str
    content: dict[str, Any] = field(default_factory=dict)
    note: list[Any] | None = None
    flag: Flag = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows with their fates, what is refused and what was repaired.

    `carried` is what the importer brings along beside the rows, such as pictures by digest.
    """

    rows: tuple[PlannedRow, ...]
    refused: tuple[Problem, ...]
    repaired: tuple[Problem, ...] = ()
    carried: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def count(self, fate: Fate) -> int:
        """Return how many rows have this fate."""
        if fate is Fate.REFUSED:
            places = {(problem.sheet, problem.row) for problem in self.refused}
            return len(places)
        return sum(row.fate is fate for row in self.rows)

    @property
    def can_be_applied(self) -> bool:
        """Say whether nothing is refused: an import is applied whole or not at all."""
        return not self.refused

    @property
    def changes_something(self) -> bool:
        """Say whether applying would write anything."""
        return any(row.fate in WRITTEN for row in self.rows)

    def summary(self) -> dict[str, Any]:
        """Return what stands above the rows, as plain JSON values."""
        return {
            "counts": {fate.value: self.count(fate) for fate in Fate},
            "repaired": [problem_document(problem) for problem in self.repaired],
            "digest": self.digest,
        }

    def documents(self) -> Iterator[tuple[Fate, dict[str, Any]]]:
        """Yield every row with its fate as plain JSON values, the refused ones first."""
        for problem in self.refused:
            yield Fate.REFUSED, problem_document(problem)
        for row in self.rows:
            yield (
                row.fate,
                {
                    "sheet": row.sheet,
                    "row": row.row,
                    "title": row.title,
                    "content": row.content,
                    "note": row.note,
                    "flag": row.flag,
                },
            )

    def leaving_out(self, positions: Collection[int]) -> Plan:
        """Return the plan without the rows at these positions in `documents`."""
        refused = len(self.refused)
        kept = [row for place, row in enumerate(self.rows, start=refused) if place not in positions]
        return replace(self, rows=tuple(kept))

    def good_rows_only(self) -> Plan:
        """Return the plan without what is refused."""
        return replace(self, refused=())

    @property
    def digest(self) -> str:
        """Return what two equal plans share (SHA-256, hex)."""
        hashed = hashlib.sha256()
        for fate, document in self.documents():
            hashed.update(json.dumps([fate, document], ensure_ascii=False, sort_keys=True).encode())
        return hashed.hexdigest()


def first_fate(counts: Mapping[str, int]) -> Fate:
    """Return what the clerk must see first: refusals, then what leaves and changes."""
    order = (
        Fate.REFUSED, Fate.LEFT, Fate.MOVED, Fate.CHANGED, Fate.NEW, Fate.DUPLICATE, Fate.SAME,
    )  # fmt: skip
    return next((fate for fate in order if counts.get(fate)), Fate.NEW)


def problem_document(problem: Problem) -> dict[str, Any]:
    """Return a problem as plain JSON values; `reason` stays a catalogue text with its values."""
    return {
        "sheet": problem.sheet,
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "reason": [problem.reason.text, problem.reason.values],
    }
