"""Reading the answer column: letters, signs, numbers and words, in every width."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from quizapp.bank.formats.choices import items_of_list
from quizapp.bank.formats.headings import FALSE_WORDS, TRUE_WORDS
from quizapp.bank.questions import QuestionType, normalise
from quizapp.imports.rows import plain
from quizapp.messages import M, Message

_BETWEEN = re.compile(r"[\s,，、;；|/和及与&.。．·]+")
#: What stands around letters: “答案：A”, “（AB）”, “选C”, “B项。”.
_AROUND = re.compile(
    r"(?:(?:正确|标准|参考)?答案\s*(?:是|为)?\s*[:：]?|应?选)?\s*[\[【(]?\s*"
    r"(?P<key>[A-Za-z1-9](?:[\s,、;|/和及与&.。·]*[A-Za-z1-9])*)\s*[\]】)]?\s*项?\s*[.。;,]?"
)
_WITH_TEXT = re.compile(r"(?P<letter>[A-H])\s*[.、:)]\s*(?P<text>.+)", re.DOTALL)
#: Nobody can say whether this is a cross or a letter.
_AMBIGUOUS = "x"
LONGEST_KEY, LONGEST_WORD = 4000, 100


class BadKey(ValueError):
    """The answer cannot be read; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def read_key(
    kind: QuestionType, text: str, options: Sequence[str], *, counted: bool = False
) -> tuple[int, ...]:
    """Return the indices of the right options, ascending; for true/false 0 is true. Raises BadKey.

    Numbers from 1 are taken for options only where these are `counted`.
    """
    if not text.strip():
        raise BadKey(M("答案是空的，请填写正确答案。"))
    if kind is QuestionType.TRUE_FALSE:
        return (_truth(text, options),)
    chosen = chosen_options(text, options, counted=counted)
    check_count(kind, chosen)
    return chosen


def check_count(kind: QuestionType, chosen: Sequence[int]) -> None:
    """Raise BadKey when so many answers do not suit the type."""
    if kind is QuestionType.SINGLE and len(chosen) != 1:
        raise BadKey(M("单选题只能有一个答案；如有多个，请把题型改为多选题。"))
    if kind is QuestionType.MULTIPLE and len(chosen) < 2:  # noqa: PLR2004 - that is what multiple means
        raise BadKey(M("多选题至少要有两个答案；如只有一个，请把题型改为单选题。"))


def chosen_options(text: str, options: Sequence[str], *, counted: bool = False) -> tuple[int, ...]:
    """Return the options that an answer names, however many. Raises BadKey."""
    if len(text) > LONGEST_KEY:
        raise BadKey(M("答案看不懂：应为选项字母，如 A 或 ABC。"))
    listed = items_of_list(text)
    if listed is not None:
        return _together([_one(item, options) for item in listed])
    folded = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    named = _by_letters(folded, options, counted=counted)
    written = _by_text(folded, options)
    if named is None:
        return written or _by_texts(folded, options)
    # One letter is a letter. More may be a word that is an option, such as CPR.
    if written is not None and len(named) > 1 and written != named:
        if max(named) >= len(options):
            return written
        raise BadKey(M("答案既像选项字母，又是选项的文字，请改为选项字母，用顿号隔开。"))
    beyond = [chr(ord("A") + place) for place in named if place >= len(options)]
    if beyond and written is not None:
        return written
    if beyond:
        raise BadKey(M("答案里的 %(letters)s 没有对应的选项。", letters="、".join(beyond)))
    return named


def check_text(text: str, key: Sequence[int], options: Sequence[str]) -> None:
    """Raise BadKey when the right options' texts, written beside the key, are other ones."""
    rest = _folded(text)
    for place in sorted(key, key=lambda place: -len(_folded(options[place]))):
        wanted = _folded(options[place])
        if wanted not in rest:
            raise BadKey(M("正确答案与正确答案文本不一致，请核对。"))
        rest = rest.replace(wanted, "", 1)
    if re.sub(r"[a-h]", "", normalise(rest)):
        raise BadKey(M("正确答案与正确答案文本不一致，请核对。"))


