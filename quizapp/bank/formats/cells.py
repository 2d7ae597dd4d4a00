"""Texts of cells with the pictures that stand on them.

A picture that bears the alternative text ``图2：锅炉房`` takes the place of ``[图2]`` in its cell's text;
every other one comes after the text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from quizapp.files.pictures import BadPicture, Picture, make_anew
from quizapp.files.references import refer, replace_references
from quizapp.imports.rows import Line, Refusal
from quizapp.imports.tables import CellPicture, Table, column_letter
from quizapp.messages import M, Message

#: What programs put for an alternative text when nobody wrote one.
_FILE_NAME = re.compile(r"\.(?:png|jpe?g|gif|bmp|webp|tiff?)\Z", re.IGNORECASE)
_NUMBERED = re.compile(r"图(\d{1,4})(?:：(.*))?", re.DOTALL)


class PictureShelf:
    """Takes in the pictures of a file; the same one only once."""

    def __init__(self) -> None:
        self.kept: dict[str, Picture] = {}
        self._made: dict[bytes, Picture | BadPicture] = {}

    def take(self, found: CellPicture) -> Picture:
        """Return a picture as it is kept. Raises BadPicture."""
        mark = hashlib.sha256(found.content).digest()
        if mark not in self._made:
            try:
                self._made[mark] = make_anew(found.content)
            except BadPicture as error:
                self._made[mark] = error
        made = self._made[mark]
        if isinstance(made, BadPicture):
            raise made
        self.kept[made.digest] = made
        return made


class PictureReader:
    """Reads a sheet's texts with their pictures, and knows which pictures nobody has asked for."""

    def __init__(self, table: Table, shelf: PictureShelf) -> None:
        self.table, self.shelf = table, shelf
        self.unused = set(table.pictures)

    def text(self, line: Line, column: int, *others: int) -> str:
        """Return a column's text with the pictures on it and on `others` in the row. Raises Refusal."""
        text = line.at(column) if column else ""
        if not self.table.pictures:
            return text
        for place in (column, *others):
            for picture in self.table.pictures.get((line.number, place), ()):
                text = self._with(text, picture, place)
            self.unused.discard((line.number, place))
        return text

    def _with(self, text: str, picture: CellPicture, column: int) -> str:
        try:
            digest = self.shelf.take(picture).digest
        except BadPicture as error:
            raise Refusal(error.message, column) from error
        numbered = _NUMBERED.fullmatch(picture.description)
        if numbered and f"[图{numbered[1]}]" in text:
            return text.replace(f"[图{numbered[1]}]", refer(digest, numbered[2] or ""), 1)
        shows = "" if _FILE_NAME.search(picture.description) else picture.description
        reference = refer(digest, shows)
        return f"{text}\n{reference}" if text else reference

    def left(self) -> list[tuple[int, str, Message]]:
        """Return row, column and remark for each picture that belongs to no question."""
        return [
            (row, column_letter(column), M("这里的图片不在题目的行里，已略过。"))
            for row, column in sorted(self.unused)
        ]


def without_references(
    text: str, take: Callable[[str], Picture | None]
) -> tuple[str, list[tuple[Picture, str]]]:
    """Return a text for a cell, and its pictures in order, each with the alternative text it must bear.

    What `take` does not know stays a reference.
    """
    found: list[tuple[Picture, str]] = []
    number = 0

    def placeholder(digest: str, shows: str) -> str:
        nonlocal number
        picture = take(digest)
        if picture is None:
            return refer(digest, shows)
        number += 1
        while f"[图{number}]" in text:
            number += 1
        found.append((picture, f"图{number}：{shows}" if shows else f"图{number}"))
        return f"[图{number}]"

    return replace_references(text, placeholder), found
