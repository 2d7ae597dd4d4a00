"""Texts that a spreadsheet program would take for formulas, made harmless and made whole again. Pure."""

from __future__ import annotations

#: Signs that make a spreadsheet program compute a cell (OWASP, CSV injection), full width included.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GUARD = "'"


def guarded(text: str) -> str:
    """Return a text as it may stand in a CSV cell: one that begins like a formula gets an apostrophe."""
    return GUARD + text if text.lstrip(GUARD).startswith(FORMULA_SIGNS) else text


def unguarded(text: str) -> str:
    """Return the text that `guarded` was given."""
    return text[1:] if text.startswith(GUARD) and text.lstrip(GUARD).startswith(FORMULA_SIGNS) else text
