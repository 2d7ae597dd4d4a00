"""Words that say what follows them: 答案, 解析, 难度 and the like."""

from __future__ import annotations

import re

ANSWER, EXPLANATION, DIFFICULTY, TAGS, SOURCE, POINTS = (
    "answer", "explanation", "difficulty", "tags", "source", "points",
)  # fmt: skip
_WORDS = {
    ANSWER: "正确答案 参考答案 标准答案 本题答案 正确选项 答案",
    EXPLANATION: "答案解析 试题解析 参考解析 题目解析 解析 解释",
    DIFFICULTY: "难度等级 难易程度 难度",
    TAGS: "知识点 考点 标签",
    SOURCE: "法律依据 出题依据 依据 出处 来源",
    POINTS: "分值 分数",
}
_LABELS = {word: label for label, words in _WORDS.items() for word in words.split()}
_ANY = "|".join(sorted(_LABELS, key=len, reverse=True))
#: Inside a line only these are labels without brackets round them.
_INNER = "|".join(
    word for word in sorted(_LABELS, key=len, reverse=True) if _LABELS[word] not in {SOURCE, POINTS}
)
_LABEL = re.compile(
    rf"[【\[]\s?({_ANY})\s?[】\]]\s?[:：]?\s*|(?:(?<=[\s；;。）)])|^)({_INNER})\s?[:：]\s*|^({_ANY})\s?[:：]\s*"
)
_BARE_ANSWER = re.compile(
    r"(?:正确答案|参考答案|标准答案|答案)\s{0,9}([A-HＡ-Ｈ][A-HＡ-Ｈ、,，\s]{0,20}|[√×✓✔✗✘对错]|正确|错误)"
    r"|答\s?[:：]\s{0,9}(.+)",
    re.DOTALL,
)


def split_labels(text: str) -> list[tuple[str, str]]:
    """Return the pieces of a line with what each is labelled as; "" for what stands before a label."""
    bare = _BARE_ANSWER.fullmatch(text)
    if bare:
        return [(ANSWER, (bare[1] or bare[2]).strip())]
    found, name, place = [], "", 0
    for match in _LABEL.finditer(text):
        found.append((name, text[place : match.start()].strip(" \t；;\u3000")))
        name, place = _LABELS[match[1] or match[2] or match[3]], match.end()
    found.append((name, text[place:].strip()))
    return [(label, piece) for label, piece in found if label or piece]
