"""How values look on a page: filters for the templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import format_datetime, format_decimal

from quizapp.messages import M, Message
from quizapp.web.devices import device_name
from quizapp.web.language import gettext

ROLE_NAMES = {
    "key_post": M("关键岗位人员"),
    "safety_manager": M("安全管理人员"),
    "principal": M("主要负责人"),
}
SCALE_NAMES = {"above": M("规上"), "below": M("规下")}
GRANT_NAMES = {
    "district_administrator": M("区安委办管理员"),
    "town_staff": M("镇街工作人员"),
    "member_unit_staff": M("成员单位人员"),
    "enterprise_contact": M("企业联络员"),
    "content_editor": M("内容编辑"),
    "auditor": M("督查员"),
}
REGION_KIND_NAMES = {"district": M("区"), "town": M("镇"), "zone": M("开发区"), "street": M("街道")}
STATE_NAMES = {"operating": M("正常经营"), "suspended": M("停业"), "closed": M("注销")}
TYPE_NAMES = {
    "single": M("单选题"),
    "multiple": M("多选题"),
    "true_false": M("判断题"),
    "fill_in": M("填空题"),
    "case": M("案例题"),
}
REPORT_NAMES = {
    "wrong_key": M("答案有误"),
    "outdated": M("依据过时"),
    "unclear": M("题意不清"),
    "typo": M("错别字"),
    "other": M("其他"),
}
QUESTION_STATE_NAMES = {"active": M("使用中"), "retired": M("已停用")}
DIFFICULTY_NAMES = {"easy": M("易"), "medium": M("中"), "hard": M("难")}
SCORING_NAMES = {"all_or_nothing": M("全对才得分"), "partial": M("部分得分")}
MODULE_KIND_NAMES = {"article": M("文章"), "link": M("链接"), "document": M("文档"), "video": M("视频")}
MODULE_STATE_NAMES = {"published": M("已发布"), "scheduled": M("定时发布"), "draft": M("未发布")}
NO_VALUE = "—"


def percent(done: int, of: int) -> str:
    """Return the share rounded half up to one digit, but 100 only when nothing is left; “—” of nothing."""
    if of == 0:
        return NO_VALUE
    tenths = (2000 * done + of) // (2 * of)
    if done < of:
        tenths = min(tenths, 999)
    return f"{tenths // 10}.{tenths % 10}%"


def clock_time(value: datetime | None) -> str:
    """Return day and time in the district's zone."""
    return NO_VALUE if value is None else str(format_datetime(value, "yyyy-MM-dd HH:mm"))


def day(value: datetime | None) -> str:
    """Return the day in the district's zone."""
    return NO_VALUE if value is None else str(format_datetime(value, "yyyy-MM-dd"))


def said(message: Message | list[Any] | tuple[Any, ...]) -> str:
    """Return a message, or one kept as JSON, in the page's language."""
    text, values = message
    return Message(text, dict(values)).render(gettext)


def masked(phone: str) -> str:
    """Return a phone number without its middle: 138****1234; “—” of somebody who is anonymised."""
    if not phone.isdecimal():
        return NO_VALUE
    return f"{phone[:3]}****{phone[-4:]}"


def minutes(milliseconds: int) -> str:
    """Return whole minutes and seconds, such as 3:05."""
    seconds = milliseconds // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def named(names: dict[str, Message]) -> Callable[[str], str]:
    """Return a filter that looks a value up and says it in the page's language."""
    return lambda value: names[value].render(gettext)


FILTERS: dict[str, Callable[..., str]] = {
    "clock_time": clock_time,
    "day": day,
    "device": device_name,
    "difficulty": named(DIFFICULTY_NAMES),
    "grant": named(GRANT_NAMES),
    "masked": masked,
    "minutes": minutes,
    "module_kind": named(MODULE_KIND_NAMES),
    "module_state": named(MODULE_STATE_NAMES),
    "number": lambda value: str(format_decimal(value)),
    "question_state": named(QUESTION_STATE_NAMES),
    "question_type": named(TYPE_NAMES),
    "region_kind": named(REGION_KIND_NAMES),
    "report_kind": named(REPORT_NAMES),
    "role": named(ROLE_NAMES),
    "said": said,
    "scale": named(SCALE_NAMES),
    "scoring": named(SCORING_NAMES),
    "state": named(STATE_NAMES),
}
