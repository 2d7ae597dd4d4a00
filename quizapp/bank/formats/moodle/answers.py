"""What is right in Moodle's questions: options with their shares, accepted texts, numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import Element

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.headings import TRUE_WORDS
from quizapp.bank.formats.moodle.source import Source, with_feedback
from quizapp.bank.formats.xmltree import child, children, text_of
from quizapp.bank.questions import BLANK, MOST_OPTIONS, TRUE_FALSE_OPTIONS, Blank, QuestionType, as_number
from quizapp.messages import M

WHOLE = Decimal(100)
#: Moodle keeps five decimals of a share; others write fewer.
NEAR = Decimal("0.1")
MOST_VARIANTS = 50
_RUN = re.compile(r"_{4,}")
_WILDCARD = re.compile(r"(?<!\\)\*")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer with its share of the mark in percent; `tolerance` belongs to numbers."""

    text: str
    share: Decimal
    feedback: str = ""
    tolerance: str = ""


def choice(source: Source) -> dict[str, Any]:
    """Return a `multichoice` question. Raises BadQuestion."""
    elements = list(children(source.element, "answer"))
    if len(elements) > MOST_OPTIONS:
        raise BadQuestion(M("选项最多 %(most)s 个。", most=MOST_OPTIONS))
    answers = [_answer(source, element, source.text(element)) for element in elements]
    shares = [answer.share for answer in answers]
    is_single = source.kind == "multichoice" and (source.is_on("single") or not source.value("single"))
    key = (_only_right if is_single else _all_right)(shares, is_set=source.kind == "multichoiceset")
    source.remark_what_is_left_out()
    details = source.details()
    feedback = [(chr(ord("A") + place), answer.feedback) for place, answer in enumerate(answers)]
    return {
        **details,
        "type": QuestionType.SINGLE if is_single else QuestionType.MULTIPLE,
        "stem": source.stem(),
        "options": tuple(answer.text for answer in answers),
        "key": key,
        "explanation": with_feedback(details["explanation"], feedback, source.remarks),
    }


def _only_right(shares: Sequence[Decimal], *, is_set: bool) -> tuple[int, ...]:
    del is_set
    if any(share < 0 for share in shares):
        raise _negative()
    if any(0 < share < WHOLE for share in shares):
        raise _weighted()
    return tuple(place for place, share in enumerate(shares) if share == WHOLE)


def _all_right(shares: Sequence[Decimal], *, is_set: bool) -> tuple[int, ...]:
    """Equal shares of the whole for what is right; for what is wrong nothing, or all of it off."""
    key = tuple(place for place, share in enumerate(shares) if share > 0)
    if any(share not in {0, -WHOLE} for share in shares if share <= 0):
        raise _negative()
    wanted = WHOLE if is_set else WHOLE / max(len(key), 1)
    if any(abs(shares[place] - wanted) > NEAR for place in key):
        raise _weighted()
    return key


def true_false(source: Source) -> dict[str, Any]:
    """Return a `truefalse` question. Raises BadQuestion."""
    elements = list(children(source.element, "answer"))[:3]
    answers = [_answer(source, element, text_of(child(element, "text"))) for element in elements]
    right = [answer for answer in answers if answer.share == WHOLE]
    if (
        len(answers) != len(TRUE_FALSE_OPTIONS)
        or len(right) != 1
        or any(answer.share not in {0, WHOLE} for answer in answers)
    ):
        raise BadQuestion(M("判断题要有“对”和“错”两个答案，其中只有一个得满分。"))
    details = source.details()
    feedback = [(TRUE_FALSE_OPTIONS[0 if _is_true(answer) else 1], answer.feedback) for answer in answers]
    return {
        **details,
        "type": QuestionType.TRUE_FALSE,
        "stem": source.stem(),
        "options": TRUE_FALSE_OPTIONS,
        "key": (0 if _is_true(right[0]) else 1,),
        "explanation": with_feedback(details["explanation"], feedback, source.remarks),
    }


def _is_true(answer: Answer) -> bool:
    return answer.text.strip().casefold() in TRUE_WORDS


def short_answer(source: Source) -> dict[str, Any]:
    """Return a `shortanswer` question as one blank. Raises BadQuestion."""
    answers = [_answer(source, element, text_of(child(element, "text"))) for element in _few(source)]
    return _one_blank(source, answers, text_blank(answers, exact_case=source.is_on("usecase")))


