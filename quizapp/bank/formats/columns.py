"""Which column of a sheet holds what of a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quizapp.bank.formats import headings as h
from quizapp.imports.rows import Layout, find_layout
from quizapp.imports.tables import Table, column_letter
from quizapp.messages import M, Message

#: What makes a row of headings: a stem, and an answer in one of its forms.
_COMPLETE = ((h.STEM, h.KEY), (h.STEM, f"{h.KEY}:0"), (h.STEM, f"{h.RIGHT}:0"), (h.STEM, h.REFERENCE))
#: What shows that questions are meant, though a column is missing.
_MEANT = (
    (h.STEM, h.TYPE), (h.STEM, f"{h.OPTION}:0"), (h.STEM, h.OPTIONS), (h.KEY, f"{h.OPTION}:0"),
    (h.KEY, h.OPTIONS), (h.KEY, h.TYPE),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns (from 1) by field; where there may be several, in the order of the options."""

    layout: Layout
    options: tuple[int, ...]
    right: tuple[int, ...]
    option_pictures: tuple[int, ...]
    keys: tuple[int, ...]
    categories: tuple[int, ...]
    #: Whether the options' headings are numbers.
    counted: bool


class NoColumns(ValueError):
    """The headings cannot be used; `row` is where they stand."""

    def __init__(self, message: Message, row: int, column: str = "") -> None:
        super().__init__(str(message))
        self.message, self.row, self.column = message, row, column


def find_columns(table: Table) -> Columns | None:
    """Return where everything stands; None when the sheet holds no questions. Raises NoColumns."""
    for needed in _COMPLETE:
        layout = find_layout(table, h.field_of, needed)
        if layout is not None:
            return _columns(table, _lower(table, layout, needed))
    for meant in _MEANT:
        layout = find_layout(table, h.field_of, meant)
        if layout is not None:
            missing = M("答案") if h.STEM in meant else M("题干")
            raise NoColumns(
                M("表头没有“%(missing)s”一栏，请补上后再上传。", missing=[missing]), layout.heading_row
            )
    return None


def _lower(table: Table, layout: Layout, needed: Sequence[str]) -> Layout:
    """Headings in two rows: the lower one names more columns."""
    below = Table(table.sheet, ((),) * layout.heading_row + table.rows[layout.heading_row :][:1])
    lower = find_layout(below, h.field_of, needed)
    return lower if lower and len(lower.columns) > len(layout.columns) else layout


def _columns(table: Table, layout: Layout) -> Columns:
    options = _in_order(layout, h.OPTION)
    names = table.rows[layout.heading_row - 1]
    places = [place for place, _ in options]
    if places != list(range(len(places))):
        absent = next(place for place in range(len(places)) if place not in places)
        column = options[min(absent, len(options) - 1)][1]
        raise NoColumns(
            M("表头缺少选项%(letter)s，请补上后再上传。", letter=chr(ord("A") + absent)),
            layout.heading_row,
            column_letter(column),
        )
    return Columns(
        layout=layout,
        options=tuple(column for _, column in options),
        right=tuple(column for _, column in _in_order(layout, h.RIGHT)),
        option_pictures=tuple(dict(_in_order(layout, h.OPTION_PICTURE)).get(place, 0) for place in places),
        keys=tuple(column for _, column in _in_order(layout, h.KEY)),
        categories=tuple(
            column for field, column in layout.columns.items() if field.startswith(f"{h.CATEGORY}:")
        ),
        counted=bool(options) and all(h.counts_options(names[column - 1]) for _, column in options),
    )


def _in_order(layout: Layout, field: str) -> list[tuple[int, int]]:
    """Return place and column of everything that belongs to an option."""
    return sorted(
        (int(name.split(":")[1]), column)
        for name, column in layout.columns.items()
        if name.startswith(f"{field}:")
    )
