"""Workbooks of the roster: the blank one that clerks fill in, and their own with what was refused."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter

from quizapp.imports.rows import ROWS_ABOVE_HEADINGS
from quizapp.imports.sandbox import read_tables
from quizapp.imports.tables import Table
from quizapp.messages import Message
from quizapp.roster import headings

HEADINGS = (
    "企业名称", "统一社会信用代码", "属地", "成员单位", "行业", "年主营业务收入(万元)", "个体工商户", "规模",
    "规模理由", "关键岗位人数", "安全管理人员数", "主要负责人人数", "姓名",
    "手机号", "岗位类别", "职务", "状态",
)  # fmt: skip
#: What each column takes, in the file's own language: it goes to clerks, with Chinese headings.
NOTES = (
    ("栏目", "怎么填", "例子"),
    ("企业名称、统一社会信用代码", "每行都要有信用代码；名册中已有的企业可只写名称。", "91320412MA1X…"),
    ("属地", "镇、街道或开发区的全称。新企业必填。", "湖塘镇"),
    ("成员单位、行业", "可不填。行业填国民经济行业分类的大类代码或名称。", "C33"),
    ("年主营业务收入(万元)", "单位是万元；2000 万元及以上为规上。", "3500"),
    ("个体工商户", "是、否；个体经营工业单位一律为规下。", "否"),
    ("规模、规模理由", "一般不填，由收入确定；要手工确定时填规上或规下，并写理由。", ""),
    ("关键岗位人数 等", "企业申报的底数，可不填。", "12"),
    (
        "姓名、手机号、岗位类别",
        "一人一行；在多家企业任职的，每家一行。不要填身份证号。",
        "关键岗位人员",
    ),
    ("状态", "在职、离职；不填为在职。", "在职"),
)
REASON = "错误原因"
LONGEST_SHEET_NAME = 31


def blank_workbook() -> bytes:
    """Return the template: an empty sheet with the headings, and one that explains them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F5F6F8", "border": 1, "border_color": "#E4E7EB"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        # Text cells: Excel must not turn a code or a phone number into a number.
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("名册")
        sheet.set_column(0, len(HEADINGS) - 1, 16, text)
        sheet.set_column(0, 1, 28, text)
        sheet.write_row(0, 0, HEADINGS, bold)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 28, wrapped)
        notes.set_column(1, 2, 48, wrapped)
        for number, row in enumerate(NOTES):
            notes.write_row(number, 0, row, bold if number == 0 else wrapped)
    return file.getvalue()


def refused_workbook(content: bytes, filename: str, refused: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the refused rows of a file under the clerk's own headings, with the reason beside each."""
    reasons: dict[tuple[str, int], list[str]] = defaultdict(list)
    for problem in refused:
        text, values = problem["reason"]
        place = f"{problem['column']}列：" if problem["column"] else ""
        reasons[problem["sheet"], problem["row"]].append(place + str(Message(text, values)))
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        text = book.add_format({"num_format": "@"})
        for table in read_tables(content, filename):
            _write_refused(book, text, table, reasons)
        if not book.worksheets():
            book.add_worksheet("名册")
    return file.getvalue()


def _write_refused(book: Any, text: Any, table: Table, reasons: Mapping[tuple[str, int], list[str]]) -> None:
    bad = {row for sheet, row in reasons if sheet == table.sheet}
    if not bad:
        return
    sheet = book.add_worksheet(_sheet_name(len(book.worksheets()) + 1, table.sheet))
    width = max(len(row) for row in table.rows)
    sheet.set_column(0, width, 18, text)
    sheet.set_column(width, width, 60, text)
    line = 0
    for number, cells in table.numbered():
        is_heading = number <= ROWS_ABOVE_HEADINGS and any(map(headings.field_of, cells)) and line == 0
        if is_heading or number in bad:
            sheet.write_row(line, 0, cells, text)
            sheet.write_string(
                line, width, REASON if is_heading else "；".join(reasons[table.sheet, number]), text
            )
            line += 1


def _sheet_name(number: int, wanted: str) -> str:
    """Return a name that a workbook can have, and has only once: the sheet's number before its own name."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", wanted or "名册")
    return f"{number} {clean}"[:LONGEST_SHEET_NAME].rstrip("'")
