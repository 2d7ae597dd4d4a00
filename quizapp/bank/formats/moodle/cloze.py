"""Moodle's embedded answers: ``{1:SHORTANSWER:=甲~=乙}`` in the text, in and out. Pure.

Follows MoodleDocs, “Embedded Answers (Cloze) question type”. Moodle decodes character references inside a
gap, so every sign that could end or divide one goes out as a reference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.hypertext import decoded
from quizapp.bank.formats.moodle.answers import (
    MOST_VARIANTS,
    WHOLE,
    Answer,
    feedback_on,
    number_blank,
    share_of,
    text_blank,
)
from quizapp.bank.formats.moodle.source import Source, markup_of, with_feedback
from quizapp.bank.formats.xmltree import child
from quizapp.bank.questions import BLANK, MOST_BLANKS, Blank, QuestionType
from quizapp.messages import M

_HEAD = re.compile(r"\{(\d{0,6}):([A-Z_]{2,20}):")
_BODY = re.compile(r"[^\\}]*(?:\\.[^\\}]*){0,2000}", re.DOTALL)
_TEXTS = frozenset({"SHORTANSWER", "SA", "MW"})
_EXACT_TEXTS = frozenset({"SHORTANSWER_C", "SAC", "MWC"})
_NUMBERS = frozenset({"NUMERICAL", "NM"})
_CHOICES = re.compile(r"(MULTICHOICE|MC|MULTIRESPONSE|MR)(_?[VHS]+)?")
#: An escaped sign, the beginning of a character reference, a divider, or text.
_TOKEN = re.compile(r"\\[}#~/\"'\\]|&(?:amp;)?#|[~#]|[^\\~#&]+|.", re.DOTALL)
_SHARE = re.compile(r"=|%(-?[0-9]{1,3}(?:[.,][0-9]*)?)%")
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>")
_DIVIDERS = re.compile("[^\\w .+\xa0-]|_")


def cloze(source: Source) -> dict[str, Any]:
    """Return a `cloze` question. Raises BadQuestion."""
    holder = child(source.element, "questiontext")
    found = _Gaps()
    markup = found.taken_from(markup_of(holder))
    if len(set(found.weights)) > 1 or "0" in found.weights:
        raise BadQuestion(M("各空的分值不同，不能导入；本系统全对才得分。"))
    source.remark_what_is_left_out()
    details = source.details()
    return {
        **details,
        "type": QuestionType.FILL_IN,
        "stem": source.said(holder, markup),
        "blanks": tuple(found.blanks),
        "explanation": with_feedback(details["explanation"], found.feedback, source.remarks),
    }


class _Gaps:
    """The gaps of one text, in order."""

    def __init__(self) -> None:
        self.blanks: list[Blank] = []
        self.weights: list[str] = []
        self.feedback: list[tuple[str, str]] = []

    def taken_from(self, markup: str) -> str:
        """Return the markup with the mark of a blank for each gap."""
        pieces, place = [], 0
        for head in _HEAD.finditer(markup):
            if head.start() < place:
                continue
            body = _BODY.match(markup, head.end())
            if body is None or not markup.startswith("}", body.end()):
                break  # never closed, so nothing behind it is
            if self._take(head[1], head[2], body[0]):
                pieces += [markup[place : head.start()], BLANK]
                place = body.end() + 1
        return "".join([*pieces, markup[place:]])

    def _take(self, weight: str, kind: str, body: str) -> bool:
        if _CHOICES.fullmatch(kind):
            raise BadQuestion(M("填空里有下拉选择（%(kind)s），不能导入。", kind=kind))
        if kind not in _TEXTS | _EXACT_TEXTS | _NUMBERS:
            return False
        if len(self.blanks) >= MOST_BLANKS:
            raise BadQuestion(M("填空最多 %(most)s 个。", most=MOST_BLANKS))
        answers = _answers(body)
        if kind in _NUMBERS:
            answers = [_number(answer) for answer in answers]
            self.blanks.append(number_blank(answers))
        else:
            self.blanks.append(text_blank(answers, exact_case=kind in _EXACT_TEXTS))
        self.weights.append(weight.lstrip("0") or ("0" if weight else "1"))
        self.feedback += feedback_on(answers, str(len(self.blanks)))
        return True


def _answers(body: str) -> list[Answer]:
    found: list[tuple[list[str], list[str]]] = [([], [])]
    side = 0
    for match in _TOKEN.finditer(body):
        token = match[0]
        if token == "~":  # noqa: S105 - the divider of answers
            found.append(([], []))
            side = 0
        elif token == "#" and side == 0:  # noqa: S105 - the divider before the feedback
            side = 1
        else:
            found[-1][side].append(_unescaped(token))
    if len(found) > MOST_VARIANTS:
        raise BadQuestion(M("一个空的答案太多，最多 %(most)s 个。", most=MOST_VARIANTS))
    return [_answer("".join(text), "".join(feedback)) for text, feedback in found if text]


def _unescaped(token: str) -> str:
    if token == "&amp;#":  # noqa: S105 - a reference that was escaped once too often
        return "&#"
    return token[1:] if len(token) > 1 and token[0] == "\\" else token


def _answer(text: str, feedback: str) -> Answer:
    text = text.lstrip()
    share = _SHARE.match(text)
    said = text[share.end() :] if share else text
    worth = Decimal(0) if share is None else WHOLE if share[0] == "=" else share_of(share[1])
    return Answer(_said(said), worth, _said(feedback))


def _said(markup: str) -> str:
    return decoded(_MARKUP.sub("", markup)).strip()


def _number(answer: Answer) -> Answer:
    number, _, tolerance = answer.text.partition(":")
    return Answer(number.strip(), answer.share, answer.feedback, tolerance.strip())


def gap(blank: Blank, accepted: Sequence[str]) -> str:
    """Return a blank as a gap, in HTML; `accepted` as Moodle wants the texts."""
    if blank.tolerance is None:
        return f"{{1:SHORTANSWER:{'~'.join(f'={_divided(text)}' for text in accepted)}}}"
    return f"{{1:NUMERICAL:{'~'.join(f'={text}:{blank.tolerance}' for text in accepted)}}}"


def _divided(text: str) -> str:
    return _DIVIDERS.sub(lambda match: f"&#{ord(match[0])};", text)
