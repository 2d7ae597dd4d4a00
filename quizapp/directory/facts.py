"""What is registered of an enterprise, and the rules that it must keep. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quizapp.directory import uscc
from quizapp.directory.roles import Scale, scale_of
from quizapp.directory.trades import TRADES
from quizapp.errors import Invalid
from quizapp.messages import M

LONGEST_NAME = 120
LONGEST_REASON = 200
MOST_REVENUE_WAN = Decimal(10) ** 9


class ScaleUnknown(Invalid):
    """Neither revenue nor a size set by hand is given."""

    def __init__(self) -> None:
        super().__init__(M("请填写年主营业务收入，或手工确定规模并写明理由。"))


class ReasonMissing(Invalid):
    """A size set by hand and a state other than operating need a reason."""

    def __init__(self) -> None:
        super().__init__(M("请写明理由。"))


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseFacts:
    """What is registered of an enterprise. Revenue in 10,000 yuan a year."""

    uscc: str
    name: str
    region_id: int
    member_unit_id: int | None = None
    trade: str | None = None
    revenue_wan: Decimal | None = None
    self_employed: bool = False
    scale: Scale
    #: Why `scale` is not what the revenue gives; None when it is.
    scale_reason: str | None = None


def decide_scale(
    revenue_wan: Decimal | None, *, self_employed: bool, by_hand: Scale | None, reason: str
) -> tuple[Scale, str | None]:
    """Return the size and, when it was set by hand, why.

    Self-employed units are always below (the notice's footnote), whatever is set. Raises ScaleUnknown
    and ReasonMissing.
    """
    if self_employed:
        return Scale.BELOW, None
    if by_hand is None:
        if revenue_wan is None:
            raise ScaleUnknown
        return scale_of(revenue_wan, self_employed=False), None
    if revenue_wan is not None and scale_of(revenue_wan, self_employed=False) is by_hand:
        return by_hand, None
    if not reason.strip():
        raise ReasonMissing
    return by_hand, reason.strip()


def check_facts(facts: EnterpriseFacts) -> None:
    """Raise Invalid when something registered of an enterprise cannot be."""
    if not uscc.is_valid(facts.uscc):
        raise Invalid(M("统一社会信用代码不正确：应为 18 位，且最后一位校验码要相符。"))
    if not 0 < len(facts.name) <= LONGEST_NAME:
        raise Invalid(M("请填写企业名称，最多 %(most)s 字。", most=LONGEST_NAME))
    if facts.trade is not None and facts.trade not in TRADES:
        raise Invalid(M("没有这个行业门类，请从国民经济行业分类中选择。"))
    if facts.revenue_wan is not None and not 0 <= facts.revenue_wan < MOST_REVENUE_WAN:
        raise Invalid(M("年主营业务收入应为不小于 0 的数，单位是万元。"))
    if facts.scale_reason and len(facts.scale_reason) > LONGEST_REASON:
        raise Invalid(M("理由最多 %(most)s 字。", most=LONGEST_REASON))
