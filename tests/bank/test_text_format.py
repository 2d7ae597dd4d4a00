"""Typed banks come in as clerks type them; what could be read in two ways is refused with its line, never guessed."""

from __future__ import annotations

import contextlib
import itertools
import time
from pathlib import Path

import pytest

from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.registry import format_of
from quizapp.bank.formats.text.reading import read
from quizapp.bank.questions import Difficulty, QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.imports.tables import UnreadableFile
from tests.bank.garbled import garbled_files

SAMPLES = Path(__file__).parent / "samples"
TYPED = (SAMPLES / "typed.txt").read_bytes()
BEHIND = (SAMPLES / "answers_behind.txt").read_bytes()
SIGNS = ("1.", "2、", "（1）", "第3题", "A.", "B、", "（C）", "D ", "答案：", "【解析】", "一、单选题", "三、判断题", "四、填空题",
         "参考答案", "1-5 ABCDE", "1.A 2.BC", "案例一：", "（ A ）", "（√）", "____", "（ ）", "\n", "\n", "\n\n", " ", "\t", "甲", "。")  # fmt: skip


def parsed(text: str) -> ParsedBank:
    return read(text.encode())


def only(text: str) -> QuestionContent:
    found = parsed(text)
    assert [str(problem.reason) for problem in found.refused] == []
    (question,) = found.questions
    return question.content


def reason(text: str) -> str:
    found = parsed(text)
    assert found.questions == ()
    return str(found.refused[0].reason)


def told(question: QuestionContent) -> tuple[str, str, tuple[str, ...], tuple[object, ...]]:
    right: tuple[object, ...] = question.key or tuple(blank.accepted[0] for blank in question.blanks)
    return question.type.value, question.stem, question.options, right


def test_a_bank_with_everything_beside_its_questions_comes_in() -> None:
    found = read(TYPED)

    truths = ("正确", "错误")
    assert [told(one.content) for one in found.questions] == [
        ("single", "生产经营单位的（　）对本单位的安全生产工作全面负责。", ("主要负责人", "安全管理人员", "班组长", "工会主席"), (0,)),
        ("single", "延伸率（A）是衡量金属材料什么性能的指标？", ("强度", "塑性", "硬度"), (1,)),
        ("single", "灭火时先做什么（  ）", ("拔销", "压把", "瞄准"), (0,)),
        ("single", "下列说法正确的是：\n1. 先报警\n2. 先救人", ("只有 1", "只有 2"), (1,)),
        ("multiple", "拨打 119 应当说清（ ）。", ("地点", "火势", "A、B两种信息都不用说"), (0, 1)),
        ("multiple", "下面属于特种作业的是", ("电工作业", "焊接作业", "做饭"), (0, 1)),
        ("true_false", "可以带病上岗。（　）", truths, (1,)),
        ("true_false", "未经培训不得上岗。（　）", truths, (0,)),
        ("true_false", "动火作业不需要审批。", truths, (1,)),
        ("fill_in", "安全生产工作应当以____为本，坚持____第一。", (), ("人", "安全")),
        ("fill_in", "危险化学品____许可证由应急管理部门颁发。", (), ("经营",)),
        ("case", "某厂锅炉房发生爆炸。\n事故造成 3 人受伤。", (), ()),
    ]  # fmt: skip
    case = found.questions[-1].content
    assert [told(part) for part in case.parts] == [
        ("single", "事故的等级是（ ）。", ("一般事故", "较大事故"), (0,)),
        ("true_false", "应当报告。（ ）", truths, (0,)),
    ]
    second = found.questions[1].content
    assert (
        second.explanation == "延伸率表示材料断裂前的塑性变形能力。\n1. 强度另有指标；\n2. 硬度也另有指标。"
    )
    assert second.difficulty is Difficulty.EASY
    assert found.questions[4].content.tags == ("消防安全", "应急处置")
    assert [(problem.row, "不支持" in str(problem.reason)) for problem in found.refused] == [(61, True)]
    assert [problem.row for problem in found.repaired] == [1, 2, 4, 52]


def test_answers_collected_behind_the_questions_find_them() -> None:
    found = read(BEHIND)

    assert found.refused == ()
    assert [told(one.content)[3] for one in found.questions] == [
        (1,), (0,), (2,), (0, 1), (0, 2), (0,), (1,), ("这", "那"), ("一",),
    ]  # fmt: skip
    assert found.questions[-1].content.explanation == "只有一处。"


TWO = "1. 甲？\nA. 一 B. 二 C. 三\n2. 乙？\nA. 一 B. 二 C. 三\n"


