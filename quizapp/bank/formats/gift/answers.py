"""What stands between the braces of a GIFT question: which kind it is, and its answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.gift.syntax import show
from quizapp.bank.questions import LONGEST_FILLING, Blank, QuestionType, as_number
from quizapp.messages import M

WHOLE, NOTHING = Decimal(100), Decimal(0)
MOST_ANSWERS = 100
#: Three times 33.333 is whole.
_ROUNDED = Decimal(1)
_WEIGHT = re.compile(r"\s*%\s*(-?\d{1,3}(?:\.\d{0,7})?)\s*%\s*")
_MARK = re.compile(r"[~=]")
_GENERAL = "####"
_TRUTH = {"T": 0, "TRUE": 0, "F": 1, "FALSE": 1}
#: More digits than numbers of LONGEST_FILLING signs can need.
_EXACT = Context(prec=1000)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its sign, text and feedback (escapes still hidden), and its weight in per cent."""

    sign: str
    text: str
    weight: Decimal | None
    feedback: str = ""

    @property
    def is_right(self) -> bool:
        """Whether it earns everything, alone."""
        return (self.sign == "=" if self.weight is None else self.weight == WHOLE) or self._fills

    @property
    def _fills(self) -> bool:
        return self.sign == "" and self.weight is None


@dataclass(frozen=True, slots=True)
class Answers:
    """What a question's braces hold."""

    type: QuestionType
    answers: tuple[Answer, ...] = ()
    key: tuple[int, ...] = ()
    blank: Blank | None = None
    general: str = ""


def read_answers(inside: str, *, fills: bool = False) -> Answers:
    """Read what stands between the braces, escapes hidden; `fills` when it is known to be a short answer.

    Raises BadQuestion, also for the kinds of question that there are in GIFT alone.
    """
    inside, _, general = inside.partition(_GENERAL)
    inside = inside.strip()
    if not inside:
        raise BadQuestion(M("这是问答题（essay），本系统不支持。"))
    if inside.startswith("#"):
        return _numerical(inside[1:], general)
    if "~" in inside:
        return _choice(_split(inside), general)
    if "=" in inside and "->" in inside and not fills:
        raise BadQuestion(M("这是匹配题（matching），本系统不支持。"))
    word, *feedback = (piece.strip() for piece in inside.split("#"))
    if word.upper() in _TRUTH:
        return _true_false(word, feedback, general)
    return _short(_split(inside), general)


def _split(inside: str) -> list[Answer]:
    marks = [match.start() for match in _MARK.finditer(inside)]
    if len(marks) > MOST_ANSWERS:
        raise BadQuestion(M("答案太多，最多 %(most)s 个。", most=MOST_ANSWERS))
    ends = [*marks, len(inside)]
    pieces = [("", inside[: ends[0]])]
    pieces += [(inside[start], inside[start + 1 : end]) for start, end in zip(marks, ends[1:], strict=True)]
    return [_answer(sign, piece) for sign, piece in pieces if piece.strip()]


def _answer(sign: str, piece: str) -> Answer:
    text, _, feedback = piece.partition("#")
    match = _WEIGHT.match(text)
    weight = Decimal(match[1]) if match else None
    return Answer(sign, (text[match.end() :] if match else text).strip(), weight, feedback)


def _true_false(word: str, feedback: Sequence[str], general: str) -> Answers:
    """The first feedback is for those who were wrong, the second for those who were right."""
    key = _TRUTH[word.upper()]
    wrong, right = [*feedback, "", ""][:2]
    answers = [Answer("~", "", None, wrong), Answer("=", "", None, right)]
    return Answers(
        QuestionType.TRUE_FALSE, tuple(answers[::-1] if key == 0 else answers), (key,), general=general
    )


def _choice(answers: Sequence[Answer], general: str) -> Answers:
    if any(answer.sign == "" for answer in answers):
        raise BadQuestion(M("选项前要有 = 或 ~。"))
    is_single = any(answer.sign == "=" for answer in answers)
    key = _single_key(answers) if is_single else _multiple_key(answers)
    kind = QuestionType.SINGLE if is_single else QuestionType.MULTIPLE
    return Answers(kind, tuple(answers), key, general=general)


