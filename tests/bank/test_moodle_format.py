"""Moodle XML: out and in again gives the same, what Moodle writes is understood, the rest is refused by name."""

from __future__ import annotations

import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizapp.bank.formats import carried, xmltree
from quizapp.bank.formats.moodle.reading import read
from quizapp.bank.formats.moodle.writing import write
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.registry import format_of
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, Blank, QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.files.references import digests_in, refer
from quizapp.imports.tables import UnreadableFile
from tests.bank.broken import broken, listener, outcome
from tests.bank.strategies import PICTURES, questions

SAMPLE = (Path(__file__).parent / "samples" / "moodle.xml").read_bytes()
QUESTION = QuestionContent(type=QuestionType.SINGLE, stem="问？", options=("甲", "乙"), key=(0,))
CASE = QuestionContent(
    type=QuestionType.CASE,
    stem="某厂起火。",
    parts=(
        QuestionContent(type=QuestionType.TRUE_FALSE, stem="先断电。", options=TRUE_FALSE_OPTIONS, key=(0,)),
        QuestionContent(type=QuestionType.FILL_IN, stem="拨打____报警。", blanks=(Blank(("119",)),)),
    ),
)


def one(kind: str, body: str, text: str = "问？", written: str = "html") -> bytes:
    return (
        f'<quiz><question type="{kind}"><questiontext format="{written}"><text><![CDATA[{text}]]></text>'
        f"</questiontext>{body}</question></quiz>"
    ).encode()


def answer(text: str, share: object, more: str = "") -> str:
    return f'<answer fraction="{share}"><text>{text}</text>{more}</answer>'


def only(parsed: ParsedBank) -> QuestionContent:
    assert parsed.refused == ()
    (question,) = parsed.questions
    return question.content


def reason(content: bytes) -> str:
    parsed = read(content)
    assert parsed.questions == ()
    (problem,) = parsed.refused
    assert problem.row == 1
    return str(problem.reason)


# How long a busy machine takes to make questions says nothing of the format.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(questions(), min_size=1, max_size=4))
def test_out_and_in_again_gives_the_same_questions(many: list[QuestionContent]) -> None:
    parsed = read(write(many, PICTURES))

    assert parsed.refused == parsed.repaired == ()
    assert [one.content for one in parsed.questions] == many
    assert [one.content.code for one in parsed.questions] == [one.code for one in many]
    assert set(parsed.pictures) == digests_in(text for each in many for text in carried.texts_of(each))


