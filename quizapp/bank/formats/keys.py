"""Reading the answer column: letters, signs and words, in every width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from quizapp.bank.formats.headings import FALSE_WORDS, TRUE_WORDS
from quizapp.bank.questions import QuestionType, normalise
from quizapp.imports.rows import plain
from quizapp.messages import M, Message

_SEPARATORS = re.compile(r"[\s,，、;；|/和]+")
#: Nobody can say whether this is a cross or a letter.
_AMBIGUOUS = "x"


class BadKey(ValueError):
    """The answer cannot be read; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def read_key(kind: QuestionType, text: str, options: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the right options, ascending; for true/false 0 is true. Raises BadKey."""
    if not text.strip():
        raise BadKey(M("答案是空的，请填写正确答案。"))
    if kind is QuestionType.TRUE_FALSE:
        return (_truth(text, options),)
    chosen = _letters(text, options)
    if kind is QuestionType.SINGLE and len(chosen) != 1:
        raise BadKey(M("单选题只能有一个答案；如有多个，请把题型改为多选题。"))
    if kind is QuestionType.MULTIPLE and len(chosen) < 2:  # noqa: PLR2004 - that is what multiple means
        raise BadKey(M("多选题至少要有两个答案；如只有一个，请把题型改为单选题。"))
    return chosen


def _truth(text: str, options: Sequence[str]) -> int:
    word = plain(text)
    if word == _AMBIGUOUS:
        raise BadKey(M("“x”可能是叉号也可能是字母，请改为“对”或“错”。"))
    if len(word) == 1 and "a" <= word <= "h":
        place = ord(word) - ord("a")
        if place >= len(options):
            raise BadKey(M("判断题的答案是字母，但没有对应的选项，请改为“对”或“错”。"))
        word = plain(options[place])
    if word in TRUE_WORDS:
        return 0
    if word in FALSE_WORDS:
        return 1
    raise BadKey(M("判断题的答案看不懂，请填写“对”或“错”。"))


def _letters(text: str, options: Sequence[str]) -> tuple[int, ...]:
    folded = unicodedata.normalize("NFKC", text).strip()
    letters = _SEPARATORS.sub("", folded).upper()
    if not re.fullmatch(r"[A-Z]+", letters):
        return _by_text(folded, options)
    chosen = sorted({ord(letter) - ord("A") for letter in letters})
    beyond = [chr(ord("A") + place) for place in chosen if place >= len(options)]
    if beyond:
        raise BadKey(M("答案里的 %(letters)s 没有对应的选项。", letters="、".join(beyond)))
    return tuple(chosen)


def _by_text(text: str, options: Sequence[str]) -> tuple[int, ...]:
    """Some banks write the right option out."""
    for place, option in enumerate(options):
        if normalise(option) and normalise(option) == normalise(text):
            return (place,)
    raise BadKey(M("答案看不懂：应为选项字母，如 A 或 ABC。"))
