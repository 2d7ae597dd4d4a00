"""The numbers and letters that Word shows before paragraphs and keeps apart from their texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_DIGITS = "零一二三四五六七八九"
_LETTERS = 26
_CHINESE = frozenset(
    "chineseCounting chineseCountingThousand japaneseCounting ideographDigital taiwaneseCounting "
    "taiwaneseCountingThousand koreanDigital2 chineseLegalSimplified".split()
)
_SILENT = frozenset("bullet none".split())
_DEEPEST_STYLE = 10
_HUNDRED = 100
MOST_LEVELS = 9
LONGEST_LABEL = 40


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list is numbered."""

    form: str
    text: str
    start: int


@dataclass
class Numbering:
    """Counts the lists of a document in the order of its paragraphs."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    restarts: dict[tuple[str, int], int] = field(default_factory=dict)
    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, numbering: Any, styles: Any) -> Numbering:
        """Return the numbering that a document's parts describe; either may be missing."""
        found = cls()
        if numbering is not None:
            found._read_lists(numbering)
        if styles is not None:
            found._read_styles(styles)
        return found

    def _read_lists(self, root: Any) -> None:
        for abstract in root.findall(qn("w:abstractNum")):
            levels = {}
            for level in abstract.findall(qn("w:lvl"))[:MOST_LEVELS]:
                form, text = _value(level, "w:numFmt", "decimal"), _value(level, "w:lvlText", "")
                levels[_whole(level.get(qn("w:ilvl")))] = _Level(
                    form, text[:LONGEST_LABEL], _whole(_value(level, "w:start", "1"))
                )
            self.levels[abstract.get(qn("w:abstractNumId"), "")] = levels
        for one in root.findall(qn("w:num")):
            number = one.get(qn("w:numId"), "")
            self.lists[number] = _value(one, "w:abstractNumId", "")
            for override in one.findall(qn("w:lvlOverride")):
                start = _value(override, "w:startOverride", "")
                if start:
                    self.restarts[number, _whole(override.get(qn("w:ilvl")))] = _whole(start)

    def _read_styles(self, root: Any) -> None:
        styles = {style.get(qn("w:styleId")): style for style in root.findall(qn("w:style"))}
        for name, first in styles.items():
            style = first
            for _ in range(_DEEPEST_STYLE):
                found = _list_of(style)
                if found:
                    self.styles[name] = found
                    break
                style = styles.get(_value(style, "w:basedOn", ""))
                if style is None:
                    break

    def label(self, paragraph: Any) -> str:
        """Return what Word shows before a paragraph, and count it."""
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        found = _list_of(paragraph) or self.styles.get("" if style is None else style.get(qn("w:val"), ""))
        if found is None:
            return ""
        number, depth = found
        abstract = self.lists.get(number)
        level = self.levels.get(abstract or "", {}).get(depth)
        if abstract is None or level is None:
            return ""
        self._count(abstract, number, depth, level)
        if level.form in _SILENT:
            return ""
        return re.sub(r"%([1-9])", lambda match: self._shown(abstract, int(match[1]) - 1), level.text)

    def _count(self, abstract: str, number: str, depth: int, level: _Level) -> None:
        restart = self.restarts.pop((number, depth), None)
        counts = self.counts.setdefault(abstract, {})
        following = counts[depth] + 1 if depth in counts else level.start
        kept = {place: count for place, count in counts.items() if place < depth}
        self.counts[abstract] = {**kept, depth: following if restart is None else restart}

    def _shown(self, abstract: str, depth: int) -> str:
        level = self.levels[abstract].get(depth)
        if level is None:
            return ""
        return _written(self.counts[abstract].get(depth, level.start), level.form)


def _written(number: int, form: str) -> str:
    if form in {"upperLetter", "lowerLetter"} and 0 < number <= _LETTERS:
        return chr(ord("A" if form == "upperLetter" else "a") + number - 1)
    if form in _CHINESE and 0 < number < _HUNDRED:
        tens, ones = divmod(number, 10)
        leading = {0: "", 1: "十"}.get(tens, f"{_DIGITS[tens]}十")
        return leading + (_DIGITS[ones] if ones else "")
    return str(number)


def _list_of(element: Any) -> tuple[str, int] | None:
    found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if found is None:
        return None
    number = _value(found, "w:numId", "")
    return (number, _whole(_value(found, "w:ilvl", "0"))) if number else None


def _value(element: Any, name: str, otherwise: str) -> str:
    found = element.find(qn(name))
    return otherwise if found is None else found.get(qn("w:val"), otherwise)


def _whole(text: str | None) -> int:
    """Numbers come from strangers: what is none, or absurd, is 0."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,6}", text) else 0
