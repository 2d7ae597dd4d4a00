"""The clerk's own table with nothing but what was refused, and the reason beside each row."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import xlsxwriter

from quizapp.imports.rows import ROWS_ABOVE_HEADINGS
from quizapp.imports.sandbox import read_tables
from quizapp.imports.tables import Table
from quizapp.messages import Message

REASON = "错误原因"
LONGEST_SHEET_NAME = 31


def refused_workbook(
    content: bytes,
    filename: str,
    refused: Iterable[Mapping[str, Any]],
    *,
    field_of: Callable[[str], str | None],
    sheet: str,
) -> bytes:
    """Return the refused rows of a file under the clerk's own headings, with the reason beside each.

    `refused` are documents of problems; `sheet` is the name for a sheet that has none.
    """
    reasons: dict[tuple[str, int], list[str]] = defaultdict(list)
    for problem in refused:
        text, values = problem["reason"]
        place = f"{problem['column']}列：" if problem["column"] else ""
        reasons[problem["sheet"], problem["row"]].append(place + str(Message(text, values)))
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        writer = _Writer(book, reasons, field_of)
        for table in read_tables(content, filename):
            writer.write(table, table.sheet or sheet)
        if not book.worksheets():
            book.add_worksheet(sheet)
    return file.getvalue()


class _Writer:
    def __init__(
        self,
        book: Any,
        reasons: Mapping[tuple[str, int], list[str]],
        field_of: Callable[[str], str | None],
    ) -> None:
        self.book, self.reasons, self.field_of = book, reasons, field_of
        #: Text cells: Excel must not turn a code or an answer into a number or a date.
        self.text = book.add_format({"num_format": "@"})

    def write(self, table: Table, name: str) -> None:
        bad = {row for sheet, row in self.reasons if sheet == table.sheet}
        if not bad:
            return
        sheet = self.book.add_worksheet(_sheet_name(len(self.book.worksheets()) + 1, name))
        width = max((len(row) for row in table.rows), default=0)
        sheet.set_column(0, width, 18, self.text)
        sheet.set_column(width, width, 60, self.text)
        line = 0
        for number, cells in table.numbered():
            is_heading = number <= ROWS_ABOVE_HEADINGS and any(map(self.field_of, cells)) and line == 0
            if is_heading or number in bad:
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, cell, self.text)
                reason = "；".join(self.reasons.get((table.sheet, number), ()))
                sheet.write_string(line, width, REASON if is_heading and not reason else reason, self.text)
                line += 1


def _sheet_name(number: int, wanted: str) -> str:
    """Return a name that a workbook can have, and has only once: the sheet's number before its own name."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", wanted)
    return f"{number} {clean}"[:LONGEST_SHEET_NAME].rstrip("'")
