"""Which type a question is: by the word in its column, by its sheet or section, or by what its answer is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from quizapp.bank.formats.headings import FALSE_WORDS, TRUE_WORDS
from quizapp.bank.questions import QuestionType
from quizapp.imports.rows import plain
from quizapp.messages import M, Message

LONGEST_WORD = 100
USABLE = M("可填：单选题、多选题、判断题、填空题。")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a word for a type means. `type` is None where one or several options may be right.

    Of a `lenient` one a single right option is as good as several.
    """

    type: QuestionType | None
    lenient: bool = False
    #: Nothing names it; the answer gives it away.
    is_inferred: bool = False


CHOICE = Kind(None, lenient=True)
_WORDS = {
    Kind(QuestionType.SINGLE): "单选 单选题 单项 单项选择 单项选择题 单 single radio",
    Kind(QuestionType.MULTIPLE): "多选 多选题 多项 多项选择 多项选择题 多 multiple checkbox",
    Kind(QuestionType.MULTIPLE, lenient=True): "不定项 不定项选择 不定项选择题 不定项题",
    CHOICE: "选择 选择题 choice",
    Kind(QuestionType.TRUE_FALSE): ("判断 判断题 是非 是非题 对错题 正误题 判 judge truefalse t/f boolean"),
    Kind(QuestionType.FILL_IN): "填空 填空题 fill fill_in fillin",
}
#: Word → what it means.
KINDS = MappingProxyType({word: kind for kind, words in _WORDS.items() for word in words.split()})
#: Types that nobody but a person can mark, or that are answered in other ways.
ESSAYS = frozenset(
    (
        "简答 简答题 问答 问答题 论述 论述题 名词解释 名词解释题 计算 计算题 "
        "简答和计算 主观题 综合题 作文 写作 实操题 essay shortanswer"
    ).split()
)
CASES = frozenset("案例 案例题 案例分析 案例分析题 材料题 材料分析题 case".split())
#: How types are called, and written.
LABELS = MappingProxyType(
    {
        QuestionType.SINGLE: M("单选题"),
        QuestionType.MULTIPLE: M("多选题"),
        QuestionType.TRUE_FALSE: M("判断题"),
        QuestionType.FILL_IN: M("填空题"),
    }
)
_IN_TITLES = (
    (re.compile("不定项"), "不定项"),
    (re.compile("单选|单项选择"), "单选"),
    (re.compile("多选|多项选择"), "多选"),
    (re.compile("判断|是非题"), "判断"),
    (re.compile("填空"), "填空"),
)
_SECTION = re.compile(
    r"\s*(?:第?[一二三四五六七八九十]{1,3}(?:部分|大题)?[、.．:：\s]*)?"
    r"(?:单项选择|单选|多项选择|多选|不定项选择|不定项|判断|是非|填空|选择)题?\s*(?:[（(][^（(]{0,80})?[:：]?\s*"
)


class UnknownKind(ValueError):
    """The type cannot be used; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def kind_of(word: str) -> Kind:
    """Return what a type's column says. Raises UnknownKind."""
    text = plain(word[:LONGEST_WORD])
    kind = KINDS.get(text)
    if kind is not None:
        return kind
    if text in ESSAYS:
        raise UnknownKind(
            M("本平台没有“%(kind)s”这种题型：答案要由人评分。请改写成选择、判断或填空题。", kind=word[:20])
        )
    raise UnknownKind(M("不认识这种题型，%(usable)s", usable=[USABLE]))


def is_case(word: str) -> bool:
    """Say whether a type's column says that the question belongs to a case."""
    return plain(word[:LONGEST_WORD]) in CASES


def kind_in_title(title: str) -> Kind | None:
    """Return the one type that the title of a sheet or section names, None when none or several."""
    found = [word for pattern, word in _IN_TITLES if pattern.search(title)]
    return KINDS[found[0]] if len(found) == 1 else None


def section_kind(cells: Sequence[str]) -> Kind | None:
    """Return the type of a row that is nothing but the title of a section, None for every other row."""
    filled = [cell for cell in cells if cell.strip()]
    if len(set(filled)) != 1 or len(filled[0]) > LONGEST_WORD or not _SECTION.fullmatch(filled[0]):
        return None
    return kind_in_title(filled[0]) or CHOICE


def is_truth(text: str) -> bool:
    """Say whether a text is a word or sign for true or false."""
    return len(text) <= LONGEST_WORD and plain(text) in TRUE_WORDS | FALSE_WORDS


def inferred(key: str, options: Sequence[str], stem: str) -> Kind | None:
    """Return the type that an answer gives away, None when it gives none."""
    if options:
        is_judged = len(options) == 2 and all(map(is_truth, options))  # noqa: PLR2004 - true and false
        return Kind(QuestionType.TRUE_FALSE) if is_judged else CHOICE
    if is_truth(key):
        return Kind(QuestionType.TRUE_FALSE)
    return Kind(QuestionType.FILL_IN) if "__" in stem else None
