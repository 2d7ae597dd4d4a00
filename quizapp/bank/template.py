"""The blank workbook that clerks fill in."""

from __future__ import annotations

import io

import xlsxwriter

HEADINGS = (
    "编号", "题型", "题干", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "选项G", "选项H",
    "答案", "解析", "依据", "知识点", "难度", "适用岗位",
)  # fmt: skip
#: What each column takes, in the file's own language: it goes to clerks, with Chinese headings.
NOTES = (
    ("栏目", "怎么填", "例子"),
    ("编号", "可不填。含字母的编号会认作题目的身份：改了题干再导入，就是修改原题。", "AQF-001"),
    ("题型", "单选题、多选题、判断题", "多选题"),
    ("题干", "必填，不要写出答案。", "班组长发现隐患后，应当怎么做？"),
    ("选项A 至 选项H", "选择题至少两个，从 A 起连续填写；判断题留空。", "立即报告"),
    ("答案", "单选 B；多选 ABC、A,B,C 或 A、B、C；判断 对/错、正确/错误、√/×。", "AC"),
    ("解析", "可不填，交卷后显示。", "发现隐患应当立即报告。"),
    ("依据", "法律和条款，交卷后显示。", "《安全生产法》（2021年修正）第五十九条"),
    ("知识点", "可填多个，用顿号隔开；组卷按它抽题。", "隐患排查与双重预防"),
    ("难度", "易、中、难；不填为中。", "中"),
    ("适用岗位", "关键岗位人员、安全管理人员、主要负责人；不填为全部。", "关键岗位人员、安全管理人员"),
)


def blank_workbook() -> bytes:
    """Return the template: an empty sheet with the headings, and one that explains them."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
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
