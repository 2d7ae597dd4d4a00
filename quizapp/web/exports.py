"""Lists on their way out: streamed CSV and XLSX in which no cell can act as a formula."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO
from urllib.parse import quote

import xlsxwriter
from flask import Response

from quizapp.clock import DISTRICT_TIME
from quizapp.web.formulas import guarded

Cell = str | int | float | datetime | None

BYTE_ORDER_MARK = "\ufeff"
FLUSH_BYTES = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS = 1_048_575


def harmless(value: Cell) -> str | int | float:
    """Return what may stand in a CSV cell: a text that begins like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(DISTRICT_TIME).strftime("%Y-%m-%d %H:%M:%S")
    return guarded(value) if isinstance(value, str) else value


def csv_chunks(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the CSV in pieces, with the mark by which Excel knows UTF-8."""
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        if buffer.tell() > FLUSH_BYTES:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(file: IO[bytes], sheet: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write the list as a workbook, a row at a time; texts stay texts."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 0)
        page.set_column(0, len(headings) - 1, 16)
        page.write_row(0, 0, headings, book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    page.write_number(number, column, value)
                else:
                    page.write_string(number, column, _text(value))


def csv_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Answer with a CSV file that is made while it is sent."""
    return attachment(csv_chunks(headings, rows), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_response(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Answer with a workbook, made in a temporary file and sent in pieces."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the generator below
    write_xlsx(file, name[:31], headings, rows)
    return attachment(_pieces(file), f"{name}.xlsx", XLSX)


def _text(value: str | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str(harmless(value))
    return value


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(FLUSH_BYTES):
            yield piece


def attachment(pieces: Iterable[bytes], filename: str, mimetype: str) -> Response:
    """Answer with a file to keep."""
    response = Response(pieces, mimetype=mimetype)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response