@pytest.mark.parametrize(
    "answers",
    ["参考答案：1-2 BC", "参考答案\n1-2：BC", "答案：1.B 2.C", "1、B；2、C", "参考答案\n1.B\n2.C", "【答案】1．Ｂ  2．Ｃ",
     "附：参考答案\n一、单选题\n1～2 B C", "参考答案及解析\n1.【答案】B【解析】因为。\n2. C\n解析：也因为。", "单选题答案\n1.B 2.C"],
)  # fmt: skip
def test_collected_answers_are_read_as_they_are_typed(answers: str) -> None:
    assert [one.content.key for one in parsed(TWO + answers).questions] == [(1,), (2,)]


def test_collected_answers_go_on_through_headings_or_begin_anew_under_each() -> None:
    bank = "一、单选题\n1. 甲？\nA. 一 B. 二\n二、单选题\n{}. 乙？\nA. 一 B. 二\n答案\n1.A {}.B"

    for number in ("1", "2"):
        found = parsed(bank.format(number, number))
        assert [one.content.key for one in found.questions] == [(0,), (1,)]


def test_each_section_may_bring_its_own_answers() -> None:
    found = parsed(
        "一、单选题\n1. 甲？\nA. 一 B. 二\n参考答案：\n1.B\n二、判断题\n1. 乙。\n2. 丙。\n参考答案：\n1.√ 2.×\n"
    )

    assert found.refused == ()
    assert [one.content.key for one in found.questions] == [(1,), (0,), (1,)]


OPTIONS = (
    "A. 甲\nB. 乙\nC. 丙", "A、甲\nB、乙\nC、丙", "A．甲 B．乙 C．丙", "（A）甲（换）\n（B）乙\n（C）丙", "A.甲B.乙C.丙", "A、甲B、乙C、丙",
    "A 甲\nB 乙\nC 丙", "A甲\nB乙\nC丙", "Ａ．甲\tＢ．乙\tＣ．丙", "- A: 甲\n- B: 乙\n- C: 丙", "A) 甲  B) 乙\nC) 丙", "A.\n甲\nB.\n乙\nC.\n丙",
)  # fmt: skip
ANSWERS = ("答案：B", "正确答案: Ｂ", "【答案】B", "参考答案 B", "答案B", "[答案]：B", "答：B")


@pytest.mark.parametrize(
    "number",
    [
        "1.",
        "1、",
        "1．",
        "１．",
        "（1）",
        "(1)",
        "第1题",
        "第 1 题：",
        "1)",
        "1：",
        "1. [单选]",
        "1、_[单选]_",
    ],
)
def test_numbers_options_and_answers_are_read_as_they_are_typed(number: str) -> None:
    for options, answer in itertools.product(OPTIONS, ANSWERS):
        found = only(f"{number} 甲乙丙里选一个？\n{options}\n{answer}")

        assert found.stem == "甲乙丙里选一个？"
        assert (found.type, found.key) == (QuestionType.SINGLE, (1,))
        assert [option[0] for option in found.options] == ["甲", "乙", "丙"]


@pytest.mark.parametrize("sign", ["（√）", "（ √ ）", "(对)", "（正确）", "（T）", " √"])
def test_a_sign_in_the_stem_says_true_and_is_emptied_out(sign: str) -> None:
    found = only(f"1. 应当培训{sign}")

    assert (found.type, found.key, found.stem) == (QuestionType.TRUE_FALSE, (0,), "应当培训（　）")


