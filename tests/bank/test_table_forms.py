"""The forms that banks have in practice: headings, options, answers, types, blanks and cases."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from quizapp.bank.formats.choices import BadOptions, split_cell
from quizapp.bank.formats.fillings import BadFilling, parse_fillings, read_fillings
from quizapp.bank.formats.headings import HEADINGS, field_of
from quizapp.bank.formats.keys import BadKey, chosen_options
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.stems import without_number
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.questions import Blank, QuestionContent, QuestionType
from quizapp.imports.tables import Table

COLUMNS = ("题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案")
SINGLE, MULTIPLE, TRUE_FALSE, FILL_IN = (
    QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE, QuestionType.FILL_IN
)  # fmt: skip


def parsed(headings: Sequence[str], *rows: Sequence[str], sheet: str = "题目", **odd: str) -> ParsedBank:
    table = Table(sheet, (tuple(headings), *map(tuple, rows)))
    for place, what in odd.items():
        table.odd[2, int(place.removeprefix("column"))] = what
    return parse_tables([table])


def only(bank: ParsedBank) -> QuestionContent:
    assert bank.refused == ()
    return bank.questions[0].content


def reasons(bank: ParsedBank) -> str:
    return " ".join(str(problem.reason) for problem in bank.refused)


def remarks(bank: ParsedBank) -> str:
    return " ".join(str(problem.reason) for problem in bank.repaired)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("试题类型(判断题、单选题、多选题)", "type"), ("* 题干", "stem"), ("题干：", "stem"), ("【必填】答案", "key"),
        ("题目选项（选项之间用##隔开）", "options"), ("选项Ａ", "option:0"), ("备选项B", "option:1"), ("4选3", "option:2"),
        ("选项四内容", "option:3"), ("选项4", "option:3"), ("item5", "option:4"), ("optionF", "option:5"), ("g", "option:6"),
        ("答案A", "option:0"), ("选项一是否正确", "right:0"), ("选项二图片", "option_picture:1"), ("正确选项2", "key:1"),
        ("正确答案文本", "key_text"), ("科目", "category:科目"), ("分值", None), ("评分要点", None), ("1", None), ("一", None),
        ("长" * 300, None),
    ],
)  # fmt: skip
def test_headings_are_known_by_their_synonyms(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_every_heading_of_the_template_is_known() -> None:
    assert None not in {field_of(heading) for heading in HEADINGS}
    assert len({field_of(heading) for heading in HEADINGS}) == len(HEADINGS)


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("**A.正确**B.错误", ("正确", "错误")), ("A.x##B.y", ("x", "y")), ("A.甲B.乙C.丙D.丁", ("甲", "乙", "丙", "丁")),
        ("A、甲\nB、乙", ("甲", "乙")), ("甲|乙|丙", ("甲", "乙", "丙")), ("甲\r\n乙\r\n\r\n丙", ("甲", "乙", "丙")),
        ("（A）甲 （B）乙", ("甲", "乙")), ("Ａ．甲　Ｂ．乙", ("甲", "乙")), ("A.甲；B.乙；", ("甲", "乙")),
        ("['甲','乙\\'s']", ("甲", "乙's")), ("**A甲**B乙**C丙", ("甲", "乙", "丙")), ("1.甲\n2.乙", ("甲", "乙")),
        ("A类火灾|B类火灾|C类火灾", ("A类火灾", "B类火灾", "C类火灾")), ("A.接口USB.0型\nB.乙", ("接口USB.0型", "乙")),
        (
            "**A.甲法**B.乙法**C.**A、**B两种方法一起使用**D.都不对",
            ("甲法", "乙法", "**A、**B两种方法一起使用", "都不对"),
        ),
    ],
)  # fmt: skip
def test_options_in_one_cell_are_cut_where_they_begin(cell: str, options: tuple[str, ...]) -> None:
    assert split_cell(cell).texts == options


@pytest.mark.parametrize(
    "cell",
    [
        "**A甲**B乙**C**A和**B**D丁", "A.甲##B.乙##丙", "甲\n乙|丙", "A.缺维生素A.B.缺钙", "A.甲 C.丙", "A.甲 B.乙 B.丙",
        "只有一段文字", "甲||丙", "A.甲|乙|丙", "A.甲B.乙|B.丙", "A.甲",
    ],
)  # fmt: skip
def test_options_that_could_be_cut_in_two_ways_are_refused(cell: str) -> None:
    with pytest.raises(BadOptions):
        split_cell(cell)


@pytest.mark.parametrize(
    ("text", "counted", "key"),
    [
        ("A", False, (0,)), ("答案：AB", False, (0, 1)), ("（ＡＣ）", False, (0, 2)), ("选C", False, (2,)), ("B项。", False, (1,)),
        ("['乙', '甲']", False, (0, 1)), ("甲；丙", False, (0, 2)), ("甲、乙", False, (0, 1)), ("1,3", True, (0, 2)),
        ("13", True, (0, 2)), ("B. 乙", False, (1,)), ("AAB", False, (0, 1)), ("A和B", False, (0, 1)), ("乙", False, (1,)),
    ],
)  # fmt: skip
def test_answers_in_every_common_form_are_read(text: str, *, counted: bool, key: tuple[int, ...]) -> None:
    assert chosen_options(text, ("甲", "乙", "丙"), counted=counted) == key


@pytest.mark.parametrize(
    ("text", "options", "counted", "reason"),
    [
        ("1", ("甲", "乙"), False, "没有编号"), ("3", ("甲", "乙"), True, "没有对应的选项"), ("E", ("甲", "乙"), False, "没有对应的选项"),
        ("['丙']", ("甲", "乙"), False, "不是任何一个选项"), ("B. 甲", ("甲", "乙"), False, "不是同一个选项"),
        ("AB", ("甲", "乙", "AB"), False, "既像选项字母"), ("1", ("2", "1"), True, "既像选项编号"), ("也许", ("甲", "乙"), False, "看不懂"),
    ],
)  # fmt: skip
def test_answers_that_mean_two_things_or_none_are_refused(
    text: str, options: tuple[str, ...], *, counted: bool, reason: str
) -> None:
    with pytest.raises(BadKey, match=reason):
        chosen_options(text, options, counted=counted)


def test_a_number_is_an_answer_only_where_options_bear_numbers() -> None:
    row = ("多选题", "怎么办？", "甲", "乙", "丙", "1,3")

    assert only(parsed(("题型", "题干", "选项1", "选项2", "选项3", "答案"), row)).key == (0, 2)
    assert "没有编号" in reasons(parsed(("题型", "题干", "选项A", "选项B", "选项C", "答案"), row))


def test_options_may_say_of_themselves_whether_they_are_right() -> None:
    headings = ("题型", "题干", "选项一内容", "选项一是否正确", "选项二内容", "选项二是否正确", "答案")

    assert only(parsed(headings, ("单选题", "问？", "甲", "否", "乙", "是", ""))).key == (1,)
    assert "不一致" in reasons(parsed(headings, ("单选题", "问？", "甲", "否", "乙", "是", "A")))
    assert "没有一个选项" in reasons(parsed(headings, ("单选题", "问？", "甲", "否", "乙", "否", "")))
    assert "只能填" in reasons(parsed(headings, ("单选题", "问？", "甲", "?", "乙", "是", "")))


def test_two_columns_without_options_are_refused_row_by_row() -> None:
    bank = parsed(("题目", "答案"), ("预案里有什么？", "['经费的落实','演练']"), ("由谁批准？", "主要负责人"))

    assert [(problem.row, problem.column) for problem in bank.refused] == [(2, "B"), (3, "B")]
    assert "没有选项" in reasons(bank)


@pytest.mark.parametrize(
    ("word", "row", "kind", "remark"),
    [
        ("不定项选择题", ("甲", "乙", "丙", "", "A"), SINGLE, "只有一个答案"),
        ("不定项", ("甲", "乙", "丙", "", "AC"), MULTIPLE, ""),
        ("选择题", ("甲", "乙", "", "", "B"), SINGLE, ""),
        ("", ("甲", "乙", "丙", "", "AC"), MULTIPLE, "没有写题型"),
        ("", ("", "", "", "", "√"), TRUE_FALSE, "没有写题型"),
        ("", ("正确", "错误", "", "", "A"), TRUE_FALSE, "没有写题型"),
    ],
)
def test_a_type_is_known_by_its_word_or_by_the_answer(
    word: str, row: tuple[str, ...], kind: QuestionType, remark: str
) -> None:
    bank = parsed(COLUMNS, (word, "怎么办？", *row))

    assert only(bank).type is kind
    assert remark in remarks(bank)
    assert bool(remark) is bool(bank.repaired)


@pytest.mark.parametrize("sheet", ["单选题", "一、单选题（共20题）", "单项选择"])
def test_a_sheet_may_name_the_type(sheet: str) -> None:
    bank = parsed(COLUMNS[1:], ("怎么办？", "甲", "乙", "", "", "A"), sheet=sheet)

    assert only(bank).type is SINGLE
    assert not bank.repaired


def test_a_section_may_name_the_type_and_headings_may_come_again() -> None:
    bank = parsed(COLUMNS, ("二、多选题（每题2分）",), COLUMNS, ("", "怎么办？", "甲", "乙", "丙", "", "AB"))

    assert only(bank).type is MULTIPLE


@pytest.mark.parametrize("word", ["简答题", "论述", "名词解释", "简答和计算"])
def test_questions_that_a_person_must_mark_are_refused_by_name(word: str) -> None:
    assert f"没有“{word}”" in reasons(parsed(COLUMNS, (word, "为什么？", "", "", "", "", "因为。")))


@pytest.mark.parametrize(
    ("kind", "stem", "key", "left", "refused"),
    [
        ("单选题", "延伸率（A）的单位是？", "A", "延伸率（A）的单位是？", ""),
        ("单选题", "延伸率（A）的单位是？", "B", "延伸率（A）的单位是？", ""),
        ("单选题", "高度（H）的单位是？", "B", "高度（H）的单位是？", ""),
        ("单选题", "方针是（ A ）。", "A", "方针是（　）。", ""),
        ("单选题", "方针是（A）。", "A", "方针是（　）。", ""),
        ("单选题", "方针是（A）。", "B", "", "不一致"),
        ("多选题", "应当（AB）。", "AB", "应当（　）。", ""),
        ("多选题", "应当（ A、B ）。", "AC", "", "不一致"),
        ("判断题", "可以带病上岗（×）。", "错", "可以带病上岗（　）。", ""),
        ("判断题", "可以带病上岗（×）。", "对", "", "不一致"),
        ("单选题", "管（A）应当（　）。", "A", "管（A）应当（　）。", ""),
    ],
)
def test_an_answer_inside_the_stem_must_agree_and_a_unit_stays(
    kind: str, stem: str, key: str, left: str, refused: str
) -> None:
    options = ("", "", "", "") if kind == "判断题" else ("甲", "乙", "丙", "")
    bank = parsed(COLUMNS, (kind, stem, *options, key))

    if refused:
        assert refused in reasons(bank)
        assert bank.refused[0].column == "B"
    else:
        assert only(bank).stem == left


def test_every_fault_of_a_row_is_named_at_once() -> None:
    bank = parsed((*COLUMNS, "难度", "适用岗位"), ("坏", "", "甲", "甲", "", "", "", "极难", "老板"))

    assert {problem.column for problem in bank.refused} == {"A", "B", "D", "G", "H", "I"}


@pytest.mark.parametrize(
    ("what", "kind", "fits"),
    [
        ("date", "单选题", False),
        ("number", "单选题", False),
        ("error", "填空题", False),
        ("date", "填空题", False),
        ("number", "填空题", True),
    ],
)
def test_an_answer_that_the_spreadsheet_has_changed_is_refused(what: str, kind: str, *, fits: bool) -> None:
    row = (kind, "电压是____伏？", *(("", "") if kind == "填空题" else ("甲", "乙")), "", "", "0.5")

    assert bool(parsed(COLUMNS, row, column7=what).questions) is fits


@pytest.mark.parametrize(
    ("stem", "answer", "marked", "blanks"),
    [
        ("每年（ ）次，共__天。", "1；2", "每年____次，共____天。", (Blank(("1",)), Blank(("2",)))),
        (
            "由________批准。",
            "安委办 / 安全生产委员会办公室",
            "由____批准。",
            (Blank(("安委办", "安全生产委员会办公室")),),
        ),
        ("限速____。", "5km/h", "限速____。", (Blank(("5km/h",)),)),
        ("π≈（　）", "3.14±0.01", "π≈____", (Blank(("3.14",), Decimal("0.01")),)),
        ("甲（注）是____。", r"a\/b\；c", "甲（注）是____。", (Blank(("a/b；c",)),)),
        ("先____后____。", "停电、验电", "先____后____。", (Blank(("停电",)), Blank(("验电",)))),
    ],
)
def test_blanks_are_read_as_the_template_says(
    stem: str, answer: str, marked: str, blanks: tuple[Blank, ...]
) -> None:
    assert read_fillings(stem, answer)[:2] == (marked, blanks)


@pytest.mark.parametrize(
    ("stem", "answer", "reason"),
    [("没有空。", "甲", "没有空"), ("____和____", "甲", "2 个空"), ("____", "甲；乙", "2 个"), ("____", "甲±1", "数±数"), ("____", "甲；；", "空的"), ("____", " ", "空的"), ("____", "1±-1", "数±数")],
)  # fmt: skip
def test_blanks_that_do_not_fit_are_refused(stem: str, answer: str, reason: str) -> None:
    with pytest.raises(BadFilling, match=reason):
        read_fillings(stem, answer)


def test_a_backslash_is_a_backslash_before_other_signs() -> None:
    assert parse_fillings(r"C:\路径\\") == (Blank(("C:\\路径\\",)),)


def test_rows_with_one_text_or_number_are_the_parts_of_one_case() -> None:
    headings = ("案例编号", "案例", *COLUMNS)
    parts = (("单选题", "一？", "甲", "乙", "", "", "A"), ("判断题", "二。", "", "", "", "", "错"))
    by_number = parsed(
        headings,
        ("1", "某厂爆炸。", *parts[0]),
        ("1", "", *parts[1]),
        ("", "", *parts[0][:1], "三？", *parts[0][2:]),
    )
    by_text = parsed(headings, *(("", "某厂爆炸。", *part) for part in parts))

    assert [one.content.type for one in by_number.questions] == [QuestionType.CASE, SINGLE]
    for bank in (by_number, by_text):
        case = bank.questions[0].content
        assert (case.stem, [part.type for part in case.parts]) == ("某厂爆炸。", [SINGLE, TRUE_FALSE])
    assert "不同的材料" in reasons(parsed(headings, ("1", "甲厂。", *parts[0]), ("1", "乙厂。", *parts[1])))
    assert "材料是空的" in reasons(parsed(headings, ("1", "", *parts[0])))
    assert "写在“案例”一栏" in reasons(parsed(headings, ("", "", "案例分析题", *parts[0][1:])))


def test_the_right_options_text_only_checks() -> None:
    headings = (*COLUMNS, "正确答案文本")
    row = ("多选题", "怎么办？", "报告", "停工", "逃跑", "", "AB")

    assert only(parsed(headings, (*row, "A 报告；B 停工"))).key == (0, 1)
    assert "不一致" in reasons(parsed(headings, (*row, "报告；逃跑")))


def test_a_sheet_that_lacks_a_column_is_refused_and_not_passed_over() -> None:
    assert "“答案”" in reasons(parsed(("题型", "题干", "选项A", "选项B"), ("单选题", "问？", "甲", "乙")))
    assert "选项B" in reasons(
        parsed(("题型", "题干", "选项A", "选项C", "答案"), ("单选题", "问？", "甲", "乙", "A"))
    )


@pytest.mark.parametrize("cells", [("A. 甲", "B. 乙", "B. 丙"), ("A.甲", "C.丙", "")])
def test_letters_in_option_columns_must_run_on(cells: tuple[str, ...]) -> None:
    assert "缺号或重号" in reasons(parsed(COLUMNS, ("单选题", "问？", *cells, "", "A")))


@pytest.mark.parametrize(
    ("stem", "left"),
    [("1. 问", "问"), ("536、536.问", "问"), ("170，问", "问"), ("1.5米以上", "1.5米以上"), ("119、120分别是", "119、120分别是"), ("12.", "12.")],
)  # fmt: skip
def test_a_number_before_the_stem_goes(stem: str, left: str) -> None:
    assert without_number(stem) == left


def test_a_row_of_ours_says_what_it_says() -> None:
    row = ("单选题", "1. 方针是（ A ）。下图。", "A. 甲", "B. 乙", "", "", "A", "C/D", "是")
    content = only(parsed((*COLUMNS, "知识点", "原样"), row))

    assert (content.stem, content.options, content.tags) == (
        "1. 方针是（ A ）。下图。",
        ("A. 甲", "B. 乙"),
        ("C/D",),
    )


def test_all_columns_that_sort_questions_become_tags() -> None:
    bank = parsed(
        (*COLUMNS, "知识点", "章节", "题库名称"),
        ("单选题", "问？", "甲", "乙", "", "", "A", "消防、用电", "第一章 总则", "电工题库"),
    )

    assert only(bank).tags == ("消防", "用电", "第一章 总则", "电工题库")
