"""Paging of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Row = TypeVar("Row")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list; `number` counts from 1."""

    rows: Sequence[Row]
    total: int
    number: int
    per_page: int = PER_PAGE

    @property
    def last(self) -> int:
        """Return the number of the last page, at least 1."""
        return max(1, -(-self.total // self.per_page))

    @property
    def first_row(self) -> int:
        """Return the place of the page's first row in the whole list, from 1; 0 when it is empty."""
        return (self.number - 1) * self.per_page + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """Return the place of the page's last row in the whole list."""
        return (self.number - 1) * self.per_page + len(self.rows)


def asked_page() -> int:
    """Return the page number in the address, 1 when it is missing or nonsense."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 8 else 1  # noqa: PLR2004