@pytest.mark.parametrize(
    ("stem", "key"),
    [("的是（ B ）。", (1,)), ("的是(B)", (1,)), ("的是（　ＡＢ　）", (0, 1)), ("的有（A、C）", (0, 2)),
     ("高度（A）时，的是（ B ）", (1,)), ("（答案：C）的是", (2,))],
)  # fmt: skip
def test_letters_in_the_stem_are_the_answer_where_they_can_be_nothing_else(
    stem: str, key: tuple[int, ...]
) -> None:
    found = only(f"1. 下列{stem}\nA. 甲\nB. 乙\nC. 丙")

    assert found.key == key
    assert "B" not in found.stem
    assert "ＡＢ" not in found.stem


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1. 延伸率（A）是什么指标？\nA. 强度\nB. 塑性", "没有找到答案"),
        ("1. 高度（H）怎么量？\nA. 尺\nB. 秤", "没有找到答案"),
        ("1. 属于（A）的和（B）的是？\nA. 甲\nB. 乙", "分不清"),
        ("1. 重力加速度（G）与高度（A）在（　）里\nA. 甲\nB. 乙", "没有找到答案"),
        ("1. 对（A）来说，的是（　）\nA. 甲\nB. 乙", "没有找到答案"),
        ("1. 的是（ A ）\nA. 甲\nB. 乙\n答案：B", "不同"),
        ("一、判断题\n1. 对不对（√）\n答案：错", "不同"),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n答案：B", "两处答案"),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n解析：因为。\n（2）乙？\nA. 三\nB. 四\n答案：A", "两处答案"),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n参考答案\n1.B", "集中写的答案不同"),
        ("1. 甲？\nA. 一\nB. 二\n答案：C", "没有对应的选项"),
        ("1. 甲？\nA. 一\nC. 二\n答案：A", "不连续"),
        ("1. 甲？\nA. 一\nB. 二\nB. 三\n答案：A", "不连续"),
        ("1. 甲？\nA. 一\nB. 一\n答案：A", "文字相同"),
        ("1. 甲？\nA. 一\nB. 二\n", "没有找到答案"),
        ("一、单选题\n1. 甲？\nA. 一\nB. 二\n答案：AB", "只能有一个答案"),
        ("一、多选题\n1. 甲？\nA. 一\nB. 二\n答案：A", "至少要有两个答案"),
        ("一、判断题\n1. 甲。\n答案：x", "可能是叉号"),
        ("一、判断题\n1. 甲（x）", "可能是叉号"),
        ("一、填空题\n1. ____和____。\n答案：甲", "分不成这么多"),
        ("一、填空题\n1. 没有空。\n答案：甲", "没有要填的空"),
        ("1. 简述方针。\n答案：安全第一，预防为主。", "看不出题型"),
        ("一、简答题\n1. 简述方针。\n答案：安全第一。", "不支持"),
        ("1. 甲？\nA. 一\nB. 二\n答案：A\n难度：七", "不认识这个难度"),
        ("【案例一】某厂失火。\n1. 等级？\nA. 一 B. 二\n答案：A\n2. 简述。\n答案：略", "第 2 小题"),
        ("【案例一】某厂失火。\n后来灭了。", "1 到"),
        (f"1. 看图 ![](image:{'0' * 64})\nA. 一\nB. 二\n答案：A", "文件之外的图片"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(text: str, named: str) -> None:
    assert named in reason(text)


def test_each_section_may_number_its_questions_in_its_own_way() -> None:
    found = parsed(
        "1、单选题\n1. 甲？\nA. 一 B. 二\n答案：A\n解析：因为。\n2、判断题（每题 2 分）\n（1）乙。\n答案：对\n（2）丙（×）\n"
    )

    assert found.refused == ()
    assert [one.content.stem for one in found.questions] == ["甲？", "乙。", "丙（　）"]


def test_an_answer_without_a_question_is_named_with_its_line() -> None:
    found = parsed(TWO + "参考答案\n1-3 ABC\n1.A")

    assert [(problem.row, str(problem.reason)) for problem in found.refused] == [
        (6, "答案 3 没有对应的题目。"), (7, "答案 1 没有对应的题目。"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("A. 甲 B. A、B两种方法一起使用 C. A和B", ("甲", "A、B两种方法一起使用", "A和B")),
        ("A、使用B、C两种方法\nB、只用C\nC、都不用", ("使用B、C两种方法", "只用C", "都不用")),
        ("A、参见B.2条\nB、不参见\nC、随便", ("参见B.2条", "不参见", "随便")),
        ("A.执行GB.2894 B.不执行 C.看着办", ("执行GB.2894", "不执行", "看着办")),
        ("A. 甲\n接着甲\nB. 乙\nC. 1. 一 2. 二", ("甲\n接着甲", "乙", "1. 一 2. 二")),
    ],
)
def test_letters_inside_an_option_do_not_cut_it(line: str, options: tuple[str, ...]) -> None:
    assert only(f"1. 选？\n{line}\n答案：A").options == options


def test_questions_without_numbers_end_with_their_answer_or_a_blank_line() -> None:
    found = parsed(
        "安全题库\n\n甲？\nA. 一\nB. 二\n答案：A\n乙？\nA. 一\nB. 二\n答案：B\n解析：因为。\n\n丙。\n答案：对\n"
    )

    assert [one.content.stem for one in found.questions] == ["甲？", "乙？", "丙。"]
    assert [problem.row for problem in found.refused] == [1]


def test_a_heading_for_cases_takes_the_numbers_inside_as_parts() -> None:
    found = parsed(
        "五、案例分析题\n1. 某厂失火。\n（1）原因？\nA. 一 B. 二\n答案：A\n（2）对吗。\n答案：错\n"
        "2. 某矿透水。\n（1）等级？\nA. 一 B. 二\n答案：B\n"
    )

    assert [(one.content.stem, len(one.content.parts)) for one in found.questions] == [
        ("某厂失火。", 2),
        ("某矿透水。", 1),
    ]


def test_a_question_of_either_choice_has_the_type_that_its_answer_shows() -> None:
    found = parsed("一、不定项选择题\n1. 甲？\nA. 一 B. 二\n答案：A\n2. 乙？\nA. 一 B. 二\n答案：AB\n")

    assert [one.content.type.value for one in found.questions] == ["single", "multiple"]


def test_a_law_may_be_named_as_source_and_lists_stay_in_the_explanation() -> None:
    found = only("1. 甲？\nA. 一 B. 二\n答案：A 解析：因为\n1. 这样\n2. 那样\n依据：《安全生产法》第五条\n")

    assert (found.explanation, found.source) == ("因为\n1. 这样\n2. 那样", "《安全生产法》第五条")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_encodings_and_line_endings_of_editors_are_read(encoding: str, ending: str) -> None:
    content = TYPED.decode().replace("\n", ending).encode(encoding)

    assert read(content).questions == read(TYPED).questions


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (TYPED, "text"), (BEHIND, "text"), (b"\0", "text"),
        ((SAMPLES / "moodle.gift").read_bytes(), "gift"),
        ((SAMPLES / "aiken.txt").read_bytes(), "aiken"),
        ("题型\t题干\t选项A\t选项B\t答案\n单选题\t甲？\t一\t二\tA".encode(), "table_text"),
        ("某题库\n题干,选项A,选项B,正确答案\n甲？,一,二,A".encode("gb18030"), "table_text"),
        ("1. 题目里有 {花括号} 和 = 号？\nA. 一\nB. 二\n答案：A".encode(), "text"),
    ],
)  # fmt: skip
def test_a_text_file_is_told_by_its_content(content: bytes, name: str) -> None:
    assert format_of(content, "题库.TXT").name == name