def test_what_moodle_exports_is_understood() -> None:
    parsed = read(SAMPLE)
    choice, several, judged, short, number, gaps = (question.content for question in parsed.questions)

    assert parsed.refused == ()
    assert {question.sheet for question in parsed.questions} == {"$course$/top/消防安全"}
    (digest,) = parsed.pictures
    assert choice == QuestionContent(
        type=QuestionType.SINGLE,
        stem=f"看图：{refer(digest, '标志')}\n带电设备着火用哪种 灭火器？",
        options=("二氧化碳", "水"),
        key=(0,),
        explanation="CO₂ 不导电， 浓度 < 5×10⁻³。",
        tags=("灭火器材", "电气"),
    )
    assert choice.code == "XF-1"
    assert (several.type, several.key, several.stem) == (
        QuestionType.MULTIPLE, (0, 1, 3), "哪些是隐患？\n选出全部",
    )  # fmt: skip
    assert (judged.key, judged.options, judged.explanation) == ((1,), TRUE_FALSE_OPTIONS, "正确：再想想")
    assert (short.stem, short.blanks) == ("火警电话是____。", (Blank(("119", "一一九*")),))
    assert (number.stem, number.blanks) == (
        "π 取两位小数是多少？ ____", (Blank(("3.14",), Decimal("0.005")),),
    )  # fmt: skip
    assert gaps.stem == "方针：____、预防为主；高 ____ m。"
    assert gaps.blanks == (Blank(("安全第一", "安全~第一")), Blank(("2",), Decimal("0.1")))
    assert [(remark.row, str(remark.reason)[:6]) for remark in parsed.repaired] == [
        (4, "各个答案的反"), (7, "各个答案的反"), (8, "说明文字不是"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body", "named"),
    [
        ("matching", "", "匹配题"), ("essay", "", "论述题"), ("ddwtos", "", "拖放填词题"),
        ("gapselect", "", "下拉选词题"), ("calculated", "", "计算题"), ("calculatedmulti", "", "计算选择题"),
        ("calculatedsimple", "", "简单计算题"), ("ddmarker", "", "拖放标记题"), ("random", "", "随机题"),
        ("ddimageortext", "", "拖放到图片题"), ("ordering", "", "排序题"), ("frobnicate", "", "frobnicate"),
        ("multichoice", answer("甲", 100) + answer("乙", 50), "部分给分"),
        ("multichoice", answer("甲", 100) + answer("乙", -25), "倒扣分"),
        ("multichoice", answer("甲", 100) + answer("乙", 100), "单选题只能有一个答案"),
        ("multichoice", answer("甲", 0) + answer("乙", 0), "单选题只能有一个答案"),
        ("multichoice", answer("甲", "NaN") + answer("乙", 0), "不是数"),
        ("multichoice", answer("甲", "sNaN") + answer("乙", 0), "不是数"),
        ("multichoice", answer("甲", "9e999999") + answer("乙", 0), "不是数"),
        ("multichoice", "<single>false</single>" + answer("甲", 70) + answer("乙", 30), "部分给分"),
        ("multichoice", "<single>false</single>" + answer("甲", 50) + answer("乙", 50) + answer("丙", -25), "倒扣分"),
        ("multichoice", "<single>false</single>" + answer("甲", 100) + answer("乙", 0), "多选题至少要有两个答案"),
        ("multichoice", answer("甲", 0) * 1000, "选项最多"),
        ("truefalse", answer("true", 100) + answer("false", 100), "判断题要有"),
        ("truefalse", answer("true", 100), "判断题要有"),
        ("shortanswer", answer("甲", 100) + answer("乙", 50), "部分给分"),
        ("shortanswer", answer("甲*", 100), "通配符"),
        ("shortanswer", "<usecase>1</usecase>" + answer("Ab", 100), "区分大小写"),
        ("shortanswer", answer("甲", 0), "填空的答案是空的"),
        ("shortanswer", answer("甲", 0) * 60, "答案太多"),
        ("shortanswer", answer("甲", 100, "<feedback><text>1</text></feedback>")
            + answer("乙", 100, "<feedback><text>2</text></feedback>"), "各有不同的反馈"),
        ("numerical", answer("5", 100, "<tolerance>1</tolerance>")
            + answer("6", 100, "<tolerance>2</tolerance>"), "误差范围不同"),
        ("numerical", answer("5", 100, "<tolerance>x</tolerance>"), "误差范围不是数"),
        ("numerical", answer("五", 100), "答案必须是数"),
        ("numerical", answer("5", 100) + "<units><unit><unit_name>m</unit_name></unit></units>", "带单位"),
    ],
)  # fmt: skip
def test_what_the_product_cannot_ask_is_refused_by_name(kind: str, body: str, named: str) -> None:
    assert named in reason(one(kind, body))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{1:SA:=甲} {2:SA:=乙}", "分值不同"), ("{0:SA:=甲}", "分值不同"), ("{1:SA:=甲~%50%乙}", "部分给分"),
        ("{1:MULTICHOICE:=甲~乙}", "下拉选择"), ("{1:MCVS:=甲~乙}", "下拉选择"), ("{1:SAC:=Ab}", "区分大小写"),
        ("没有空", "个数不一致"), ("问 {1:SA:=甲} ____", "个数不一致"), ("{1:SA:=甲" * 400, "个数不一致"),
        ("{1:SA:=甲}" * 11, "填空最多"), ("{1:NM:=5:0.1~=6:0.2}", "误差范围不同"),
        ("{1:SA:=甲#对~=乙#也对}", "各有不同的反馈"),
    ],
)  # fmt: skip
def test_gaps_that_no_blank_can_be_are_refused_by_name(text: str, named: str) -> None:
    assert named in reason(one("cloze", "", text))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('<img src="http://127.0.0.1:1/x.png">', "不在文件里"), ('<img src="@@PLUGINFILE@@/no.png">', "不在文件里"),
        ('<img src="data:image/png;base64,AAAA">', "图片已损坏"), ("<video src='x'></video>问", "音频、视频"),
        ("<math><mi>x</mi></math>", "公式标记"), ("<svg></svg>", "矢量图"), ("<p> &nbsp;</p>", "题干是空的"),
    ],
)  # fmt: skip
def test_texts_that_cannot_be_shown_are_refused_by_name(text: str, named: str) -> None:
    assert named in reason(one("truefalse", answer("true", 100) + answer("false", 0), text))


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("<p>一</p>\n<p>二<br>三</p>", "一\n二\n三"), ("&lt;b&gt;&amp;amp;&nbsp;x&#x6C34;", "<b>&amp; x水"),
        ("<script>alert(1)</script>问<!-- 答案 A -->？<style>p{}</style>", "问？"),
        ("<ul><li>甲</li><li>乙</li></ul>", "甲\n乙"), ("<a href='javascript:x'>链</a>", "链"),
        ("1 < 2 <3", "1 < 2 <3"), ("问<noscript> 请开脚本 </noscript>？", "问？"), ("问<p title='a>b", "问"), ("H<sub>2</sub>O m<sup>3</sup>", "H₂O m³"),
    ],
)  # fmt: skip
def test_no_markup_survives_and_lines_do(markup: str, plain: str) -> None:
    assert only(read(one("truefalse", answer("true", 100) + answer("false", 0), markup))).stem == plain


