"""Reading .xlsx, .xls, .ods and .csv into tables. Runs in a child process: see `quizapp.imports.sandbox`."""

from __future__ import annotations

import csv
import datetime
import io
import math
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
from defusedxml.ElementTree import iterparse

from quizapp.imports import limits
from quizapp.imports.drawings import pictures_in
from quizapp.imports.tables import CellPicture, Table, UnreadableFile
from quizapp.messages import M
from quizapp.web.formulas import unguarded

ERROR_VALUES = {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"}
CSV_ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",\t;"
#: Titles without a delimiter may stand above the headings.
LINES_FOR_DELIMITER = 10
WORKBOOKS = frozenset({"xlsx", "xls", "ods"})
#: What other programs show in a cell that holds nothing but a picture.
PICTURE_FORMULA = ("=DISPIMG(", "=_XLFN.DISPIMG(", "DISPIMG(", "_XLFN.DISPIMG(")
Place = tuple[int, int]


def read_tables(content: bytes, filename: str, *, with_pictures: bool = False) -> list[Table]:
    """Return the sheets of a workbook or a .csv file; raise UnreadableFile. Only .xlsx gives pictures."""
    if not content:
        raise UnreadableFile(M("文件是空的。请检查后重新上传。"))
    kind = filename.lower().rsplit(".", 1)[-1] if "." in filename else ""
    if kind in WORKBOOKS:
        return _read_workbook(content, kind, with_pictures=with_pictures)
    if kind in {"csv", "txt"}:
        return [_read_csv(content)]
    raise UnreadableFile(M("不支持这种文件。请上传 .xlsx 或 .csv 文件，可先下载模板。"))


def _read_workbook(content: bytes, kind: str, *, with_pictures: bool) -> list[Table]:
    limits.check_workbook(content, kind)
    try:
        if kind == "ods":
            _check_whole(content)
        frames, merged = _frames(content)
    except (UnreadableFile, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # the parser raises what it likes on a broken workbook, panics too
        raise UnreadableFile(
            M("工作簿已损坏，打不开。请在 Excel 或 WPS 中打开确认后另存，再上传。")
        ) from error
    pictures = pictures_in(content) if with_pictures and kind == "xlsx" else {}
    return [
        _table(name, frame, merged.get(name, ()), pictures.get(name, {})) for name, frame in frames.items()
    ]


def _check_whole(content: bytes) -> None:
    """Raise what says that an .ods is no whole XML: the parser would go on for ever where it is cut."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("content.xml") as stream:
        for _, element in iterparse(stream, events=("end",), forbid_dtd=True):
            element.clear()


def _frames(content: bytes) -> tuple[dict[str, pd.DataFrame], dict[str, list[tuple[Place, Place]]]]:
    """Return each sheet and which of its cells are merged, from (0, 0)."""
    with pd.ExcelFile(io.BytesIO(content), engine="calamine") as book:
        if len(book.sheet_names) > limits.MOST_SHEETS:
            raise UnreadableFile(M("工作表超过 %(most)s 个，请拆分后再上传。", most=limits.MOST_SHEETS))
        merged = {}
        for name in map(str, book.sheet_names):
            sheet = book.book.get_sheet_by_name(name)
            # Before the cells become objects of Python's: far fewer bytes make a sheet too large.
            last_row, last_column = sheet.end or (-1, -1)
            limits.check_extent(last_row + 1, last_column + 1, name)
            merged[name] = list(sheet.merged_cell_ranges or ())
        frames = pd.read_excel(
            book, sheet_name=None, header=None, dtype=object, keep_default_na=False, na_filter=False,
        )  # fmt: skip
    return {str(name): frame for name, frame in frames.items()}, merged


def _table(
    sheet: str,
    frame: pd.DataFrame,
    merged: Iterable[tuple[Place, Place]],
    pictures: Mapping[Place, tuple[CellPicture, ...]],
) -> Table:
    limits.check_extent(len(frame), len(frame.columns), sheet)
    rows, odd = [], {}
    for number, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        cells = []
        for column, value in enumerate(values, start=1):
            text, oddity = _cell(value)
            cells.append(text)
            if oddity:
                odd[number, column] = oddity
        rows.append(cells)
    _fill_down(rows, merged)
    for row, column in _filled_by_pictures(rows, pictures):
        rows[row - 1][column - 1] = ""
        odd.pop((row, column), None)
    return Table(sheet, tuple(map(tuple, rows)), odd, dict(pictures))


def _fill_down(rows: list[list[str]], merged: Iterable[tuple[Place, Place]]) -> None:
    """Give every row of a merged cell its text: it stands for all of them, as a chapter for its questions."""
    left = limits.MOST_CELLS
    for (top, column), (bottom, _) in merged:
        if top >= len(rows) or column >= len(rows[top]):
            continue
        for row in range(top + 1, min(bottom + 1, len(rows))):
            rows[row][column] = rows[top][column]
        left -= bottom - top + 1
        if left < 0:
            return


def _filled_by_pictures(
    rows: list[list[str]], pictures: Mapping[Place, tuple[CellPicture, ...]]
) -> Iterable[Place]:
    for (row, column), many in pictures.items():
        if row <= len(rows) and column <= len(rows[row - 1]) and any(one.fills_cell for one in many):
            text = rows[row - 1][column - 1].strip()
            if text in ERROR_VALUES or text.upper().startswith(PICTURE_FORMULA):
                yield row, column


def _cell(value: Any) -> tuple[str, str]:
    """Return a cell's text, and what is odd about it ("" for nothing)."""
    if isinstance(value, str):
        text = value[: limits.MOST_CELL_LENGTH].replace("\x00", "")  # PostgreSQL holds no NUL
        return text, ("error" if text in ERROR_VALUES else "")
    if value is None or value is pd.NaT:
        return "", ""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value), "date"
    return str(value)[: limits.MOST_CELL_LENGTH], ""


def _number(value: float) -> tuple[str, str]:
    if math.isnan(value):
        return "", ""
    return (str(int(value)), "") if value.is_integer() else (repr(value), "number")


def _read_csv(content: bytes) -> Table:
    text = _decode(content)
    if "\x00" in text:
        raise UnreadableFile(M("文件内容不是文本表格。请在 Excel 或 WPS 中另存为 .csv 或 .xlsx。"))
    try:
        rows = [
            tuple(map(unguarded, row))
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        ]
    except csv.Error as error:
        raise UnreadableFile(
            M("CSV 文件的引号或分隔符不完整，读不出表格。请另存为 .xlsx 后再上传。")
        ) from error
    limits.check_extent(len(rows), max((len(row) for row in rows), default=0), "CSV")
    return Table("", tuple(rows))


def _delimiter(text: str) -> str:
    """The first line that has any says which."""
    for line in text.lstrip()[:100_000].split("\n")[:LINES_FOR_DELIMITER]:
        best = max(DELIMITERS, key=line.count)
        if best in line:
            return best
    return DELIMITERS[0]


def _decode(content: bytes) -> str:
    if content.startswith((limits.ZIP_MAGIC, limits.OLE_MAGIC)):
        raise UnreadableFile(M("文件内容是工作簿，扩展名却是 .csv。请把扩展名改为 .xlsx 后再上传。"))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16")
    for encoding in CSV_ENCODINGS:
        try:
            return content.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(M("文件的编码既不是 UTF-8 也不是 GB18030。请另存为 .xlsx 后再上传。"))


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise UnreadableFile(M("文件已损坏，文字读不出来。请重新保存后再上传。")) from error
