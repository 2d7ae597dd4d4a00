"""Answers that stand together behind their questions: “1-5 ABCDE”, “1.A 2.BC 3.√”, one a line for blanks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from quizapp.bank.formats.text.labels import ANSWER, EXPLANATION, split_labels
from quizapp.bank.formats.text.lines import Kind

_TRUTH = "正确|错误|[√×✓✔✗✘对错]"
_HEADING = re.compile(
    r"(?:附\s?[:：]?\s?|[一二三四五六七八九十]{1,3}、)?[【\[（(]?(?:试题|习题|题目|练习)?"
    r"(?:参考答案|标准答案|正确答案|答案)(?:(?:及|与|和)(?:试题)?解析)?(?:部分)?[】\])）]?\s*[:：]?"
)
_LEADING = re.compile(
    r"(?:附\s?[:：]?\s?)?[【\[（(]?(?:参考答案|标准答案|正确答案|答案)(?:(?:及|与|和)解析)?[】\])）]?\s*[:：]?\s*"
)
_RANGE = re.compile(
    r"(\d{1,4})\s{0,3}(?:[-—–~～－至到]|--|——)\s{0,3}(\d{1,4})\s{0,3}(?:题)?\s{0,3}[:：.、．]?\s{0,3}"
)
_ONE = re.compile(
    rf"(\d{{1,4}})\s{{0,3}}[.、．:：)）]?\s{{0,3}}([A-H](?:[、,，]?[A-H]){{0,7}}|{_TRUTH}|[TF](?![A-Za-z]))[\s,，;；、。]{{0,20}}"
)
_ANSWERS = re.compile(rf"(?:[A-H,，、\s;；]|{_TRUTH}|[TF])+")
_EACH = re.compile(rf"[A-HTF]|{_TRUTH}")
_GROUP = re.compile(rf"[A-HTF]+|{_TRUTH}")
_LONG = re.compile(r"(\d{1,4})\s?[.、．:：)）]\s*(.+)", re.DOTALL)
MOST_IN_RANGE = 1000


@dataclass(slots=True)
class Item:
    """An answer with the number of its question, and what the block says the question's type is."""

    line: int
    kind: Kind | None
    number: int
    answer: str
    explanation: str = ""


def is_heading(text: str) -> bool:
    """Say whether a line is the heading of collected answers, such as “参考答案：”."""
    return bool(_HEADING.fullmatch(text))


def behind_heading(text: str) -> str:
    """Return what a line says behind such a heading, "" when it begins with none."""
    match = _LEADING.match(text)
    return text[match.end() :] if match else ""


def short_answers(text: str) -> list[tuple[int, str]]:
    """Return number and answer where a line is made of nothing but short ones; else nothing."""
    folded = unicodedata.normalize("NFKC", text).strip()
    found: list[tuple[int, str]] = []
    place = 0
    while place < len(folded):
        match = _RANGE.match(folded, place)
        taken = _ranged(folded, match) if match else None
        if taken is None:
            single = _ONE.match(folded, place)
            if single is None:
                return []
            taken = [(int(single[1]), single[2])], single.end()
        found += taken[0]
        place = taken[1]
    return found


def _ranged(text: str, match: re.Match[str]) -> tuple[list[tuple[int, str]], int] | None:
    """Return the answers of a range, one letter each or one group each; None when they do not fit it."""
    first, last = int(match[1]), int(match[2])
    answers = _ANSWERS.match(text, match.end())
    if answers is None or not first <= last < first + MOST_IN_RANGE:
        return None
    for pattern in (_GROUP, _EACH):
        pieces = pattern.findall(answers[0])
        if len(pieces) == last - first + 1:
            return list(zip(range(first, last + 1), pieces, strict=True)), answers.end()
    return None


def long_answer(text: str) -> tuple[int, str, str] | None:
    """Return number, answer and explanation of a line such as “3. 主要负责人 解析：……”."""
    match = _LONG.fullmatch(text)
    if match is None:
        return None
    answer, explanation = "", ""
    for label, piece in split_labels(match[2]):
        if label in {"", ANSWER}:
            answer = answer or piece
        elif label == EXPLANATION:
            explanation = piece
    return int(unicodedata.normalize("NFKC", match[1])), answer, explanation
