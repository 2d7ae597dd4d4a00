"""IMS QTI: out and in again gives the same, the standard's examples are understood, the rest is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quizapp.bank.formats.carried import texts_of
from quizapp.bank.formats.qti.packaging import write_21, write_22
from quizapp.bank.formats.qti.reading import read
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, Blank, Difficulty, QuestionContent, QuestionType
from quizapp.files.references import digests_in, refer
from tests.bank.qti_items import (
    CHOICE,
    ENTRIES,
    ENTRY,
    MAPPED,
    NUMBER,
    ONE,
    PICTURE,
    TEMPLATE,
    TEXT,
    choices,
    correct,
    declared,
    item,
    mapping,
    near,
    only,
    package,
    reason,
    rule,
)
from tests.bank.strategies import PICTURES, questions


@pytest.mark.parametrize("write", [write_21, write_22])
# How long a busy machine takes to make questions says nothing of the format.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(questions(), min_size=1, max_size=4))
def test_out_and_in_again_gives_the_same_questions(
    write: Callable[..., bytes], many: list[QuestionContent]
) -> None:
    parsed = read(write(many, PICTURES))

    assert parsed.refused == parsed.repaired == ()
    assert [one.content for one in parsed.questions] == many
    assert [one.content.code for one in parsed.questions] == [one.code for one in many]
    assert set(parsed.pictures) == digests_in(text for each in many for text in texts_of(each))


def test_a_choice_as_the_standard_shows_it_is_understood() -> None:
    parsed = read(package(CHOICE, items__images__sign_dot_png=PICTURE.content))

    assert only(parsed) == QuestionContent(
        type=QuestionType.SINGLE,
        stem=f"看下面的告示：\n{refer(PICTURE.digest, '告示')}\n它说什么？",
        options=("随身带好行李。", "不要让行李离开视线。"),
        key=(1,),
        explanation="按告示原文判定。\nB：正是。\nCO₂ 无关。",
    )
    assert set(parsed.pictures) == {PICTURE.digest}
    assert "不在文件里" in reason(CHOICE)


def test_entries_with_a_mapping_and_a_tolerance_are_understood() -> None:
    assert only(read(ENTRIES)) == QuestionContent(
        type=QuestionType.FILL_IN,
        stem="火警 ____，π 约为 ____。",
        blanks=(Blank(("119", "一一九")), Blank(("3.14",), Decimal("0.005"))),
    )


@pytest.mark.parametrize(
    ("content", "blank"),
    [
        (item(ENTRY, declared(correct("甲"), base="string")), Blank(("甲",))),
        (item(ENTRY, declared(correct("甲"), base="string"), TEMPLATE.format("match_correct.xml")), Blank(("甲",))),
        (item(ENTRY, declared(mapping(York="1", york="1"), base="string"), MAPPED), Blank(("York", "york"))),
        (item(ENTRY, declared(correct("5"), base="integer")), Blank(("5",), Decimal(0))),
        (item(ENTRY, declared(correct("5"), base="float"), near('toleranceMode="absolute" tolerance="2 2"')),
            Blank(("5",), Decimal(2))),
        (item(ENTRY, declared(correct("5"), base="float"), near('toleranceMode="exact"')), Blank(("5",), Decimal(0))),
    ],
)  # fmt: skip
def test_ways_to_judge_a_blank(content: bytes, blank: Blank) -> None:
    assert only(read(content)).blanks == (blank,)


def test_true_and_false_are_known_by_their_identifiers_and_words() -> None:
    body = (
        '<p>问</p><choiceInteraction responseIdentifier="RESPONSE"><simpleChoice identifier="false">False'
        '</simpleChoice><simpleChoice identifier="true">True</simpleChoice></choiceInteraction>'
    )
    found = only(read(item(body, declared(correct("true")))))

    assert (found.type, found.options, found.key) == (QuestionType.TRUE_FALSE, TRUE_FALSE_OPTIONS, (0,))


@pytest.mark.parametrize(
    ("interaction", "named"),
    [
        ("matchInteraction", "匹配题"), ("orderInteraction", "排序题"), ("extendedTextInteraction", "论述题"),
        ("hotspotInteraction", "热区题"), ("associateInteraction", "配对题"), ("gapMatchInteraction", "选词填空"),
        ("inlineChoiceInteraction", "下拉选词题"), ("hottextInteraction", "热字题"), ("sliderInteraction", "滑块题"),
        ("uploadInteraction", "上传文件题"), ("drawingInteraction", "绘图题"), ("mediaInteraction", "音视频题"),
        ("selectPointInteraction", "选点题"), ("positionObjectInteraction", "放置图形题"),
        ("graphicOrderInteraction", "图形排序题"), ("graphicAssociateInteraction", "图形配对题"),
        ("graphicGapMatchInteraction", "图形填空题"), ("customInteraction", "自定义交互题"),
        ("endAttemptInteraction", "结束作答按钮"), ("someNewInteraction", "someNewInteraction"),
    ],
)  # fmt: skip
def test_other_interactions_are_refused_by_name(interaction: str, named: str) -> None:
    assert named in reason(
        item(f'<p>问</p><{interaction} responseIdentifier="RESPONSE"/>', declared(correct("A")))
    )


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (item(choices(), declared(correct("A", "B") + mapping(A="1", B="1", C="-1"), cardinality="multiple"), MAPPED), "倒扣分"),
        (item(choices(), declared(correct("A", "B") + mapping(A="2", B="1"), cardinality="multiple"), MAPPED), "部分给分"),
        (item(choices(), declared(mapping(A="1", B="0.5")), MAPPED), "部分给分"),
        (item(choices(), declared(correct("A") + mapping(A="1", B="-1")), MAPPED), "倒扣分"),
        (item(choices(), ONE, MAPPED), "没有对应表"),
        (item(choices(), declared(correct("D"))), "没有对应的选项"),
        (item("问" + choices(), declared(correct("A"), cardinality="multiple")), "多选题至少要有两个答案"),
        (item("问" + choices(), declared(correct("A", "B"))), "单选题只能有一个答案"),
        (item(choices()), "没有对应的作答变量"),
        (item("<p>只有题干</p>", ONE), "没有作答区"),
        (item(ENTRY, declared(mapping(York="1", york="0.5"), base="string"), MAPPED), "部分给分"),
        (item(ENTRY, declared(mapping(York="1", york="-1"), base="string"), MAPPED), "倒扣分"),
        (item(ENTRY, declared(correct("a", "b"), base="string", cardinality="multiple")), "一个文字或一个数"),
        (item(ENTRY, declared(correct("A"))), "一个文字或一个数"),
        (item(ENTRY, NUMBER, near('toleranceMode="relative" tolerance="5"')), "绝对误差"),
        (item(ENTRY, NUMBER, near('toleranceMode="absolute" tolerance="1 2"')), "绝对误差"),
        (item(ENTRY, NUMBER, near('toleranceMode="absolute" tolerance="1" includeLowerBound="false"')), "绝对误差"),
        (item(ENTRY, NUMBER, near('toleranceMode="absolute" tolerance="T"')), "数不对"),
        (item(ENTRY, TEXT, TEMPLATE.format("map_response_point")), "map_response_point"),
        (item(ENTRY, TEXT, rule('<patternMatch pattern="a*"><variable identifier="RESPONSE"/></patternMatch>')), "patternMatch"),
        (item(ENTRY, TEXT, rule("<customOperator/>")), "customOperator"),
        (item(ENTRY, TEXT, rule('<not><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match></not>')), "not"),
        (item(ENTRY, TEXT, rule('<match><variable identifier="OTHER"/><correct identifier="OTHER"/></match>')), "没有评分规则"),
        (item(ENTRY, TEXT, rule('<match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>',
            "<random/>")), "random"),
        (item(choices(), ONE, adaptive="true"), "自适应"),
        (item(choices() + '<printedVariable identifier="X"/>', ONE), "随机变量"),
        (item(choices(), "<templateDeclaration/>" + ONE), "随机变量"),
        (item("<p><math xmlns='http://www.w3.org/1998/Math/MathML'/></p>" + choices(), ONE), "公式标记"),
        (item("<object data='a.mp3' type='audio/mpeg'/>" + choices(), ONE), "音频、视频"),
        (item("<p><img src='../../etc/passwd' alt=''/></p>" + choices(), ONE), "不在文件里"),
        (item("<p>材料</p>" + choices(), ONE, after="").replace(b"imsqti_v2p1", b"imsqtiasi_v3p0"), "QTI 2.1 或 2.2"),
        (item("<p>材料</p>" + choices("<prompt>一</prompt>", "R1") + ENTRY, declared(correct("A"), name="R1") + TEXT), "分不清"),
        (item(choices("<prompt>一</prompt>", "R1") + choices("<prompt>二</prompt>", "R2"), ""), "分不清"),
        (item("<p>材料</p>" + choices("", "R1") + choices("<prompt>二</prompt>", "R2"), ""), "分不清"),
    ],
)  # fmt: skip
def test_what_the_product_cannot_ask_is_refused_by_name(content: bytes, named: str) -> None:
    assert named in reason(content)


def test_partial_credit_by_conditions_is_refused() -> None:
    branch = (
        "<{0}><match><variable identifier='RESPONSE'/><baseValue baseType='string'>{1}</baseValue></match>"
        "<setOutcomeValue identifier='SCORE'><baseValue baseType='float'>{2}</baseValue></setOutcomeValue></{0}>"
    )
    rules = branch.format("responseIf", "甲", 1) + branch.format("responseElseIf", "乙", "{}")
    processing = f"<responseProcessing><responseCondition>{rules}</responseCondition></responseProcessing>"

    assert "部分给分" in reason(item(ENTRY, TEXT, processing.format("0.5")))
    assert only(read(item(ENTRY, TEXT, processing.format("1")))).blanks == (Blank(("甲", "乙")),)
    assert only(read(item(ENTRY, TEXT, processing.format("0")))).blanks == (Blank(("甲",)),)


def test_a_mapping_that_only_the_whole_key_satisfies_is_all_or_nothing() -> None:
    right = correct("A", "B") + mapping('lowerBound="0" upperBound="1"', A="1", B="1", C="-5")
    assert "部分给分" in reason(
        item("<p>问</p>" + choices(), declared(right, cardinality="multiple"), MAPPED)
    )

    right = correct("A") + mapping('lowerBound="0"', A="1", B="-1")
    assert only(read(item("<p>问</p>" + choices(), declared(right), MAPPED))).key == (0,)


def test_a_text_with_several_prompted_choices_is_a_case() -> None:
    body = (
        "<p>某厂起火。</p>"
        + choices("<prompt>先做什么？</prompt>", "R1")
        + choices("<prompt>哪些对？</prompt>", "R2")
    )
    both = declared(correct("A"), name="R1") + declared(correct("A", "C"), cardinality="multiple", name="R2")
    found = only(read(item(body, both)))

    assert (found.type, found.stem) == (QuestionType.CASE, "某厂起火。")
    assert [(part.type, part.stem, part.key) for part in found.parts] == [
        (QuestionType.SINGLE, "先做什么？", (0,)), (QuestionType.MULTIPLE, "哪些对？", (0, 2)),
    ]  # fmt: skip


def test_an_item_on_a_shared_text_is_a_case() -> None:
    on_it = item("<p>问</p>" + choices(), ONE).replace(
        b"<itemBody>", b'<assessmentStimulusRef identifier="s" href="../texts/fire.xml"/><itemBody>'
    )
    text = (
        '<assessmentStimulus xmlns="http://www.imsglobal.org/xsd/imsqti_v2p2" identifier="s" title="s">'
        "<stimulusBody><p>某厂起火。</p></stimulusBody></assessmentStimulus>"
    ).encode()
    found = only(read(package(on_it, texts__fire_dot_xml=text)))

    assert (found.type, found.stem, found.parts[0].stem) == (QuestionType.CASE, "某厂起火。", "问")
    assert "共用材料不在文件里" in reason(package(on_it))


def test_what_the_manifest_says_of_an_item_is_taken() -> None:
    metadata = """<metadata><lom xmlns="http://www.imsglobal.org/xsd/imsmd_v1p2"><general>
        <keyword><langstring xml:lang="zh">消防</langstring></keyword></general><educational><difficulty>
        <source><langstring>LOMv1.0</langstring></source><value><langstring>very difficult</langstring></value>
        </difficulty></educational></lom></metadata>"""
    found = only(read(package(item("<p>问</p>" + choices(), ONE), metadata=metadata)))

    assert (found.tags, found.difficulty) == (("消防",), Difficulty.HARD)
