"""What stands in stems beside the question: its number, its answer, and words about a picture."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from quizapp.bank.formats.headings import FALSE_WORDS, TRUE_WORDS
from quizapp.bank.formats.keys import BadKey
from quizapp.bank.questions import QuestionType
from quizapp.imports.rows import plain
from quizapp.messages import M, Message

_NUMBER = re.compile(r"\s*(?:\d{1,4}\s*[.、．)）]|\d{1,3}\s*，)(?!\d)\s*")
_TWICE = re.compile(r"\s*(\d{1,4})\s*[.、．)）]\s*\1\s*[.、．)）](?!\d)\s*")
_LETTERS = re.compile(r"[（(](?P<inside>\s*[A-H](?:[\s,，、]*[A-H])*\s*)[）)]")
_EMPTY = re.compile(r"[（(]\s*[）)]|_{2,}")
_TRUTH = re.compile(r"[（(]\s*(?P<word>√|✓|✔|×|✗|✘|对|错|正确|错误)\s*[）)](?P<end>\s*[。.]?\s*)\Z")
#: A bracket after one of these stands for a missing word; after a noun it explains the noun: 延伸率（A）.
_BEFORE_A_GAP = "是为的应即属于有在由用将以和与及或、，,。；;：:"
_FIGURE = re.compile(
    r"[如下上左右附]图(?![书纸像方省快便谋利案])|图\s{0,3}[0-9一二三四五]{0,3}\s{0,3}[中所]示|图示"
    r"|(?:\A|[，。、；：,该此在从据])图中"
)
BLANKED = "（　）"


def without_number(stem: str) -> str:
    """Return a stem without the number before it, which some banks write twice."""
    number = _TWICE.match(stem) or _NUMBER.match(stem)
    return stem if number is None or number.end() == len(stem) else stem[number.end() :]


def is_about_a_picture(text: str) -> bool:
    """Say whether a text speaks of a picture that should be there."""
    return bool(_FIGURE.search(text))


def without_key(stem: str, kind: QuestionType, key: Sequence[int], count: int) -> tuple[str, list[Message]]:
    """Blank an answer inside a stem of a question with `count` options: learners would see it.

    A letter that explains a quantity, as in 延伸率（A）, stays. Raises BadKey when the answer in the stem is
    another one than the key.
    """
    if kind is QuestionType.TRUE_FALSE:
        return _without_truth(stem, key)
    if _EMPTY.search(stem):
        return stem, []
    blanked, remarks, at = [], [], 0
    for match in _LETTERS.finditer(stem):
        places = sorted({ord(letter) - ord("A") for letter in re.findall("[A-H]", match["inside"])})
        is_key = places == list(key)
        if places[-1] >= count or not (_is_in_a_gap(stem, match) or (is_key and len(key) > 1)):
            if is_key:
                remarks.append(M("题干里有“%(mark)s”，与答案相同，请核对是否泄露答案。", mark=match[0]))
            continue
        if not is_key:
            raise BadKey(M("题干里写着“%(mark)s”，与答案一栏不一致，请核对。", mark=match[0].strip()))
        blanked += [stem[at : match.start()], BLANKED]
        at = match.end()
    if not blanked:
        return stem, remarks
    return "".join(blanked) + stem[at:], [M("题干里写着答案，已改为空括号。"), *remarks]


def _is_in_a_gap(stem: str, match: re.Match[str]) -> bool:
    inside = match["inside"]
    if inside != inside.strip():
        return True
    before = stem[: match.start()].rstrip()
    return (
        not before
        or unicodedata.normalize("NFKC", before[-1]) in _BEFORE_A_GAP
        or before[-1] in _BEFORE_A_GAP
    )


def _without_truth(stem: str, key: Sequence[int]) -> tuple[str, list[Message]]:
    match = _TRUTH.search(stem)
    if match is None or not key:
        return stem, []
    word = plain(match["word"])
    said = 0 if word in TRUE_WORDS else 1 if word in FALSE_WORDS else None
    if said != key[0]:
        raise BadKey(M("题干里写着“%(mark)s”，与答案一栏不一致，请核对。", mark=match[0].strip()))
    return stem[: match.start()] + BLANKED + match["end"], [M("题干里写着答案，已改为空括号。")]
