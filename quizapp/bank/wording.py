"""How options and what is right are named on a page and in a file. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from quizapp.bank.questions import Blank

LETTERS = "ABCDEFGH"


def letters(shown: Iterable[int]) -> str:
    """Return the letters of options by their place as shown: [0, 2] is AC."""
    return "".join(LETTERS[place] for place in sorted(shown))


def filled(texts: Iterable[str]) -> str:
    """Return what was written into the blanks, in their order; "" when nothing was."""
    return "；".join(text or "—" for text in texts)


def accepted(blanks: Iterable[Blank]) -> str:
    """Return what the blanks take: variants by a stroke, a number with how far it may be off."""
    return "；".join(
        " / ".join(blank.accepted) + ("" if blank.tolerance is None else f" ± {blank.tolerance}")
        for blank in blanks
    )
