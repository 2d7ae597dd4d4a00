"""Moodle's GIFT: what it says comes in as it is meant, what only it can say is refused by name, all goes out and in."""

from __future__ import annotations

import contextlib
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.bank.formats.gift.reading import read
from quizapp.bank.formats.gift.writing import write
from quizapp.bank.formats.registry import format_of
from quizapp.bank.questions import TRUE_FALSE_OPTIONS, Blank, QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.files.references import refer
from quizapp.imports.tables import UnreadableFile
from tests.bank.garbled import garbled_files
from tests.bank.strategies import PICTURES, questions

SAMPLE = (Path(__file__).parent / "samples" / "moodle.gift").read_bytes()
SIGNS = ("{", "}", "=", "~", "#", "####", "::", "\\", "%50%", "%-100%", "->", "..", ":", "\n", "\n\n", "//", "$CATEGORY:",
         "T", "FALSE", "甲", "乙", "1", "[html]", '<img src="data:image/png;base64,AA">', "<", "// quizapp {", '"part"')  # fmt: skip


def only(text: str) -> QuestionContent:
    parsed = read(text.encode())
    assert parsed.refused == ()
    (question,) = parsed.questions
    return question.content


def reason(text: str) -> str:
    (problem,) = read(text.encode()).refused
    return str(problem.reason)


@given(st.lists(questions(), min_size=1, max_size=5))
def test_out_and_in_again_gives_the_same_questions(many: list[QuestionContent]) -> None:
    parsed = read(write(many, PICTURES))

    assert parsed.refused == ()
    assert [one.content for one in parsed.questions] == many
    assert [one.content.code for one in parsed.questions] == [one.code for one in many]