def test_several_answers_earn_the_whole_mark_together_or_nothing() -> None:
    question = QuestionContent(
        type=QuestionType.MULTIPLE, stem="问", options=("甲", "乙", "丙", "丁"), key=(0, 1, 3)
    )
    root = fromstring(write([question], {}))

    assert [found.get("fraction") for found in root.iter("answer")] == [
        "33.33333",
        "33.33333",
        "-100",
        "33.33333",
    ]


def test_a_case_goes_out_as_a_description_with_its_questions_and_comes_back_in_any_order() -> None:
    written = write([CASE, QUESTION], {}).decode()
    pieces = re.findall(r"<question .*?</question>\n", written, re.DOTALL)
    kinds = [piece.split('"')[1] for piece in pieces]

    shuffled = read("".join(["<quiz>", *reversed(pieces), "</quiz>"]).encode())

    assert kinds == ["description", "truefalse", "shortanswer", "multichoice"]
    assert [question.content for question in shuffled.questions] == [QUESTION, CASE]


def test_a_case_that_lost_a_part_or_its_text_is_refused() -> None:
    pieces = re.findall(r"<question .*?</question>\n", write([CASE], {}).decode(), re.DOTALL)

    without_part = read("".join(["<quiz>", *pieces[:2], "</quiz>"]).encode())
    without_text = read("".join(["<quiz>", *pieces[1:], "</quiz>"]).encode())

    assert "小题不全" in str(without_part.refused[0].reason)
    assert ["没有它的材料" in str(problem.reason) for problem in without_text.refused] == [True, True]
    assert without_part.questions == without_text.questions == ()


def test_a_part_that_cannot_be_used_takes_its_case_with_it() -> None:
    spoilt = write([CASE], {}).replace(b'type="truefalse"', b'type="essay"')

    assert [str(problem.reason)[:4] for problem in read(spoilt).refused] == ["案例题的", "本系统没"]


def test_a_set_of_the_all_or_nothing_plugin_is_several_answers() -> None:
    found = only(read(one("multichoiceset", answer("甲", 100) + answer("乙", 100) + answer("丙", 0))))

    assert (found.type, found.key) == (QuestionType.MULTIPLE, (0, 1))


def test_a_file_in_gb18030_that_says_so_is_read() -> None:
    text = one("truefalse", answer("true", 100) + answer("false", 0), "火警电话").decode()

    found = read(f'<?xml version="1.0" encoding="GBK"?>{text}'.encode("gb18030"))

    assert only(found).stem == "火警电话"


BOMB = b'<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz><question>&b;</question></quiz>'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<quiz>", b"<quiz/>", b"<other/>", b"\0" * 100, b"\xff\xfe", BOMB, b"<a>" * 50_000,
        b"<quiz>" + b"<question>" * 500, b"<?xml version='1.0' encoding='utf-7'?><quiz/>",
        b"<?xml version='1.0' encoding='big5'?><quiz/>", "<quiz>题".encode("gb18030"),
    ],
)  # fmt: skip
def test_what_is_no_whole_file_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(content)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="嵌套"):
        read(b"<quiz>" + b"<a>" * 200 + b"</a>" * 200 + b"<question/></quiz>")


def test_too_many_elements_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmltree, "MOST_ELEMENTS", 1000)
    with pytest.raises(UnreadableFile, match="太大"):
        read(b"<quiz>" + b"<a/>" * 1001 + b"</quiz>")


def test_nothing_outside_the_file_is_read_or_called(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("机密")
    with listener() as (port, met):
        for address in (canary.as_uri(), f"http://127.0.0.1:{port}/x"):
            external = (
                f'<!DOCTYPE quiz [<!ENTITY e SYSTEM "{address}">]><quiz><question>&e;</question></quiz>'
            )
            subset = f'<!DOCTYPE quiz SYSTEM "{address}"><quiz><question type="essay"/></quiz>'
            for content in (external, subset):
                with pytest.raises(UnreadableFile, match="DTD"):
                    read(content.encode())
            picture = one("truefalse", answer("true", 100) + answer("false", 0), f'<img src="{address}">')
            assert "不在文件里" in reason(picture)

    assert met == []


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 100_000,
        "<a x='" * 100_000,
        "<p>" * 100_000,
        "{1:SA:" * 100_000 + "\\}",
        "{" * 200_000 + "}",
        "&" * 10**6,
    ],
)
def test_texts_made_to_be_slow_are_not(text: str) -> None:
    assert outcome(read, one("cloze", "", text)) == ""


def test_two_thousand_broken_files_are_refused_or_read() -> None:
    source = random.Random(7)
    good = [SAMPLE, write([QUESTION, CASE], PICTURES)]
    sentences = [outcome(read, broken(source.choice(good), source)) for _ in range(2000)]

    assert any(sentences)
    assert not all(sentences)


def test_the_child_process_gives_back_what_the_format_reads() -> None:
    content = write([QUESTION, CASE], {})

    assert format_of(content, "bank.xml").name == "moodle"
    assert [found.content for found in read_bank(content, "bank.xml").questions] == [QUESTION, CASE]
