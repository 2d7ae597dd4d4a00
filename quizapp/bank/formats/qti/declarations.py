"""What an item of QTI declares as right: responses, correct values and mappings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from xml.etree.ElementTree import Element

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.xmltree import child, children, text_of
from quizapp.bank.questions import MOST_OPTIONS, as_number
from quizapp.messages import M

MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a mapping gives for each value, within bounds."""

    values: Mapping[str, Decimal]
    default: Decimal
    lower: Decimal | None
    upper: Decimal | None
    exact_case: bool

    def score(self, chosen: Iterable[str]) -> Decimal:
        """Return what a choice of several values earns."""
        total = sum((self.values.get(value, self.default) for value in chosen), Decimal(0))
        if self.lower is not None:
            total = max(total, self.lower)
        return total if self.upper is None else min(total, self.upper)


@dataclass(frozen=True, slots=True)
class Response:
    """A declared response."""

    identifier: str
    cardinality: str
    base: str
    correct: tuple[str, ...]
    mapped: Mapped | None

    @property
    def is_number(self) -> bool:
        """Say whether what is entered is a number."""
        return self.base in {"float", "integer"}


def responses(item: Element) -> dict[str, Response]:
    """Return the declared responses by identifier. Raises BadQuestion."""
    found = {}
    for element in children(item, "responseDeclaration"):
        identifier = element.get("identifier", "")
        if identifier in found:
            raise BadQuestion(M("有两个同名的作答变量：%(name)s", name=identifier[:40]))
        holder = child(element, "correctResponse")
        correct = [] if holder is None else list(children(holder, "value"))
        found[identifier] = Response(
            identifier,
            element.get("cardinality", "single"),
            element.get("baseType", "identifier"),
            tuple(text_of(value) for value in _few(correct)),
            _mapped(child(element, "mapping")),
        )
    return found


def _few(found: Sequence[Element]) -> Sequence[Element]:
    if len(found) > MOST_VALUES:
        raise BadQuestion(M("一个空的答案太多，最多 %(most)s 个。", most=MOST_VALUES))
    return found


def _mapped(element: Element | None) -> Mapped | None:
    if element is None:
        return None
    entries = _few(list(children(element, "mapEntry")))
    return Mapped(
        {entry.get("mapKey", ""): number(entry.get("mappedValue", "0")) for entry in entries},
        number(element.get("defaultValue", "0")),
        _bound(element.get("lowerBound")),
        _bound(element.get("upperBound")),
        any(entry.get("caseSensitive", "false") == "true" for entry in entries),
    )


def _bound(text: str | None) -> Decimal | None:
    return None if text is None else number(text)


def number(text: str) -> Decimal:
    """Return a number of the scoring. Raises BadQuestion."""
    found = as_number(text[:40])
    if found is None or abs(found.adjusted()) > MOST_VALUES:
        raise BadQuestion(M("评分规则里的数不对：%(value)s", value=text[:40]))
    return found


def chosen(response: Response, options: Sequence[str], *, is_mapped: bool) -> tuple[tuple[int, ...], Decimal]:
    """Return the key among the options by identifier, and what it earns. Raises BadQuestion."""
    right = set(response.correct)
    earned = Decimal(1)
    if is_mapped:
        if response.mapped is None:
            raise BadQuestion(M("评分规则用了对应表，题里却没有对应表。"))
        right = right or {value for value, worth in response.mapped.values.items() if worth > 0}
        earned = _whole(response.mapped, right, options, is_single=response.cardinality == "single")
    unknown = right - set(options)
    if unknown:
        raise BadQuestion(M("答案没有对应的选项。"))
    return tuple(place for place, option in enumerate(options) if option in right), earned


def _whole(mapped: Mapped, right: set[str], options: Sequence[str], *, is_single: bool) -> Decimal:
    """Return what the whole key earns when nothing else earns anything. Raises BadQuestion."""
    earned = mapped.score(right)
    sizes = [1] if is_single else range(min(len(options), MOST_OPTIONS) + 1)
    scores = {
        mapped.score(found) for size in sizes for found in combinations(options, size) if set(found) != right
    }
    if any(score < 0 for score in scores):
        raise BadQuestion(M("答案有倒扣分，不能导入；本系统全对才得分，答错不扣分。"))
    if earned <= 0 or any(score > 0 for score in scores):
        raise BadQuestion(M("答案有不同的得分比例（部分给分），不能导入；本系统全对才得分。"))
    return earned


def accepted(response: Response) -> tuple[tuple[str, ...], Decimal]:
    """Return the texts that a mapping takes as right, and what each earns. Raises BadQuestion."""
    if response.mapped is None:
        raise BadQuestion(M("评分规则用了对应表，题里却没有对应表。"))
    worths = {response.mapped.score([value]) for value in response.mapped.values}
    if response.mapped.default < 0 or any(worth < 0 for worth in worths):
        raise BadQuestion(M("答案有倒扣分，不能导入；本系统全对才得分，答错不扣分。"))
    earned = {worth for worth in worths if worth > 0}
    if len(earned) != 1 or response.mapped.default > 0:
        raise BadQuestion(M("答案有不同的得分比例（部分给分），不能导入；本系统全对才得分。"))
    found = [value for value in response.mapped.values if response.mapped.score([value]) > 0]
    return tuple(found), earned.pop()
