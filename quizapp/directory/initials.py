"""First letters of Chinese names in pinyin, by which clerks search."""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin

LONGEST = 120


def initials(name: str) -> str:
    """Return the first letter of each syllable, small: 武进机械厂 gives ``wjjxc``. Other signs stay."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:LONGEST]