def _truth(text: str, options: Sequence[str]) -> int:
    word = plain(text.strip()[:LONGEST_WORD].rstrip(".。"))
    if word == _AMBIGUOUS:
        raise BadKey(M("“x”可能是叉号也可能是字母，请改为“对”或“错”。"))
    # T and F are words where there are no options to be letters of.
    if len(word) == 1 and "a" <= word <= "h" and not (word == "f" and len(options) <= ord("f") - ord("a")):
        place = ord(word) - ord("a")
        if place >= len(options):
            raise BadKey(M("判断题的答案是字母，但没有对应的选项，请改为“对”或“错”。"))
        word = plain(options[place][:LONGEST_WORD])
    if word in TRUE_WORDS:
        return 0
    if word in FALSE_WORDS:
        return 1
    raise BadKey(M("判断题的答案看不懂，请填写“对”或“错”。"))


def _by_letters(folded: str, options: Sequence[str], *, counted: bool) -> tuple[int, ...] | None:
    """Return the places that letters, or numbers where these count, name; None when there are none."""
    around = _AROUND.fullmatch(folded)
    if around is None:
        return _letter_with_text(folded, options)
    names = _BETWEEN.sub("", around["key"]).upper()
    if names.isalpha():
        return tuple(sorted({ord(name) - ord("A") for name in names}))
    if not names.isdigit() or _by_text(folded, options) is not None:
        _check_not_both(names, folded, options, counted=counted)
        return None
    if not counted:
        raise BadKey(M("答案是数字，选项却没有编号，请改为选项字母。"))
    return tuple(sorted({int(name) - 1 for name in names}))


def _check_not_both(names: str, folded: str, options: Sequence[str], *, counted: bool) -> None:
    """A number may be the option's number and another option's text."""
    written = _by_text(folded, options)
    if counted and names.isdigit() and len(names) == 1 and written not in {None, (int(names) - 1,)}:
        raise BadKey(M("答案既像选项编号，又是选项的文字，请改为选项字母。"))


def _letter_with_text(folded: str, options: Sequence[str]) -> tuple[int, ...] | None:
    """Read “A. 停止作业”: both must mean the same option."""
    match = _WITH_TEXT.fullmatch(folded)
    if match is None or _by_text(folded, options) is not None:
        return None
    place = ord(match["letter"]) - ord("A")
    if place >= len(options) or _folded(options[place]) != _folded(match["text"]):
        raise BadKey(M("答案的字母与后面的文字不是同一个选项，请核对。"))
    return (place,)


def _by_text(text: str, options: Sequence[str]) -> tuple[int, ...] | None:
    """Some banks write the right option out."""
    for fold in (_exact, _folded):
        wanted = fold(text)
        found = [place for place, option in enumerate(options) if wanted and fold(option) == wanted]
        if len(found) == 1:
            return (found[0],)
    return None


def _by_texts(text: str, options: Sequence[str]) -> tuple[int, ...]:
    for between in (r"[;；|]|##|\*\*", r"[;；|、,，]|##|\*\*"):
        pieces = [piece for piece in re.split(between, text) if piece.strip()]
        found = [_by_text(piece, options) for piece in pieces]
        if found and all(found):
            return _together([place for one in found if one for place in one])
    raise BadKey(M("答案看不懂：应为选项字母，如 A 或 ABC。"))


def _one(item: str, options: Sequence[str]) -> int:
    found = _by_text(item, options)
    if found is None and re.fullmatch(r"[A-H]", item.strip()) and ord(item.strip()) - ord("A") < len(options):
        return ord(item.strip()) - ord("A")
    if found is None:
        raise BadKey(M("答案“%(text)s”不是任何一个选项的文字。", text=item[:40]))
    return found[0]


def _together(places: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(set(places)))


def _exact(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _folded(text: str) -> str:
    return normalise(text) or _exact(text)
