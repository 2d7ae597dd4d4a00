"""Chinese names in pinyin: first letters, by which clerks search, and what a password must not be."""

from __future__ import annotations

from itertools import combinations

from pypinyin import Style, lazy_pinyin

LONGEST = 120
#: So many syllables of a name are looked at: more are not in a password.
LONGEST_SPOKEN = 16


def initials(name: str) -> str:
    """Return the first letter of each syllable, small: 武进机械厂 gives ``wjjxc``. Other signs stay."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:LONGEST]


def spoken_words(*names: str) -> list[str]:
    """Return the names and how they sound, whole, in part and by first letters: ``wujin``, ``wujinjixie``."""
    words = list(names)
    for name in names:
        syllables = [syllable.lower() for syllable in lazy_pinyin(name)][:LONGEST_SPOKEN]
        ends = combinations(range(len(syllables) + 1), 2)
        words += ["".join(syllables[first:last]) for first, last in ends if last - first > 1]
        words.append(initials(name))
    return words
