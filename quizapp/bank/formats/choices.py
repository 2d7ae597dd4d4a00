"""Options of a question: in columns, or in one cell with letters, line ends, ``|``, ``##``, ``**`` between.

A cell is cut only where there is one way to cut it; what could be cut in two ways is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from quizapp.messages import M, Message

FIRST = ord("A")
_SEPARATORS = ("##", "**", "|", "\n")
_MARK = re.compile(r"[（(]?\s*(?P<letter>[A-HＡ-Ｈa-h])\s*(?P<sign>[)）]\s*[.．、:：]?|[.．、:：])\s*")
_BARE_MARK = re.compile(r"(?P<letter>[A-HＡ-Ｈ])(?![A-Za-z0-9类级型种楼区班组点项方])\s*")
_NUMBER = re.compile(r"[（(]?\s*(?P<number>[1-8１-８])\s*(?:[)）]\s*[.．、:：]?|[.．、:：](?!\d))\s*")
_LIST_ITEM = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|\Z)""")


class BadOptions(ValueError):
    """The options cannot be told apart; `message` says why and what would do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class Options:
    """A question's options. `counted` when they bear numbers from 1, so that an answer may name them so.

    `right` holds the places of those that say of themselves that they are right, None when none can.
    """

    texts: tuple[str, ...]
    counted: bool = False
    right: tuple[int, ...] | None = None


def split_cell(cell: str) -> Options:
    """Return the options that stand in one cell. Raises BadOptions."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    listed = items_of_list(text)
    if listed is not None:
        return Options(tuple(listed))
    used = [separator for separator in _SEPARATORS if separator in text]
    for separator in used:
        texts = _lettered(_pieces(text, separator))
        if texts:
            return Options(tuple(texts))
    if _MARK.match(_body(text)):
        return Options(tuple(_cut_at_letters(text)))
    return _cut_at_separator(text, used)


def items_of_list(text: str) -> list[str] | None:
    """Return the texts of a list as programs print it, ``['甲', '乙']``; None when the text is none."""
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        return None
    inner, found, place = inner[1:-1], [], 0
    while place < len(inner):
        match = _LIST_ITEM.match(inner, place)
        if match is None:
            return None
        found.append(re.sub(r"\\(.)", r"\1", match[1] if match[1] is not None else match[2]).strip())
        place = match.end()
    return found or None


def without_letters(cells: Sequence[str]) -> list[str]:
    """Return option columns without the letter that some banks repeat in the cell: “A. 停止作业”.

    Raises BadOptions when every cell bears a letter and they are not A, B, C…
    """
    marks = [_MARK.match(cell) for cell in cells]
    letters = [_letter(mark) for mark in marks if mark]
    if len(letters) > 1 and len(letters) == sum(map(bool, cells)) and letters != _alphabet(len(letters)):
        raise BadOptions(
            M("选项自带的字母是 %(letters)s，缺号或重号，请按 A、B、C 顺序填写。", letters="、".join(letters))
        )
    return [
        cell[mark.end() :] if mark and _letter(mark) == chr(FIRST + place) else cell
        for place, (cell, mark) in enumerate(zip(cells, marks, strict=True))
    ]


def _pieces(text: str, separator: str) -> list[str]:
    pieces = [piece.strip() for piece in text.split(separator)]
    if separator == "\n":
        return [piece for piece in pieces if piece]
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces[1:] if pieces and not pieces[0] else pieces


def _lettered(pieces: Sequence[str]) -> list[str] | None:
    """Return the pieces without their letters when these are A, B, C… one each; None otherwise."""
    for pattern in (_MARK, _BARE_MARK):
        marks = [pattern.match(piece) for piece in pieces]
        letters = [_letter(mark) for mark in marks if mark]
        if len(pieces) > 1 and letters == _alphabet(len(pieces)):
            texts = [piece[mark.end() :].strip() for piece, mark in zip(pieces, marks, strict=True) if mark]
            _check_no_mark_inside(texts, marks[0])
            return texts
    return None


def _check_no_mark_inside(texts: Sequence[str], first: re.Match[str] | None) -> None:
    """An option that holds the next one's mark was not cut where it should be."""
    sign = first.groupdict().get("sign") if first else None
    if not sign:
        return
    for place, text in enumerate(texts[:-1]):
        following = chr(FIRST + place + 1)
        if re.search(rf"(?<![A-Za-z0-9]){following}{re.escape(sign.strip())}", text):
            raise BadOptions(_ambiguous(following))


