"""A bank comes in from files as clerks keep them; what is wrong is named with its place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter

from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.table import parse_tables
from quizapp.imports.sandbox import read_tables
from quizapp.imports.tables import Table, UnreadableFile

HEADINGS = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "正确答案", "解析")


def parsed(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> ParsedBank:
    return parse_tables([Table("题目", (tuple(headings), *map(tuple, rows)))])


@pytest.mark.parametrize(
    ("kind", "answer", "key"),
    [
        ("单选题", "B", (1,)),
        ("单项选择题", "ｂ", (1,)),
        ("单选", "乙", (1,)),
        ("多选题", "ABC", (0, 1, 2)),
        ("多选题", "C,A", (0, 2)),
        ("多选题", "A，B，C", (0, 1, 2)),
        ("多项选择题", "A、B", (0, 1)),
        ("多选题", "ＡＢＤ", (0, 1, 3)),
        ("多选", "a|c", (0, 2)),
    ],
)
def test_answers_are_read_as_clerks_write_them(kind: str, answer: str, key: tuple[int, ...]) -> None:
    bank = parsed((kind, "发现隐患怎么办？", "甲", "乙", "丙", "丁", answer, ""))

    assert [question.content.key for question in bank.questions] == [key]


@pytest.mark.parametrize(
    ("answer", "key"),
    [("对", 0), ("错", 1), ("正确", 0), ("错误", 1), ("√", 0), ("×", 1), ("TRUE", 0), ("0", 1)],
)
def test_true_and_false_are_read_as_clerks_write_them(answer: str, key: int) -> None:
    bank = parsed(("判断题", "可以带病上岗。", "", "", "", "", answer, ""))

    assert bank.questions[0].content.key == (key,)


def test_a_letter_for_true_or_false_means_what_its_option_says() -> None:
    bank = parsed(("判断", "可以带病上岗。", "错误", "正确", "", "", "A", ""))

    assert bank.questions[0].content.key == (1,)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (("单选题", "题？", "甲", "乙", "", "", "", ""), "G", "答案是空的"),
        (("单选题", "题？", "甲", "乙", "", "", "D", ""), "G", "没有对应的选项"),
        (("单选题", "题？", "甲", "甲", "", "", "A", ""), "D", "文字相同"),
        (("单选题", "题？", "甲", "乙", "", "", "AB", ""), "G", "只能有一个答案"),
        (("多选题", "题？", "甲", "乙", "", "", "A", ""), "G", "至少要有两个答案"),
        (("单选题", "", "甲", "乙", "", "", "A", ""), "B", "题干是空的"),
        (("连线题", "题？", "甲", "乙", "", "", "A", ""), "A", "不认识这种题型"),
        (("单选题", "题？", "甲", "", "丙", "", "A", ""), "D", "是空的"),
        (("判断题", "题？", "", "", "", "", "x", ""), "G", "可能是叉号"),
        (("判断题", "题？", "", "", "", "", "也许", ""), "G", "看不懂"),
    ],
)
def test_a_bad_row_is_refused_with_sheet_row_column_and_reason(
    row: tuple[str, ...], column: str, reason: str
) -> None:
    bank = parsed(("单选题", "好题？", "甲", "乙", "", "", "A", ""), row)

    (problem,) = bank.refused
    assert (problem.sheet, problem.row, problem.column) == ("题目", 3, column)
    assert reason in str(problem.reason)


def test_brackets_that_are_no_answer_stay_in_the_stem() -> None:
    bank = parsed(("单选题", "延伸率（A）的单位是？", "甲", "乙", "", "", "B", ""))

    assert bank.questions[0].content.stem == "延伸率（A）的单位是？"


def test_an_answer_inside_the_stem_is_blanked_and_said() -> None:
    bank = parsed(("多选题", "应当（ AB ）。", "甲", "乙", "丙", "", "AB", ""))

    assert bank.questions[0].content.stem == "应当（　）。"
    assert "题干里写着答案" in str(bank.repaired[0].reason)


def workbook(*rows: Sequence[object]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("单选题")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def test_a_workbook_with_a_title_above_its_headings_is_read() -> None:
    rows = [["2026年题库"], HEADINGS, ["单选题", "1. 怎么办？", "A. 甲", "B、乙", "", "", "A", ""]]

    bank = parse_tables(read_tables(workbook(*rows), "bank.xlsx"))

    content = bank.questions[0].content
    assert (content.stem, content.options) == ("怎么办？", ("甲", "乙"))


def test_a_csv_in_gb18030_is_read() -> None:
    text = "题型,题干,选项A,选项B,答案\r\n单选题,怎么办？,甲,乙,A\r\n"

    bank = parse_tables(read_tables(text.encode("gb18030"), "bank.csv"))

    assert bank.questions[0].content.stem == "怎么办？"


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 300_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "empty.xlsx", "文件是空的"),
        (b"%PDF-1.7", "bank.pdf", "不支持这种文件"),
        (b"plain text", "bank.xlsx", "不是 .xlsx"),
        (b"PK\x03\x04broken", "bank.xlsx", "已损坏"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "bank.xlsx", "加密"),
        (b"\xff\xff\xff\x00", "bank.csv", "编码"),
        (bomb(), "bomb.xlsx", "展开后过大"),
    ],
)
def test_a_file_that_is_no_bank_is_refused_in_a_clear_sentence(
    content: bytes, name: str, reason: str
) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_tables(content, name)

    assert reason in str(refusal.value.message)


@pytest.mark.parametrize("rows", [(), (("甲", "乙"),), (HEADINGS,)])
def test_a_sheet_without_questions_is_refused(rows: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(UnreadableFile):
        parse_tables([Table("表", rows)])