def _single_key(answers: Sequence[Answer]) -> tuple[int, ...]:
    if any(answer.weight not in {None, NOTHING, WHOLE} for answer in answers):
        raise BadQuestion(M("选项带有部分得分或倒扣分的比例，本系统只有全对才得分。"))
    key = tuple(place for place, answer in enumerate(answers) if answer.is_right)
    if len(key) > 1:
        raise BadQuestion(M("单选题有几个都算对的答案，本系统不支持。"))
    return key


def _multiple_key(answers: Sequence[Answer]) -> tuple[int, ...]:
    """Equal shares that make up the whole mean: all of these; wrong ones must all cost the same."""
    weights = [answer.weight or NOTHING for answer in answers]
    shares = [weight for weight in weights if weight > 0]
    costs = {weight for weight in weights if weight <= 0}
    if len(set(shares)) > 1 or len(costs) > 1 or (shares and abs(sum(shares) - WHOLE) > _ROUNDED):
        raise BadQuestion(M("选项带有各不相同的得分比例，本系统只有全对才得分。"))
    return tuple(place for place, weight in enumerate(weights) if weight > 0)


def _check_filling(answers: Sequence[Answer]) -> list[Answer]:
    """Return the right ones; an answer of 0 per cent is there for its feedback."""
    if any(answer.weight not in {None, NOTHING, WHOLE} for answer in answers):
        raise BadQuestion(M("答案带有部分得分的比例，本系统只有全对才得分。"))
    right = [answer for answer in answers if answer.is_right]
    if not right:
        raise BadQuestion(M("填空的答案是空的。"))
    return right


def _short(answers: Sequence[Answer], general: str) -> Answers:
    right = _check_filling(answers)
    if any("*" in answer.text.replace("\\*", "") for answer in right):
        raise BadQuestion(M("答案里有通配符 *，本系统不支持；请写出全部可以接受的答案。"))
    accepted = tuple(show(answer.text.replace("\\*", "*")) for answer in right)
    return Answers(QuestionType.FILL_IN, tuple(answers), blank=Blank(accepted), general=general)


def _numerical(inside: str, general: str) -> Answers:
    answers = _split(inside)
    right = _check_filling([answer for answer in answers if answer.text != "*" or answer.weight])
    found = [_number(show(answer.text)) for answer in right]
    tolerances = {tolerance for _, tolerance in found}
    if len(tolerances) > 1:
        raise BadQuestion(M("几个数值答案的误差范围不同，本系统不支持。"))
    blank = Blank(tuple(number for number, _ in found), tolerances.pop())
    return Answers(QuestionType.FILL_IN, tuple(answers), blank=blank, general=general)


def _number(text: str) -> tuple[str, Decimal]:
    """Return a number and how far off is still right, from ``number:tolerance`` or ``low..high``."""
    low, is_range, high = text.partition("..")
    number, _, tolerance = text.partition(":")
    if is_range:
        return _middle(_decimal(low), _decimal(high))
    off = _decimal(tolerance or "0")
    if off < 0:
        raise BadQuestion(M("数值答案看不懂：应为“数:误差”或“最小..最大”。"))
    _decimal(number)
    return number.strip(), off


def _middle(low: Decimal, high: Decimal) -> tuple[str, Decimal]:
    if high < low:
        raise BadQuestion(M("数值答案看不懂：应为“数:误差”或“最小..最大”。"))
    middle = _EXACT.divide(_EXACT.add(low, high), Decimal(2))
    return str(middle), _EXACT.subtract(high, middle)


def _decimal(text: str) -> Decimal:
    number = as_number(text) if len(text) <= LONGEST_FILLING else None
    if number is None or abs(number.adjusted()) > LONGEST_FILLING:
        raise BadQuestion(M("数值答案看不懂：应为“数:误差”或“最小..最大”。"))
    return number
