"""Reading .xlsx and .csv into tables. Runs in a child process: see `quizapp.imports.sandbox`."""

from __future__ import annotations

import csv
import datetime
import io
import math
from typing import Any

import pandas as pd

from quizapp.imports import limits
from quizapp.imports.tables import Table, UnreadableFile
from quizapp.messages import M

ERROR_VALUES = {"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NUM!", "#NAME?", "#NULL!"}
CSV_ENCODINGS = ("utf-8-sig", "gb18030")
DELIMITERS = ",\t;"


def read_tables(content: bytes, filename: str) -> list[Table]:
    """Return the sheets of an .xlsx or .csv file; raise UnreadableFile."""
    if not content:
        raise UnreadableFile(M("文件是空的。请检查后重新上传。"))
    kind = filename.lower().rsplit(".", 1)[-1] if "." in filename else ""
    if kind == "xlsx":
        return _read_workbook(content)
    if kind in {"csv", "txt"}:
        return [_read_csv(content)]
    raise UnreadableFile(M("不支持这种文件。请上传 .xlsx 或 .csv 文件，可先下载模板。"))


def _read_workbook(content: bytes) -> list[Table]:
    limits.check_workbook(content)
    try:
        frames = pd.read_excel(
            io.BytesIO(content), sheet_name=None, header=None, dtype=object,
            keep_default_na=False, na_filter=False, engine="calamine",
        )  # fmt: skip
    except UnreadableFile:
        raise
    except Exception as error:  # the parser raises what it likes on a broken workbook
        raise UnreadableFile(
            M("工作簿已损坏，打不开。请在 Excel 或 WPS 中打开确认后另存，再上传。")
        ) from error
    if len(frames) > limits.MOST_SHEETS:
        raise UnreadableFile(M("工作表超过 %(most)s 个，请拆分后再上传。", most=limits.MOST_SHEETS))
    return [_table(str(name), frame) for name, frame in frames.items()]


def _table(sheet: str, frame: pd.DataFrame) -> Table:
    limits.check_extent(len(frame), len(frame.columns), sheet)
    rows, odd = [], {}
    for number, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        cells = []
        for column, value in enumerate(values, start=1):
            text, oddity = _cell(value)
            cells.append(text)
            if oddity:
                odd[number, column] = oddity
        rows.append(tuple(cells))
    return Table(sheet, tuple(rows), odd)


def _cell(value: Any) -> tuple[str, str]:
    """Return a cell's text, and what is odd about it ("" for nothing)."""
    if value is None or value is pd.NaT:
        return "", ""
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), ""
    if isinstance(value, float):
        if math.isnan(value):
            return "", ""
        return (str(int(value)), "") if value.is_integer() else (repr(value), "number")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value), "date"
    # A workbook can hold a NUL in a text; PostgreSQL cannot.
    text = str(value)[: limits.MOST_CELL_LENGTH].replace("\x00", "")
    return text, ("error" if text in ERROR_VALUES else "")


def _read_csv(content: bytes) -> Table:
    text = _decode(content)
    if "\x00" in text:
        raise UnreadableFile(M("文件内容不是文本表格。请在 Excel 或 WPS 中另存为 .csv 或 .xlsx。"))
    first_line = text.lstrip().split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first_line.count)
    try:
        rows = [
            tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise UnreadableFile(
            M("CSV 文件的引号或分隔符不完整，读不出表格。请另存为 .xlsx 后再上传。")
        ) from error
    limits.check_extent(len(rows), max((len(row) for row in rows), default=0), "CSV")
    return Table("", tuple(rows))


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
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(M("文件已损坏，文字读不出来。请重新保存后再上传。")) from error
