r"""Blanks to fill in, as texts of a table: ``甲 / 乙；3.14±0.01`` fills two.

``；`` or ``|`` stands between blanks, ``/`` between texts that are equally right, ``±`` before a tolerance. A
``/`` between two letters or digits without space around it is part of a text: km/h. A backslash before any of
these signs, or before another backslash, takes its meaning away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from quizapp.bank.questions import BLANK, Blank, as_number
from quizapp.messages import M, Message

_UNDERLINES, _BRACKETS = re.compile(r"_{2,}"), re.compile(r"[（(][\s_]*[）)]")
_SPECIAL = "；;|/±\\"
_BETWEEN_BLANKS, _TOLERANCE = "；;|", "±"
#: What clerks put between the answers of several blanks; only where it gives one for each blank.
_LOOSER = (re.compile("[、]"), re.compile("[，,]"), re.compile(r"\s+"))


class BadFilling(ValueError):
    """The blanks cannot be read; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def read_fillings(stem: str, text: str) -> tuple[str, tuple[Blank, ...], list[Message]]:
    """Return the stem with its blanks marked, what fills them, and remarks. Raises BadFilling."""
    if not text.strip():
        raise BadFilling(M("答案是空的，请填写正确答案。"))
    blanks = parse_fillings(text)
    marked, count = mark_blanks(stem, len(blanks))
    remarks = []
    if count != len(blanks) and len(blanks) == 1:
        looser = _loosely(text, count)
        if looser:
            blanks, remarks = looser, [M("填空题的几个答案不是用分号隔开的，请核对是否分对。")]
    if not count:
        raise BadFilling(M("填空题的题干里没有空，请用 ____ 或（ ）标出。"))
    if count != len(blanks):
        raise BadFilling(
            M(
                "题干有 %(blanks)s 个空，答案却有 %(answers)s 个；答案之间用“；”隔开。",
                blanks=count,
                answers=len(blanks),
            )
        )
    return marked, blanks, remarks


def mark_blanks(stem: str, wanted: int) -> tuple[str, int]:
    """Return the stem with ``____`` for each blank, and how many there are.

    Underlines are blanks; so are empty brackets, where there are no underlines or both together are `wanted`.
    """
    underlines, brackets = len(_UNDERLINES.findall(stem)), len(_BRACKETS.findall(stem))
    marked = _UNDERLINES.sub(BLANK, stem)
    if underlines and (underlines == wanted or underlines + brackets != wanted):
        return marked, underlines
    return _UNDERLINES.sub(BLANK, _BRACKETS.sub(BLANK, stem)), underlines + brackets


def parse_fillings(text: str) -> tuple[Blank, ...]:
    """Return what fills each blank. Raises BadFilling."""
    return tuple(_blank(part) for part in _split(text, lambda signs, place: signs[place] in _BETWEEN_BLANKS))


def write_fillings(blanks: Sequence[Blank]) -> str:
    """Return the text that `parse_fillings` reads."""
    return "；".join(_written(blank) for blank in blanks)


def _written(blank: Blank) -> str:
    accepted = " / ".join(re.sub(r"[；;|/±\\]", r"\\\g<0>", text) for text in blank.accepted)
    return accepted if blank.tolerance is None else f"{accepted} ± {blank.tolerance}"


def _split(text: str, is_between: Callable[[str, int], bool]) -> list[str]:
    """Cut where an unescaped sign stands between; what is escaped stays so."""
    pieces, begun, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\" and text[place + 1 : place + 2] and text[place + 1] in _SPECIAL:
            place += 2
            continue
        if is_between(text, place):
            pieces.append(text[begun:place])
            begun = place + 1
        place += 1
    return [*pieces, text[begun:]]


def _is_slash_between(text: str, place: int) -> bool:
    if text[place] != "/":
        return False
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return not (len(around) == 2 and around.isascii() and around.isalnum())  # noqa: PLR2004 - one on each side


def _blank(text: str) -> Blank:
    accepted_text, *tolerances = _split(text, lambda signs, place: signs[place] == _TOLERANCE)
    accepted = tuple(_unescaped(piece) for piece in _split(accepted_text, _is_slash_between))
    if not all(accepted):
        raise BadFilling(M("填空的答案是空的。"))
    if not tolerances:
        return Blank(accepted)
    tolerance = as_number(_unescaped(tolerances[0]))
    if len(tolerances) > 1 or tolerance is None or tolerance < 0 or None in map(as_number, accepted):
        raise BadFilling(M("有误差范围的填空，答案应写作“数±数”，如 3.14±0.01。"))
    return Blank(accepted, tolerance)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([；;|/±\\])", r"\1", text.strip())


def _loosely(text: str, count: int) -> tuple[Blank, ...] | None:
    for between in _LOOSER:
        pieces = [piece for piece in between.split(text.strip()) if piece.strip()]
        if len(pieces) == count > 1:
            return tuple(_blank(piece) for piece in pieces)
    return None
