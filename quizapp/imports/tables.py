"""Tables as they come out of a file, before anybody knows what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from quizapp.messages import Message


@dataclass(frozen=True, slots=True)
class CellPicture:
    """A picture that stands on a cell or in it, as it came; `description` is its alternative text."""

    content: bytes
    description: str = ""
    #: It is all that its cell shows; the cell's text is only what other programs see in its place.
    fills_cell: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet. Rows and columns count from 1 as in a spreadsheet program; cells are texts.

    `odd` names cells that are no text and no whole number: a date, a fraction, an error value.
    A CSV file is one sheet without a name. `pictures` are there only when they were asked for.
    """

    sheet: str
    rows: tuple[tuple[str, ...], ...]
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    pictures: dict[tuple[int, int], tuple[CellPicture, ...]] = field(default_factory=dict)

    def numbered(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield every row that is not blank with its number."""
        for number, row in enumerate(self.rows, start=1):
            if any(cell.strip() for cell in row):
                yield number, row


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Why something in a file is refused or was repaired, and where. 0 and "" mean: the whole of it."""

    reason: Message
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""


class UnreadableFile(Exception):
    """The file as a whole cannot be used; the message says why and what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def column_letter(number: int) -> str:
    """Return a spreadsheet's name of a column counted from 1: 28 is AB."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
