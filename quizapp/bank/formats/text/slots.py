"""Answers inside a stem: “……是（ A ）。”, “……（√）”.

Letters in brackets are as often a quantity or a type (“延伸率（A）”, “高度（H）”); only those count that
stand apart in their brackets, or do not follow the name of one.
"""

from __future__ import annotations

import re
import unicodedata

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.questions import BLANK
from quizapp.messages import M

_LETTERS = re.compile(r"[（(]([\s_]{0,20})([A-HＡ-Ｈ](?:[\s,，、]{0,3}[A-HＡ-Ｈ]){0,7})([\s_]{0,20})[)）]")
_TRUTH = re.compile(
    r"^[（(]\s{0,20}(√|×|✓|✔|✗|✘|对|错|正确|错误|[TFxX])\s{0,20}[)）]"
    r"|[（(]\s{0,20}(√|×|✓|✔|✗|✘|对|错|正确|错误|[TFxX])\s{0,20}[)）](?=[。.]?$)|(?<=[\s。])([√×✓✔✗✘])$"
)
_EMPTY = re.compile(r"[（(][\s_]{0,40}[)）]|[_＿]{2,}")
_ANSWER = re.compile(r"[（(]\s?(?:正确|参考)?答案\s?[:：]?\s?([^（()）]{1,40})[)）]")
#: Ends of the names of quantities, units and types.
_QUANTITIES = frozenset("率度量值数积流压号型类级比限阻能温时径宽高长厚距重速频力氏焦瓦安培数符表示代")
EMPTIED = "（　）"


def has_slot(stem: str) -> bool:
    """Say whether a stem has a place for an answer, filled or not."""
    return any(pattern.search(stem) for pattern in (_EMPTY, _LETTERS, _TRUTH, _ANSWER))


def has_empty_slot(stem: str) -> bool:
    """Say whether a stem has an empty place for an answer."""
    return bool(_EMPTY.search(stem))


def stands_apart(stem: str) -> bool:
    """Say whether letters stand in brackets with space on both sides of them, as “（ A ）”."""
    return any(match[1] and match[3] for match in _LETTERS.finditer(stem))


def take_labelled(stem: str) -> tuple[str, str]:
    """Return a stem without “（答案：A）”, and that answer; "" when there is none."""
    match = _ANSWER.search(stem)
    if match is None:
        return stem, ""
    return (stem[: match.start()] + stem[match.end() :]).strip(), match[1].strip()


def take_truth(stem: str) -> tuple[str, str]:
    """Return a stem with the sign of true or false emptied out, and the sign; "" when there is none."""
    match = _TRUTH.search(stem)
    if match is None:
        return stem, ""
    sign = next(found for found in match.groups() if found)
    return (stem[: match.start()].rstrip() + EMPTIED + stem[match.end() :]).strip(), sign


def take_letters(stem: str, options: int) -> tuple[str, str]:
    """Return a stem with its answer emptied out, and the letters; "" when none can be told for certain.

    Raises BadQuestion when several brackets could be it.
    """
    found = [match for match in _LETTERS.finditer(stem) if _within(match, options)]
    if not found or has_empty_slot(stem):
        return stem, ""
    apart = [match for match in found if match[1] and match[3]]
    likely = apart or [match for match in found if not _follows_quantity(stem, match)]
    if len(likely) > 1:
        raise BadQuestion(M("题干里有几处括号都像答案，分不清是哪一处；请另写一行“答案：”。"))
    if not likely:
        return stem, ""
    match = likely[0]
    return stem[: match.start()] + EMPTIED + stem[match.end() :], match[2]


def _within(match: re.Match[str], options: int) -> bool:
    letters = re.findall("[A-H]", unicodedata.normalize("NFKC", match[2]))
    return all(ord(letter) - ord("A") < options for letter in letters)


def _follows_quantity(stem: str, match: re.Match[str]) -> bool:
    return match.start() > 0 and stem[match.start() - 1] in _QUANTITIES


def blanked(stem: str) -> str:
    """Return a stem in which every empty place is the mark of a blank."""
    return _EMPTY.sub(BLANK, stem)