def test_a_file_as_moodle_and_teachers_write_it_comes_in() -> None:
    parsed = read(SAMPLE)

    assert parsed.refused == ()
    found = [one.content for one in parsed.questions]
    fire = ("消防安全", "初起火灾/扑救")
    assert found == [
        QuestionContent(
            type=QuestionType.SINGLE,
            stem="使用干粉灭火器，第一步是什么？",
            options=("拔掉保险销", "压下压把", "对准火焰根部"),
            key=(0,),
            explanation="先拔销，再压把。",
            tags=(*fire, "灭火器", "方括号 ] 也行"),
        ),
        QuestionContent(
            type=QuestionType.MULTIPLE,
            stem="拨打 119 时应当说清:",
            options=("起火地点", "燃烧物质", "个人年龄"),
            key=(0, 1),
            explanation="讲清地点、\n物质和火势。",
            tags=fire,
        ),
        QuestionContent(
            type=QuestionType.TRUE_FALSE,
            stem="电气火灾可以用水扑救 1 < 2。",
            options=TRUE_FALSE_OPTIONS,
            key=(1,),
            explanation="正确：电会顺着水流伤人。\n对，不能用水。",
            tags=fire,
        ),
        QuestionContent(
            type=QuestionType.FILL_IN,
            stem="生产经营单位的 ____ 对本单位安全生产工作全面负责。",
            blanks=(Blank(("主要负责人", "实际控制人")),),
            tags=fire,
        ),
        QuestionContent(
            type=QuestionType.FILL_IN,
            stem="汽油的闪点约为多少摄氏度？ ____",
            blanks=(Blank(("-43",), Decimal(3)),),
            tags=fire,
        ),
        QuestionContent(
            type=QuestionType.FILL_IN,
            stem="氧含量的合格范围（%）是多少？ ____",
            blanks=(Blank(("21.5",), Decimal("2.0")),),
            tags=("有限空间",),
        ),
        QuestionContent(
            type=QuestionType.SINGLE,
            stem="灭火的四种方法里，移走可燃物叫做 ____。",
            options=("冷却法", "隔离法", "窒息法"),
            key=(1,),
            tags=("有限空间",),
        ),
        QuestionContent(
            type=QuestionType.FILL_IN,
            stem="只有一个答案时可以不写等号：安全生产月是几月？ ____",
            blanks=(Blank(("六月",)),),
            tags=("有限空间",),
        ),
    ]
    assert [one.content.code for one in parsed.questions] == ["XF-001", *[""] * 7]
    assert parsed.questions[1].row == 13


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("论述安全生产的意义。{}", "essay"),
        ("论述。{####要点}", "essay"),
        ("连线。{=甲 -> 1 =乙 -> 2}", "matching"),
        ("下面几题看图作答。", "description"),
        ("题？{=甲 =乙 ~丙}", "都算对"),
        ("题？{=甲 ~%50%乙 ~丙}", "部分得分"),
        ("题？{=甲 ~%-25%乙 ~丙}", "倒扣分"),
        ("题？{~%70%甲 ~%30%乙 ~丙}", "各不相同"),
        ("题？{~%50%甲 ~%25%乙 ~丙}", "各不相同"),
        ("题？{~%30%甲 ~%30%乙 ~丙}", "各不相同"),
        ("题？{~%50%甲 ~%50%乙 ~%-50%丙 ~丁}", "各不相同"),
        ("题？{~%100%甲 ~乙}", "至少要有两个答案"),
        ("题？{~甲 ~乙}", "至少要有两个答案"),
        ("题？{=甲 =%50%乙}", "部分得分"),
        ("题？{=安全*}", "通配符"),
        ("题？{#1822:0 =%50%1822:2}", "部分得分"),
        ("题？{#=1:0 =2:5}", "误差范围不同"),
        ("题？{#大约三}", "数值答案看不懂"),
        ("题？{#5..1}", "数值答案看不懂"),
        ("题？{#1:-1}", "数值答案看不懂"),
        ("题？{#1e999999999:0}", "数值答案看不懂"),
        ("水由 {=氢} 和 {=氧} 组成。", "几处花括号"),
        ("题？{=甲 ~乙", "不成对"),
        ("题？=甲}", "不成对"),
        ("题？{甲 ~乙}", "选项前要有"),
        ("{=甲 ~乙}", "题干是空的"),
        ('[html]看图<img src="http://example.org/a.png">{T}', "文件之外的图片"),
        ('[html]看图<img src="@@PLUGINFILE@@/a.png">{T}', "文件之外的图片"),
        ('[html]看图<img src="data:image/png;base64,AAAA">{T}', "图片已损坏"),
        ('[html]听<audio src="x"></audio>{T}', "音频"),
        ("[markdown]看 ![图](a.png) {T}", "文件之外的图片"),
        (f"看 ![图](image\\:{'0' * 64}) {{T}}", "文件之外的图片"),
        ('// quizapp {"roles": ["king"]}\n题？{T}', "注释被改动"),
        ("// quizapp {\n题？{T}", "注释被改动"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_name(text: str, named: str) -> None:
    assert named in reason(text)


@pytest.mark.parametrize(
    ("text", "stem", "options"),
    [
        (r"一\=二\~三\#四\{五\}六\:七\\八\n九{=甲 ~乙}", "一=二~三#四{五}六:七\\八\n九", ("甲", "乙")),
        ("C:\\dir{=a\\=b ~c\\~d}", "C:\\dir", ("a=b", "c~d")),
        ("[html]a &lt;b&gt;<br>c\nd{=x<sub>2</sub> ~[plain]<i>y</i>}", "a <b>\nc d", ("x2", "<i>y</i>")),
        ("[moodle]a <甲> b\n c{=甲 ~乙}", "a <甲> b\n c", ("甲", "乙")),
        ("题{\n// 中间的注释\n=甲\n~%0%乙\n}", "题", ("甲", "乙")),
        ("题{=%100%甲 ~乙}", "题", ("甲", "乙")),
    ],
)
def test_escapes_formats_and_comments_are_understood(text: str, stem: str, options: tuple[str, ...]) -> None:
    found = only(text)

    assert (found.stem, found.options, found.key) == (stem, options, (0,))


def test_what_is_said_of_single_answers_is_kept_in_the_explanation_and_remarked() -> None:
    parsed = read("题？{=甲#对 ~乙#不对 ~丙####总之}".encode())

    assert parsed.questions[0].content.explanation == "总之\n对\n乙：不对"
    assert "并入解析" in str(parsed.repaired[0].reason)


def test_another_system_reads_every_blank_and_part_as_a_question_of_its_own() -> None:
    part = QuestionContent(type=QuestionType.SINGLE, stem="原因？", options=("甲", "乙"), key=(1,))
    two = QuestionContent(
        type=QuestionType.FILL_IN, stem="一____二____", blanks=(Blank(("x",)), Blank(("y",)))
    )
    case = QuestionContent(type=QuestionType.CASE, stem="某厂起火。", parts=(part, two), code="AL-1")
    others = b"\n".join(line for line in write([case], {}).split(b"\n") if not line.startswith(b"// quizapp"))

    parsed = read(others)

    assert [one.content.stem for one in parsed.questions] == ["某厂起火。\n\n原因？"]
    assert all("个数不一致" in str(problem.reason) for problem in parsed.refused)
    assert others.count(b"{") == 3
    assert "（请填写第 2 空） {\n\t=y\n}".encode() in others


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_case_with_a_missing_or_changed_piece_is_refused_whole(missing: int) -> None:
    parts = tuple(
        QuestionContent(type=QuestionType.SINGLE, stem=f"问{n}？", options=("甲", "乙"), key=(1,))
        for n in range(3)
    )
    case = QuestionContent(type=QuestionType.CASE, stem="某厂起火。", parts=parts)
    entries = write([case], {}).split(b"\n\n")
    kept = entries[:missing] + entries[missing + 1 :]

    assert read(b"\n\n".join(kept)).questions == ()
    assert read(b"\n\n".join(kept)).refused
    changed = b"\n\n".join(entries).replace("]某厂起火。\\n\\n问2".encode(), "]别的厂\\n\\n问2".encode())
    assert "被改动过" in str(read(changed).refused[0].reason)


@pytest.mark.parametrize("word", ["a]b\\", "换\n行", "x [id:1] [tag:2]", "1\\]", "//", "$CATEGORY: a"])
def test_tags_and_numbers_that_moodle_would_change_are_carried_exactly(word: str) -> None:
    one = QuestionContent(
        type=QuestionType.TRUE_FALSE,
        stem="题",
        options=TRUE_FALSE_OPTIONS,
        key=(0,),
        tags=(word, "b"),
        code=word,
    )

    (found,) = read(write([one], {})).questions

    assert (found.content, found.content.code) == (one, word)


def test_pictures_come_back_in_a_form_that_browsers_show() -> None:
    digest = next(iter(PICTURES))
    one = QuestionContent(
        type=QuestionType.TRUE_FALSE,
        stem=f"看图 {refer(digest, '锅炉')} a<b",
        options=TRUE_FALSE_OPTIONS,
        key=(0,),
    )
    content = write([one], PICTURES)

    assert b'<img src\\="data\\:image/png;base64,' in content
    assert read(content).pictures == {digest: PICTURES[digest]}


def test_broken_files_are_refused_or_read() -> None:
    good = [SAMPLE, write([one.content for one in read(SAMPLE).questions], {})]
    for content in garbled_files(good, SIGNS, 1800, seed=11):
        with contextlib.suppress(UnreadableFile):
            assert read(content, "a.gift").questions is not None


@pytest.mark.parametrize(
    "content",
    [
        b"", b"  \n\n", b"\0", b"a\0b{T}", b"\xff\xfe\x00", b"PK\x03\x04", b"\x81", b"// only a comment\n",
        b"$CATEGORY: a/b\n",
    ],
)  # fmt: skip
def test_a_file_without_questions_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(content)


@pytest.mark.parametrize(
    "text",
    [
        "题{" + "=甲 ~" * 1_000_000 + "}", "{" * 2_000_000, "\\" * 2_000_000, "题{" + "{" * 500_000 + "}" * 500_000,
        "<" * 1_000_000 + "{T}", "[html]" + "<script>" * 200_000 + "{T}", "[html]<img " + "src " * 500_000 + ">{T}",
        "[html]<!--" * 100_000 + "{T}", "题{#" + "9" * 1_000_000 + "..1}", "题{T####" + " \n" * 500_000 + "x}",
        "[html]a" + " " * 1_000_000 + "b{T}", "// quizapp " + "[" * 100_000 + "\n题{T}", "题" + "（" * 500_000 + "{=甲}",
        "![" * 500_000 + "{T}", "// [id:" + "\\" * 300_000 + "\n题{T}", "// " + "[tag:" * 200_000 + "\n题{T}",
        "&" * 1_000_000 + "{T}", "%" * 500_000 + "{~%" + "1" * 500_000 + "}",
    ],
)  # fmt: skip
def test_hostile_texts_cost_little(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        assert read(text.encode()).questions is not None
    assert time.process_time() - started < 5


def test_more_questions_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quizapp.bank.formats.gift.reading.MOST_QUESTIONS", 3)

    with pytest.raises(UnreadableFile, match="超过"):
        read("题{T}\n\n".encode() * 4)


def test_the_child_process_gives_back_what_the_format_reads() -> None:
    assert read_bank(SAMPLE, "题库.gift").questions == read(SAMPLE).questions
    assert format_of(SAMPLE, "题库.txt").name == "gift"
    assert format_of(b"no braces", "bank.gift").name == "gift"
