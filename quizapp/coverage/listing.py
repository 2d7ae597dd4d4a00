"""The completion list as columns: the same on the way out as .csv and .xlsx, on the page and by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import MappingProxyType

from quizapp.coverage.queries import ListRow
from quizapp.coverage.rates import Gap
from quizapp.coverage.selection import Status
from quizapp.messages import M, Message
from quizapp.web.display import ROLE_NAMES, SCALE_NAMES, masked
from quizapp.web.exports import Cell

STATUS_NAMES = MappingProxyType(
    {
        Status.COMPLETE: M("已完成"),
        Status.STUDIED: M("已学完，未合格"),
        Status.PASSED: M("已合格，未学完"),
        Status.STUDYING: M("学习中"),
        Status.UNTOUCHED: M("未开始"),
    }
)
GAP_NAMES = MappingProxyType(
    {Gap.MISSING_ROLE: M("缺岗"), Gap.UNFINISHED: M("未完成"), Gap.UNDER_DECLARED: M("少报")}
)

Translate = Callable[[str], str]
HEADINGS = (
    M("企业名称"),
    M("统一社会信用代码"),
    M("属地"),
    M("成员单位"),
    M("规模"),
    M("姓名"),
    M("手机号"),
    M("岗位类别"),
    M("状态"),
    M("列入应学时间"),
    M("学完时间"),
    M("合格时间"),
    M("完成时间"),
    M("得分（百分制）"),
)


def headings(translate: Translate = str) -> list[str]:
    """Return the column headings."""
    return [heading.render(translate) for heading in HEADINGS]


def lines(
    rows: Iterable[ListRow], translate: Translate = str, *, in_full: bool = False
) -> Iterator[list[Cell]]:
    """Yield the cells of each row; phone numbers without their middle unless `in_full`."""
    said = _translated(translate)
    for row in rows:
        yield [
            row.enterprise,
            row.uscc,
            row.region,
            row.member_unit,
            said[row.scale],
            row.name,
            row.phone if in_full else masked(row.phone),
            said[row.job_role],
            said[row.status],
            row.enrolled_at,
            row.studied_at,
            row.passed_at,
            row.completed_at,
            row.percent,
        ]


def _translated(translate: Translate) -> dict[str, str]:
    names: dict[str, Message] = {
        **ROLE_NAMES,
        **SCALE_NAMES,
        **{key.value: name for key, name in STATUS_NAMES.items()},
    }
    return {value: name.render(translate) for value, name in names.items()}
