"""Where something is to be filled in, in the stem of a question from GIFT."""

from __future__ import annotations

import re

from quizapp.bank.questions import BLANK

_SPACE = re.compile(r"[_＿]{2,}|[（(][\s_]{0,40}[）)]")


def blanked(stem: str) -> str:
    """Return a stem with the mark of its blank: where it has a space for one, else at its end."""
    if BLANK in stem:
        return stem
    spaces = _SPACE.findall(stem)
    return _SPACE.sub(BLANK, stem) if len(spaces) == 1 else f"{stem} {BLANK}"
