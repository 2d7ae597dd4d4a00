"""What a single line of a typed bank is by its looks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from quizapp.bank.formats import kinds
from quizapp.bank.questions import QuestionType
from quizapp.messages import Message

#: A longer line is a text, whatever it begins with.
LONGEST_HEADING = 160
_NUMERAL = "[一二三四五六七八九十]{1,3}"


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in the file; `fault` says what it holds that cannot be kept."""

    number: int
    text: str
    fault: Message | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """What a heading says of the questions under it; without a type they show it themselves."""

    type: QuestionType | None = None
    is_refused: bool = False


UNSAID = Kind()
REFUSED = Kind(is_refused=True)
KINDS: dict[str, Kind] = {
    **{
        word: Kind(found.type)
        for word, found in kinds.KINDS.items()
        if not found.lenient and len(word) > 1 and not word.isascii()
    },
    **dict.fromkeys("选择题 不定项 不定项选择 不定项选择题".split(), UNSAID),
    **dict.fromkeys(
        "案例题 案例分析 案例分析题 案例选择题 综合案例题 材料题 材料分析题".split(), Kind(QuestionType.CASE)
    ),
    **dict.fromkeys(
        "简答题 简答 问答题 问答 论述题 论述 计算题 名词解释 连线题 匹配题 排序题 操作题 写作题".split(),
        REFUSED,
    ),
}
_WORDS = "|".join(sorted(KINDS, key=len, reverse=True))
_HEADING = re.compile(
    rf"(?:(?:第?{_NUMERAL}(?:部分|大题|章|节)?|[（(]{_NUMERAL}[)）]|[ⅠⅡⅢⅣⅤⅥ]|[IVX]{{1,4}})\s*[、.．:：]?\s*|\d{{1,2}}\s?[、.．]\s*)?"
    rf"[【\[]?({_WORDS})[】\]]?(?:部分)?\s*(?:[（(].*|[，,:：]?\s*(?:共|每|本题|下列|以下|请|备选).*)?[:：。]?"
)
_OTHER_HEADING = re.compile(rf"(?:第{_NUMERAL}[章节篇]|第\d{{1,2}}[章节篇]|{_NUMERAL}、)[^。？?；;]*")
_TYPE_MARK = re.compile(
    rf"^_?[\[【（(]\s?({_WORDS})\s?[)）\]】]_?\s*|\s{{0,4}}[\[【（(]\s?({_WORDS})\s?[)）\]】]$"
)

#: “第3题” numbers a question wherever it stands.
NAMED = "named"
_NUMBERED = {
    "dot": re.compile(r"([0-9０-９]{1,4})\s?[.、．:：](?![0-9０-９])\s*(.*)", re.DOTALL),
    NAMED: re.compile(r"第\s?([0-9０-９]{1,4})\s?题\s?[.、．:：]?\s*(.*)", re.DOTALL),
    "half": re.compile(r"([0-9０-９]{1,4})\s?[)）]\s?[.、．]?\s*(.*)", re.DOTALL),
    "whole": re.compile(r"[（(]\s?([0-9０-９]{1,4})\s?[)）]\s?[.、．]?\s*(.*)", re.DOTALL),
}
_CASE_WORDS = "案例材料|案例背景|背景材料|背景资料|事故案例|案例分析|案例|材料"
_CASE = re.compile(
    rf"[【\[（(]\s?(?:{_CASE_WORDS})\s?(?:{_NUMERAL}|\d{{1,3}})?\s?[】\])）]\s?[:：]?\s*(.*)"
    rf"|(?:{_CASE_WORDS})\s?(?:{_NUMERAL}|\d{{1,3}})?\s?[:：]\s*(.*)"
    rf"|(?:{_CASE_WORDS})\s?(?:{_NUMERAL}|\d{{1,3}})(?:[、.．\s]\s*([^。]{{0,60}}))?"
)
_CASE_END = re.compile(r"[【（(]?\s?(?:案例|材料)(?:结束|完)\s?[】）)]?")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line that begins with a number, and how the number is written."""

    style: str
    number: int
    rest: str


def heading_of(text: str) -> Kind | None:
    """Return what a heading such as “一、单选题（每题2分）” says; None for any other line."""
    match = _HEADING.fullmatch(text) if len(text) <= LONGEST_HEADING else None
    return KINDS[match[1]] if match else None


def is_other_heading(text: str) -> bool:
    """Say whether a line looks like the heading of a chapter."""
    return len(text) <= 40 and bool(_OTHER_HEADING.fullmatch(text))  # noqa: PLR2004 - a heading is short


def kind_and_rest(text: str) -> tuple[Kind | None, str]:
    """Return the type that a line begins by naming, as in “单选题：1-5 ABCDE”, and what follows."""
    match = _LEADING.match(text)
    return (KINDS[match[1]], text[match.end() :]) if match else (None, text)


_LEADING = re.compile(
    rf"(?:(?:{_NUMERAL}|[（(]{_NUMERAL}[)）])\s?[、.．]?\s?)?[【\[]?({_WORDS})[】\]]?\s?(?:[（(][^）)]{{0,60}}[)）])?\s?[:：]?\s*"
)


def numbered(text: str) -> Numbered | None:
    """Return the number that a line begins with."""
    for style, pattern in _NUMBERED.items():
        match = pattern.fullmatch(text)
        if match:
            return Numbered(style, int(unicodedata.normalize("NFKC", match[1])), match[2])
    return None


def case_of(text: str) -> str | None:
    """Return what follows the mark of a case, such as “【案例一】”; None for any other line."""
    match = _CASE.fullmatch(text)
    return next((found for found in match.groups() if found), "") if match else None


def ends_case(text: str) -> bool:
    """Say whether a line ends a case."""
    return bool(_CASE_END.fullmatch(text))


def without_type_mark(text: str) -> tuple[Kind | None, str]:
    """Return the type that stands in brackets at an end of a stem, and the stem without it."""
    match = _TYPE_MARK.search(text)
    if match is None:
        return None, text
    return KINDS[match[1] or match[2]], (text[: match.start()] + text[match.end() :]).strip()
