"""What fills the blanks of a typed question."""

from __future__ import annotations

import re

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.questions import BLANK, MOST_BLANKS, Blank
from quizapp.messages import M

_NUMBERS = re.compile(r"(?:[（(]\s?\d{1,2}\s?[)）]|[①②③④⑤⑥⑦⑧⑨⑩]|第[一二三四五六七八九十\d]{1,2}空\s?[:：])")
#: From the surest to the least sure sign between two answers.
_SEPARATORS = ("\n", "；", ";", "|", "、", "，", ",", "\t", "  ", " ", "\u3000", "/")


def read_blanks(stem: str, answer: str) -> tuple[Blank, ...]:
    """Return the blanks of a stem from the answers listed for it. Raises BadQuestion when they do not fit."""
    wanted = stem.count(BLANK)
    if wanted == 0:
        raise BadQuestion(M("填空题的题干里没有要填的空（____ 或空括号）。"))
    if wanted == 1:
        return (Blank((answer,)),)
    if wanted > MOST_BLANKS:
        raise BadQuestion(M("填空最多 %(most)s 个。", most=MOST_BLANKS))
    for found in (_NUMBERS.split(answer)[1:], *(answer.split(separator) for separator in _SEPARATORS)):
        texts = [text.strip(" \t\n\u3000；;，,、。") for text in found]
        if len(texts) == wanted and all(texts):
            return tuple(Blank((text,)) for text in texts)
    raise BadQuestion(
        M("填空题有 %(wanted)s 个空，答案却分不成这么多个；请用分号把各空的答案隔开。", wanted=wanted)
    )
