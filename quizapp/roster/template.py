"""Workbooks of the roster: the blank one that clerks fill in, and their own with what was refused."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter

from quizapp.imports import refusals
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
    """Return the refused rows of a roster, with the reason beside each."""
    return refusals.refused_workbook(content, filename, refused, field_of=headings.field_of, sheet="名册")
