"""Workbooks of banks: the blank one that clerks fill in, and their own with what was refused."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter

from quizapp.bank.formats import headings
from quizapp.bank.formats.headings import HEADINGS
from quizapp.imports import refusals

#: What each column takes, in the file's own language: it goes to clerks, with Chinese headings.
NOTES = (
    ("栏目", "怎么填", "例子"),
    ("编号", "可不填。含字母的编号会认作题目的身份：改了题干再导入，就是修改原题。", "AQF-001"),
    ("题型", "单选题、多选题、判断题、填空题；案例题的每个小题写小题自己的题型。", "多选题"),
    (
        "题干",
        "必填，不要写出答案。填空题用 ____ 或（ ）标出空。图片放在题干的单元格上。",
        "班组长发现隐患后，应当怎么做？",
    ),
    (
        "选项A 至 选项H",
        "选择题至少两个，从 A 起连续填写；判断题、填空题留空。图片放在选项的单元格上。",
        "立即报告",
    ),
    ("答案（选择、判断）", "单选 B；多选 ABC、A,B,C 或 A、B、C；判断 对/错、正确/错误、√/×。", "AC"),
    (
        "答案（填空）",
        (
            "几个空用“；”隔开；同样正确的写法用“/”隔开（字母、数字之间的“/”两边加空格）；允许误差写“±”。"
            "答案本身有 ； | / ± 时，前面加反斜杠 \\。"
        ),
        "24；安委办 / 安全生产委员会办公室；3.14±0.01",
    ),
    ("解析", "可不填，交卷后显示。", "发现隐患应当立即报告。"),
    ("依据", "法律和条款，交卷后显示。", "《安全生产法》（2021年修正）第五十九条"),
    ("知识点", "可填多个，用顿号隔开；组卷按它抽题。", "隐患排查与双重预防"),
    ("难度", "易、中、难；不填为中。", "中"),
    ("适用岗位", "关键岗位人员、安全管理人员、主要负责人；不填为全部。", "关键岗位人员、安全管理人员"),
    (
        "案例编号、案例",
        "案例题：材料写在“案例”，每个小题一行，编号相同的相邻几行是一个案例；材料写一次即可。",
        "1",
    ),
    ("案例解析", "整个案例的解析，可不填；小题的解析写在“解析”。", ""),
    ("原样", "不用填。导出的文件里写着“是”的行，题干和选项里的序号、字母照原样读入。", ""),
)


def blank_workbook() -> bytes:
    """Return the template: an empty sheet with the headings, and one that explains them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F5F6F8", "border": 1, "border_color": "#E4E7EB"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        # Text cells: Excel must not turn an answer into a date.
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("题目")
        sheet.set_column(0, len(HEADINGS) - 1, 14, text)
        sheet.set_column(2, 2, 48, text)
        sheet.write_row(0, 0, HEADINGS, bold)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 18, wrapped)
        notes.set_column(1, 2, 48, wrapped)
        for number, row in enumerate(NOTES):
            notes.write_row(number, 0, row, bold if number == 0 else wrapped)
    return file.getvalue()


def refused_workbook(content: bytes, filename: str, refused: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the refused rows of a table of questions, with the reason beside each."""
    return refusals.refused_workbook(content, filename, refused, field_of=headings.field_of, sheet="题目")
