"""How an item of QTI is scored: the standard's templates, and rules that come to “all or nothing”. Pure.

Of own rules only those are taken that give one and the same mark for what is right: conditions of `match`,
`equal` within a tolerance, `stringMatch` and `mapResponse`, joined by `and` and `or`. All else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree.ElementTree import Element

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.qti.declarations import MOST_VALUES, number
from quizapp.bank.formats.xmltree import child, local, text_of
from quizapp.messages import M

_TEMPLATES = frozenset({"match_correct", "map_response"})
_IDLE = frozenset({"isNull", "isNotNull"})
MOST_RULES = 200


@dataclass(slots=True)
class Rule:
    """How one response is judged: against what is declared correct, a mapping, or texts in the rules."""

    is_correct: bool = False
    is_mapped: bool = False
    variants: list[str] = field(default_factory=list)
    tolerances: set[Decimal] = field(default_factory=set)


@dataclass(slots=True)
class Scoring:
    """The rules by response; `default` goes for those that no rule names."""

    rules: dict[str, Rule] = field(default_factory=dict)
    default: Rule | None = None
    worths: set[str] = field(default_factory=set)

    def of(self, identifier: str) -> Rule:
        """Return how a response is judged. Raises BadQuestion when it is not."""
        found = self.rules.get(identifier, self.default)
        if found is None:
            raise BadQuestion(M("有的作答没有评分规则：%(name)s", name=identifier[:40]))
        return found


def scoring(item: Element) -> Scoring:
    """Return how an item is scored. Raises BadQuestion."""
    processing = child(item, "responseProcessing")
    if processing is None:
        return Scoring(default=Rule(is_correct=True))
    template = processing.get("template", "").rstrip("/").rsplit("/", 1)[-1].removesuffix(".xml")
    if template and not len(processing):
        if template not in _TEMPLATES:
            raise BadQuestion(M("不认识的评分模板：%(name)s", name=template[:60]))
        mapped = template == "map_response"
        return Scoring(default=Rule(is_correct=not mapped, is_mapped=mapped))
    reader = _Reader()
    for element in processing:
        reader.take(element, None)
    if not reader.scoring.worths:
        return Scoring(default=Rule(is_correct=True))
    if len(reader.scoring.worths) > 1:
        raise BadQuestion(M("答案有不同的得分比例（部分给分），不能导入；本系统全对才得分。"))
    return reader.scoring


class _Reader:
    """Goes through rules of response processing."""

    def __init__(self) -> None:
        self.scoring = Scoring()
        self.count = 0

    def take(self, element: Element, condition: Element | None) -> None:
        self.count += 1
        if self.count > MOST_RULES:
            raise _unknown("responseProcessing")
        name = local(element)
        if name == "responseCondition":
            if condition is not None:
                raise _unknown(name)
            for branch in element:
                self._branch(branch)
        elif name == "setOutcomeValue":
            if _is_score(element.get("identifier", "")):
                self._set(element, condition)
        elif name != "exitResponse":
            raise _unknown(name)

    def _branch(self, branch: Element) -> None:
        held = list(branch)
        name = local(branch)
        if name == "responseElse":
            for element in held:
                self.take(element, branch)
        elif name in {"responseIf", "responseElseIf"} and held:
            for element in held[1:]:
                self.take(element, held[0])
        else:
            raise _unknown(name)

    def _set(self, element: Element, condition: Element | None) -> None:
        for worth in self._worths(element):
            if worth == "0":
                continue
            self.scoring.worths.add(worth)
            if worth != _MAPPED:
                if condition is None or local(condition) == "responseElse":
                    raise _unknown("setOutcomeValue")
                self._test(condition)

    def _worths(self, element: Element) -> Iterator[str]:
        """Yield what is given: a number, the most there is, or what mappings say."""
        for held in element:
            name = local(held)
            if name == "baseValue":
                worth = number(text_of(held))
                if worth < 0:
                    raise BadQuestion(M("答案有倒扣分，不能导入；本系统全对才得分，答错不扣分。"))
                yield f"{worth.normalize():f}" if worth else "0"
            elif name == "mapResponse":
                self._rule(held.get("identifier", "")).is_mapped = True
                yield _MAPPED
            elif name == "sum":
                yield from self._worths(held)
            elif name == "variable" and "MAX" in held.get("identifier", "").upper():
                yield _MOST
            elif not (name == "variable" and _is_score(held.get("identifier", ""))):
                raise _unknown(name)

    def _rule(self, identifier: str) -> Rule:
        return self.scoring.rules.setdefault(identifier, Rule())

    def _test(self, condition: Element) -> set[str]:
        """Take a condition for a mark; return the responses that it looks at."""
        name, held = local(condition), list(condition)
        if name in {"and", "or"}:
            looked_at = [found for found in (self._test(one) for one in held) if found]
            if name == "or" and len(set().union(*looked_at)) > 1:
                raise _unknown(name)
            return set().union(*looked_at)
        if name == "not" and len(held) == 1 and local(held[0]) in _IDLE:
            return set()
        if name not in {"match", "equal", "stringMatch", "gte", "gt"} or len(held) != 2:  # noqa: PLR2004 - both sides
            raise _unknown(name)
        return {self._comparison(name, condition, held)}

    def _comparison(self, name: str, condition: Element, held: list[Element]) -> str:
        held.sort(key=lambda one: local(one) not in {"variable", "mapResponse"})
        asked, wanted = held
        identifier = asked.get("identifier", "")
        rule = self._rule(identifier)
        if local(asked) == "mapResponse" and local(wanted) == "baseValue":
            rule.is_mapped = True
            return identifier
        if local(asked) != "variable" or name in {"gte", "gt"}:
            raise _unknown(name)
        if name == "equal":
            rule.tolerances.add(_tolerance(condition))
        elif name == "stringMatch" and condition.get("substring", "false") == "true":
            raise _unknown("substring")
        if local(wanted) == "correct" and wanted.get("identifier") == identifier:
            rule.is_correct = True
        elif local(wanted) == "baseValue" and len(rule.variants) < MOST_VALUES:
            rule.variants.append(text_of(wanted))
        else:
            raise _unknown(local(wanted))
        return identifier


_MAPPED, _MOST = "mapped", "most"


def _is_score(identifier: str) -> bool:
    name = identifier.upper()
    return "SCORE" in name and "MAX" not in name and "MIN" not in name


def _tolerance(element: Element) -> Decimal:
    """Return a tolerance that is the same on both sides, its ends within. Raises BadQuestion."""
    mode = element.get("toleranceMode", "exact")
    if mode == "exact":
        return Decimal(0)
    sides = {number(side) for side in element.get("tolerance", "").split()[:3]}
    ends = {element.get("includeLowerBound", "true"), element.get("includeUpperBound", "true")}
    if mode != "absolute" or len(sides) != 1 or min(sides) < 0 or ends != {"true"}:
        raise BadQuestion(M("误差范围只支持上下相同的绝对误差（absolute，含端点）。"))
    return sides.pop()


def _unknown(name: str) -> BadQuestion:
    return BadQuestion(M("自定义的评分规则（%(name)s）不能导入。", name=name[:60]))