def _cut_at_letters(text: str) -> list[str]:
    body = _body(text)
    first = _MARK.match(body)
    assert first is not None  # noqa: S101 - the caller looked
    marks = _marks_like(body, first)
    letters = [_letter(mark) for mark in marks]
    doubled = next((letter for letter in letters if letters.count(letter) > 1), None)
    if doubled:
        raise BadOptions(_ambiguous(doubled))
    if letters != _alphabet(len(letters)) or len(letters) < 2:  # noqa: PLR2004 - one option is none
        raise BadOptions(
            M("选项的字母是 %(letters)s，缺号或分不开，请每个选项占一栏。", letters="、".join(letters))
        )
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    raw = [body[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
    used = {
        separator for piece in raw[:-1] for separator in _SEPARATORS if piece.rstrip(" ").endswith(separator)
    }
    texts = [_trimmed(piece) for piece in raw]
    for separator in used:
        if any(re.search(rf"{re.escape(separator)}(?![A-H])", piece) for piece in texts):
            raise BadOptions(_mixed())
    return texts


def _marks_like(body: str, first: re.Match[str]) -> list[re.Match[str]]:
    """Return all marks that are written as the first one is: with the same signs, in the same case."""
    opening = r"[（(]\s*" if body[0] in "（(" else ""
    letters = "[a-h]" if first["letter"].islower() else "[A-HＡ-Ｈ]"
    folded = unicodedata.normalize("NFKC", first["sign"]).strip()
    signs = {".": "[.．]", ":": "[:：]", "、": "、"}.get(folded, r"[)）]\s*[.．、:：]?")
    pattern = re.compile(rf"(?<![A-Za-z0-9]){opening}(?P<letter>{letters})\s*(?P<sign>{signs})\s*")
    return list(pattern.finditer(body))


def _trimmed(text: str) -> str:
    """Return a text without what stands between options at its end."""
    body = text.strip()
    while True:
        shorter = body.rstrip(" \t\n\u3000\xa0|;；,，、").removesuffix("##").removesuffix("**")
        if shorter == body:
            return body
        body = shorter


def _body(text: str) -> str:
    return _trimmed(text).lstrip("#*|\n ")


def _cut_at_separator(text: str, used: Sequence[str]) -> Options:
    if not used:
        raise BadOptions(M("选项都在一个单元格里，看不出怎样分开，请每个选项占一栏。"))
    if len(used) > 1:
        raise BadOptions(_mixed())
    pieces = _pieces(text, used[0])
    if not all(pieces):
        raise BadOptions(M("单元格里有空的选项，请每个选项占一栏。"))
    if any(_MARK.match(piece) for piece in pieces) or _begin_as_letters(pieces):
        raise BadOptions(M("单元格里有的选项带字母、有的不带，或缺号、重号，请每个选项占一栏。"))
    numbers = [_NUMBER.match(piece) for piece in pieces]
    counted = [unicodedata.normalize("NFKC", mark["number"]) for mark in numbers if mark]
    if counted == [str(number) for number in range(1, len(pieces) + 1)]:
        texts = [piece[mark.end() :] for piece, mark in zip(pieces, numbers, strict=True) if mark]
        return Options(tuple(texts), counted=True)
    return Options(tuple(pieces))


def _begin_as_letters(pieces: Sequence[str]) -> bool:
    """Say whether the pieces begin with A and B, though they do not go on so."""
    marks = [_BARE_MARK.match(piece) for piece in pieces[:2]]
    return [_letter(mark) for mark in marks if mark] == _alphabet(2)


def _letter(mark: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", mark["letter"]).upper()


def _alphabet(count: int) -> list[str]:
    return [chr(FIRST + place) for place in range(count)]


def _ambiguous(letter: str) -> Message:
    return M("单元格里的选项分不开：“%(letter)s”出现了不止一次，请每个选项占一栏。", letter=letter)


def _mixed() -> Message:
    return M("单元格里的选项分不开：分隔符混用，或选项里又有分隔符，请每个选项占一栏。")
