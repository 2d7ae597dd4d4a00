"""What every question must be, whichever format it comes from; the last look of every reader."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from quizapp.bank.questions import (
    BLANK,
    CHOICES,
    LONGEST_FILLING,
    MOST_BLANKS,
    MOST_OPTIONS,
    MOST_PARTS,
    TRUE_FALSE_OPTIONS,
    QuestionContent,
    QuestionType,
    as_number,
    normalise,
)
from quizapp.files.references import digests_in
from quizapp.messages import M, Message

LEAST_OPTIONS = 2
LONGEST_STEM, LONGEST_OPTION, LONGEST_EXPLANATION, LONGEST_SOURCE = 4000, 1000, 4000, 240
LONGEST_CODE, LONGEST_TAG, MOST_TAGS = 60, 60, 20
#: A NUL, and halves of a sign that JSON can name alone: no database takes them.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class BadQuestion(ValueError):
    """The question cannot be used; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def check_question(content: QuestionContent) -> None:
    """Raise BadQuestion for what no learner could answer or no bank can hold."""
    _check_texts(content)
    if content.type in CHOICES:
        _check_choice(content)
    elif content.type is QuestionType.FILL_IN:
        _check_blanks(content)
    else:
        _check_case(content)


def _check_texts(content: QuestionContent) -> None:
    if not normalise(content.stem) and not digests_in([content.stem]):
        raise BadQuestion(M("题干是空的。"))
    texts = [
        (content.stem, LONGEST_STEM, M("题干")),
        (content.explanation, LONGEST_EXPLANATION, M("解析")),
        (content.source, LONGEST_SOURCE, M("依据")),
        (content.code, LONGEST_CODE, M("编号")),
        *((tag, LONGEST_TAG, M("知识点")) for tag in content.tags),
        *((option, LONGEST_OPTION, M("选项")) for option in content.options),
        *((text, LONGEST_FILLING, M("填空的答案")) for blank in content.blanks for text in blank.accepted),
    ]
    for text, longest, name in texts:
        if len(text) > longest:
            raise BadQuestion(M("%(field)s的文字过长，最多 %(most)s 字。", field=[name], most=longest))
        if _UNSTORABLE.search(text):
            raise BadQuestion(M("%(field)s里有不能保存的字符。", field=[name]))
    if len(content.tags) > MOST_TAGS:
        raise BadQuestion(M("知识点最多 %(most)s 个。", most=MOST_TAGS))


def _check_choice(content: QuestionContent) -> None:
    if content.blanks or content.parts:
        raise BadQuestion(M("选择题不能有填空或小题。"))
    _check_options(content)
    beyond = [place for place in content.key if not 0 <= place < len(content.options)]
    if beyond:
        raise BadQuestion(M("答案没有对应的选项。"))
    if list(content.key) != sorted(set(content.key)):
        raise BadQuestion(M("答案里有重复的选项。"))
    if content.type is QuestionType.MULTIPLE:
        if len(content.key) < 2:  # noqa: PLR2004 - that is what multiple means
            raise BadQuestion(M("多选题至少要有两个答案；如只有一个，请把题型改为单选题。"))
    elif len(content.key) != 1:
        raise BadQuestion(M("单选题只能有一个答案；如有多个，请把题型改为多选题。"))


def _check_options(content: QuestionContent) -> None:
    if content.type is QuestionType.TRUE_FALSE:
        if content.options != TRUE_FALSE_OPTIONS:
            raise BadQuestion(M("判断题的选项只能是“正确”和“错误”。"))
        return
    if len(content.options) < LEAST_OPTIONS:
        raise BadQuestion(M("选择题至少要有两个选项。"))
    if len(content.options) > MOST_OPTIONS:
        raise BadQuestion(M("选项最多 %(most)s 个。", most=MOST_OPTIONS))
    seen: dict[str, int] = {}
    for place, text in enumerate(content.options):
        letter = chr(ord("A") + place)
        if not text.strip():
            raise BadQuestion(M("选项%(letter)s 是空的。", letter=letter))
        twin = seen.setdefault(unicodedata.normalize("NFKC", text).strip().casefold(), place)
        if twin != place:
            one = chr(ord("A") + twin)
            raise BadQuestion(M("选项%(one)s 和选项%(other)s 的文字相同。", one=one, other=letter))


def _check_blanks(content: QuestionContent) -> None:
    if content.options or content.key or content.parts:
        raise BadQuestion(M("填空题不能有选项或小题。"))
    if content.stem.count(BLANK) != len(content.blanks) or not content.blanks:
        raise BadQuestion(M("填空题的空（____）与答案的个数不一致。"))
    if len(content.blanks) > MOST_BLANKS:
        raise BadQuestion(M("填空最多 %(most)s 个。", most=MOST_BLANKS))
    for blank in content.blanks:
        accepted = [text for text in blank.accepted if text.strip()]
        if len(accepted) != len(blank.accepted) or not accepted:
            raise BadQuestion(M("填空的答案是空的。"))
        if blank.tolerance is not None and not _are_numbers(accepted, blank.tolerance):
            raise BadQuestion(M("有误差范围的填空，答案必须是数。"))


def _are_numbers(accepted: Iterable[str], tolerance: object) -> bool:
    return as_number(str(tolerance)) is not None and all(as_number(text) is not None for text in accepted)


def _check_case(content: QuestionContent) -> None:
    if content.options or content.key or content.blanks:
        raise BadQuestion(M("案例题只有材料和小题，选项和答案写在小题里。"))
    if not 0 < len(content.parts) <= MOST_PARTS:
        raise BadQuestion(M("案例题要有 1 到 %(most)s 个小题。", most=MOST_PARTS))
    for number, part in enumerate(content.parts, start=1):
        if part.type is QuestionType.CASE:
            raise BadQuestion(M("案例题的小题不能又是案例题。"))
        try:
            check_question(part)
        except BadQuestion as error:
            raise BadQuestion(
                M("第 %(number)s 小题：%(reason)s", number=number, reason=[error.message])
            ) from error
