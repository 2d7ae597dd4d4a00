"""Lettered options, one a line or several on one.

An option's own text may name letters (“A、B两种方法一起使用”): a letter begins an option only when it is the
next one and stands where an option can begin.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

_START = re.compile(
    r"(?:[-·•]\s?)?(?:[（(]\s?([A-ZＡ-Ｚ])\s?[)）]\s?[.、．:：]?|([A-ZＡ-Ｚ])\s{0,2}[.、．:：)）]|([A-ZＡ-Ｚ])(?=\s))\s*"
)
_GLUED = re.compile(r"([A-HＡ-Ｈ])(?=[\u4e00-\u9fff])")
_SPACED = re.compile(r"(?<=[\s；;])(?:[（(]\s?([A-HＡ-Ｈ])\s?[)）]|([A-HＡ-Ｈ])\s?[.、．:：)）])\s*")
_DOTTED = re.compile(r"(?<![A-Za-z0-9Ａ-Ｚ\s；;])([A-HＡ-Ｈ])\s?[.．:：]\s*")
_LISTED = re.compile(r"(?<![A-Za-z0-9Ａ-Ｚ\s；;])([A-HＡ-Ｈ])、\s*")
_INNER_FIRST = re.compile(r"(?<=[\s）)。？?：:_])([AＡ])\s?[.、．:：]\s*")
LEAST_LISTED = 3
#: Places of a line that are looked at for the first option.
MOST_TRIED = 4

Option = tuple[str, str]


def letter_of(text: str) -> str | None:
    """Return the letter that a line begins with as an option does; None for any other line."""
    match = _START.match(text)
    return _letter(match) if match else None


def glued_letter_of(text: str) -> str | None:
    """Return the letter that a line begins with right before its text, as in “A停止作业”."""
    match = _GLUED.match(text)
    return _letter(match) if match else None


def split_options(text: str, *, next_line: str = "") -> list[Option]:
    """Return the options on a line that begins with one."""
    match = _START.match(text) or _GLUED.match(text)
    if match is None:
        return []
    first = _letter(match)
    rest = text[match.end() :]
    following = (letter_of(next_line) or glued_letter_of(next_line)) if next_line else None
    found = _chain(first, rest, _SPACED)
    if len(found) > 1:
        return found
    if following == chr(ord(first) + 1):
        return found
    for pattern, least in ((_DOTTED, 2), (_LISTED, LEAST_LISTED)):
        glued = _chain(first, rest, pattern)
        if len(glued) >= least and all(option for _, option in glued):
            return glued
    return found


def split_stem(text: str) -> tuple[str, list[Option]]:
    """Return a stem, and the options that follow it on its line."""
    for match in islice(_INNER_FIRST.finditer(text), MOST_TRIED):
        found = split_options(text[match.start() :])
        if len(found) > 1 and all(option for _, option in found):
            return text[: match.start()].strip(), found
    return text, []


def _letter(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", next(letter for letter in match.groups() if letter))


def _chain(first: str, rest: str, pattern: re.Pattern[str]) -> list[Option]:
    """Split where the next letter begins an option; any other letter is text."""
    found, start, wanted = [], 0, ord(first) + 1
    letter = first
    for match in pattern.finditer(rest):
        if ord(_letter(match)) != wanted:
            continue
        found.append((letter, rest[start : match.start()].strip()))
        letter, start, wanted = chr(wanted), match.end(), wanted + 1
    return [*found, (letter, rest[start:].strip())]