def test_broken_files_are_refused_or_read() -> None:
    for content in garbled_files([TYPED, BEHIND], SIGNS, 2400, seed=13):
        with contextlib.suppress(UnreadableFile):
            assert read(content, "a.txt").questions is not None


@pytest.mark.parametrize(
    "content", [b"", b" \n", b"\0", b"\xff\xfe\x00", b"PK\x03\x04", "随便写的一篇文章。".encode()]
)
def test_a_file_without_questions_is_refused_in_a_sentence(content: bytes) -> None:
    found = None
    with contextlib.suppress(UnreadableFile):
        found = read(content)
    assert found is None or (found.questions == () and found.refused)


@pytest.mark.parametrize(
    "text",
    ["1. 题（" + " " * 1_000_000 + "）\n答案：A", "1. 题\n" + "A. 甲\n" * 100_000, "1." * 500_000, "（" * 1_000_000, "A. 甲 " * 200_000,
     "1. 题\n" + "A. 甲 B. 乙 " * 100_000, "1. 题\n答案：" + "A" * 500_000, "参考答案\n" + "1-5 ABCDE " * 50_000,
     "1. 题\nA. 甲 B. 乙\n" + "参考答案\n" * 100_000, "1. 题\nA. 甲 B. 乙\n1." + "A 2." * 200_000, "一、单选题（" * 200_000,
     "一、单选题\n" * 100_000, "1. 题？\n" * 60_000, "1. 题（ ）\n答案：A\n" * 30_000, "（1）" * 200_000, "【案例】" * 200_000,
     "【案例一】甲\n" * 50_000, "1. " + "____" * 100_000 + "\n答案：" + "；" * 100_000, "答案：" * 200_000, "1. 题\n解析：\n" + "1. 一\n2. 二\n" * 30_000,
     "1. 题" + "\t" * 1_000_000 + "√", "1-" + " " * 1_000_000, "1. 甲？\n" + "9999-9999 A\n" * 50_000, "1. a" + "【单选】" * 100_000,
     "1. 题：\n" + "".join(f"{n}. 一\n" for n in range(1, 10_000)), "1. 题\nA. 甲\n" + "续\n" * 200_000,
     "1. 题\nA. 甲 B. 乙\n参考答案\n1. A\n" + "续\n" * 200_000, "1. 题\n答案：A\n" + "续\n" * 200_000,
     "五、案例分析题\n" + "1. 甲\n" * 40_000 + "（1）乙", "[" * 500_000 + "答案", "第" * 500_000, "![" * 300_000],
)  # fmt: skip
def test_hostile_texts_cost_little(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        assert read(text.encode()).questions is not None
    assert time.process_time() - started < 8


def test_the_child_process_gives_back_what_the_format_reads() -> None:
    found = read_bank(TYPED, "题库.txt")

    assert found.questions == read(TYPED).questions
    assert found.refused == read(TYPED).refused
