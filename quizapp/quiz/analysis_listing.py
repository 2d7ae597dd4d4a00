"""The items of a bank as rows: filtered, sorted, and as columns on their way out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from quizapp.bank.questions import QuestionType
from quizapp.messages import M
from quizapp.quiz.item_analysis import Concern, Figures, OptionFigures

LETTERS = "ABCDEFGH"
CONCERN_NAMES = MappingProxyType(
    {
        Concern.LOW_DISCRIMINATION: M("区分度低"),
        Concern.TOO_HARD: M("过难"),
        Concern.TOO_EASY: M("过易"),
        Concern.IDLE_DISTRACTOR: M("有干扰项无人选"),
        Concern.MISLEADING_DISTRACTOR: M("高分者多选了干扰项"),
    }
)
#: What the list may be ordered by; what has no value stands last either way.
SORTS = ("question", "used", "facility", "discrimination", "correlation", "seconds", "concerns")
HEADINGS = (
    M("编号"),
    M("题型"),
    M("题干"),
    M("小题"),
    M("计入的版本"),
    M("使用次数"),
    M("得分率（百分比）"),
    M("区分度"),
    M("题总相关"),
    M("未答"),
    *(M("选项%(letter)s", letter=letter) for letter in LETTERS),
    M("正确选项"),
    M("用时中位数（秒）"),
    M("提示"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRow:
    """An item with its figures over the revisions since its key last changed, and of each one by itself."""

    question_id: int
    #: Which part of a case, from 0; None for a question that stands alone.
    part: int | None
    code: str
    type: str
    stem: str
    #: Numbers of the revisions that the figures are summed over.
    revisions: tuple[int, ...]
    figures: Figures
    #: By the number of the revision, those before the key changed included.
    by_revision: Mapping[int, Figures]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked of the list: "" and None do not narrow."""

    text: str = ""
    type: QuestionType | None = None
    concern: Concern | None = None
    sort: str = "question"
    is_descending: bool = False


def row_document(row: ItemRow) -> dict[str, Any]:
    """Return a row as it is kept."""
    return {
        **{name: getattr(row, name) for name in ("question_id", "part", "code", "type", "stem")},
        "revisions": list(row.revisions),
        "figures": asdict(row.figures),
        "by_revision": {str(number): asdict(found) for number, found in row.by_revision.items()},
    }


def row_from(kept: Mapping[str, Any]) -> ItemRow:
    """Return the row that `row_document` wrote down."""
    return ItemRow(
        **{name: kept[name] for name in ("question_id", "part", "code", "type", "stem")},
        revisions=tuple(kept["revisions"]),
        figures=_figures(kept["figures"]),
        by_revision={int(number): _figures(found) for number, found in kept["by_revision"].items()},
    )


def _figures(kept: Mapping[str, Any]) -> Figures:
    values = dict(kept)
    return Figures(
        options=tuple(OptionFigures(**option) for option in values.pop("options")),
        concerns=tuple(map(Concern, values.pop("concerns"))),
        **values,
    )


def selected(rows: Iterable[ItemRow], asked: Asked) -> list[ItemRow]:
    """Return the rows that are asked for, in the order that is asked for."""
    found = [row for row in rows if _matches(row, asked)]
    value = _VALUES[asked.sort]
    known = [row for row in found if value(row) is not None]
    unknown = [row for row in found if value(row) is None]
    return sorted(known, key=value, reverse=asked.is_descending) + unknown


def _matches(row: ItemRow, asked: Asked) -> bool:
    return (
        (not asked.text or asked.text in row.stem or asked.text in row.code)
        and asked.type in {None, row.type}
        and (asked.concern is None or asked.concern in row.figures.concerns)
    )


_VALUES: Mapping[str, Callable[[ItemRow], Any]] = {
    "question": lambda row: (row.question_id, row.part or 0),
    "used": lambda row: row.figures.used,
    "facility": lambda row: row.figures.facility,
    "discrimination": lambda row: row.figures.discrimination,
    "correlation": lambda row: row.figures.correlation,
    "seconds": lambda row: row.figures.seconds,
    "concerns": lambda row: len(row.figures.concerns),
}


def lines(
    rows: Iterable[ItemRow], type_names: Mapping[str, Any], translate: Callable[[str], str]
) -> Iterator[list[str | int | float | None]]:
    """Yield the cells of each row."""
    for row in rows:
        found = row.figures
        counts = [option.count for option in found.options]
        yield [
            row.code or str(row.question_id),
            type_names[row.type].render(translate),
            row.stem,
            None if row.part is None else row.part + 1,
            " ".join(map(str, row.revisions)),
            found.used,
            None if found.facility is None else round(100 * found.facility, 1),
            _two_digits(found.discrimination),
            _two_digits(found.correlation),
            found.left_open,
            *counts,
            *[None] * (len(LETTERS) - len(counts)),
            key_letters(found.options),
            found.seconds,
            translate("、").join(CONCERN_NAMES[concern].render(translate) for concern in found.concerns),
        ]


def key_letters(options: Sequence[OptionFigures]) -> str:
    """Return the letters of the right options, in the bank's own order."""
    return "".join(LETTERS[place] for place, option in enumerate(options) if option.is_key)


def _two_digits(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