def numerical(source: Source) -> dict[str, Any]:
    """Return a `numerical` question as one blank with its tolerance. Raises BadQuestion."""
    units = child(source.element, "units")
    if units is not None and child(units, "unit") is not None:
        raise BadQuestion(M("带单位评分的数值题不能导入，请把单位写进题干。"))
    answers = [
        _answer(source, element, text_of(child(element, "text")) or text_of(element))
        for element in _few(source)
    ]
    return _one_blank(source, answers, number_blank(answers))


def _few(source: Source) -> list[Element]:
    found = list(children(source.element, "answer"))
    if len(found) > MOST_VARIANTS:
        raise BadQuestion(M("一个空的答案太多，最多 %(most)s 个。", most=MOST_VARIANTS))
    return found


def _one_blank(source: Source, answers: Sequence[Answer], blank: Blank) -> dict[str, Any]:
    source.remark_what_is_left_out()
    details = source.details()
    stem = _RUN.sub(BLANK, source.stem())
    return {
        **details,
        "type": QuestionType.FILL_IN,
        "stem": stem if BLANK in stem else f"{stem} {BLANK}",
        "blanks": (blank,),
        "explanation": with_feedback(details["explanation"], feedback_on(answers), source.remarks),
    }


def feedback_on(answers: Sequence[Answer], label: str = "") -> list[tuple[str, str]]:
    """Return what is said of texts that are filled in. Raises BadQuestion when each right one has its own."""
    right = {answer.feedback for answer in answers if answer.share == WHOLE and answer.feedback}
    if len(right) > 1:
        raise BadQuestion(M("几个正确答案各有不同的反馈，不能导入。"))
    wrong = [(f"{label}{answer.text}", answer.feedback) for answer in answers if answer.share != WHOLE]
    return [*((label, text) for text in right), *wrong]


def text_blank(answers: Sequence[Answer], *, exact_case: bool) -> Blank:
    """Return a blank for texts; each right one earns the whole. Raises BadQuestion."""
    texts = [answer.text for answer in _right(answers)]
    if any(_WILDCARD.search(text) for text in texts):
        raise BadQuestion(M("答案里有通配符 *，不能导入；请逐个写出答案。"))
    if exact_case and any(text.lower() != text.upper() for text in texts):
        raise BadQuestion(M("区分大小写的填空不能导入：本系统不区分大小写。"))
    return Blank(tuple(text.replace("\\*", "*") for text in texts))


def number_blank(answers: Sequence[Answer]) -> Blank:
    """Return a blank for numbers that all have the same tolerance. Raises BadQuestion."""
    right = _right(answers)
    tolerances = {as_number(answer.tolerance or "0") for answer in right}
    if len(tolerances) > 1:
        raise BadQuestion(M("几个答案的误差范围不同，不能导入。"))
    tolerance = next(iter(tolerances), Decimal(0))
    if tolerance is None or tolerance < 0:
        raise BadQuestion(M("误差范围不是数。"))
    return Blank(tuple(answer.text for answer in right), tolerance)


def _right(answers: Sequence[Answer]) -> list[Answer]:
    if any(answer.share < 0 for answer in answers):
        raise _negative()
    if any(0 < answer.share < WHOLE for answer in answers):
        raise _weighted()
    return [answer for answer in answers if answer.share == WHOLE]


def _answer(source: Source, element: Element, text: str) -> Answer:
    tolerance = text_of(child(element, "tolerance"))
    feedback = source.text(child(element, "feedback"))
    return Answer(text, share_of(element.get("fraction", "0")), feedback, tolerance)


def share_of(text: str) -> Decimal:
    """Return a share in percent. Raises BadQuestion."""
    try:
        share = Decimal(text.strip()[:40].replace(",", ".") or "0")
    except InvalidOperation:
        share = Decimal("Infinity")
    if not share.is_finite() or abs(share) > WHOLE:
        raise BadQuestion(M("答案的得分比例不是数：%(value)s", value=text[:40]))
    return share


def _weighted() -> BadQuestion:
    return BadQuestion(M("答案有不同的得分比例（部分给分），不能导入；本系统全对才得分。"))


def _negative() -> BadQuestion:
    return BadQuestion(M("答案有倒扣分，不能导入；本系统全对才得分，答错不扣分。"))
