"""Banks typed in Word come in with Word's own numbers, pictures and tables; hostile documents do nothing."""

from __future__ import annotations

import contextlib
import io
import random
import socket
import time
import zipfile
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn

from quizapp.bank.formats.registry import format_of
from quizapp.bank.formats.word.reading import read
from quizapp.bank.questions import QuestionType
from quizapp.bank.reading import read_bank
from quizapp.files.references import refer
from quizapp.imports.tables import UnreadableFile
from tests.bank.garbled import garbled_files
from tests.bank.strategies import PICTURES

SAMPLES = Path(__file__).parent / "samples"
NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
NUMBERING = f"""<w:numbering {NAMES}>
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%2、"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
</w:numbering>"""


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def of_lines(*lines: str) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def with_parts(content: bytes, **parts: str | bytes) -> bytes:
    """Return a document with members replaced; `word__document__xml` names one."""
    changed = {name.replace("__", "/").replace("/xml", ".xml"): value for name, value in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, changed.pop(name, old.read(name)))
        for name, value in changed.items():
            new.writestr(name, value)
    return file.getvalue()


def of_body(body: str) -> bytes:
    return with_parts(
        of_lines("x"),
        word__document__xml=f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
        word__numbering__xml=NUMBERING,
    )


def paragraph(text: str, number: int = 0, depth: int = 0) -> str:
    listed = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    return f"<w:p><w:pPr>{listed}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_what_is_typed_in_word_is_read_as_text_is() -> None:
    text = (SAMPLES / "typed.txt").read_text(encoding="utf-8")
    parsed = read(of_lines(*text.split("\n")))

    assert len(parsed.questions) == 12
    assert parsed.questions[1].content.stem == "延伸率（A）是衡量金属材料什么性能的指标？"
    assert parsed.questions[-1].content.type is QuestionType.CASE
    assert [problem.row for problem in parsed.refused] == [61]


def test_the_numbers_that_word_counts_are_the_numbers_of_questions_and_options() -> None:
    parsed = read(
        of_body(
            paragraph("单选题", 2) + paragraph("甲？", 1) + paragraph("一", 1, 1) + paragraph("二", 1, 1)
            + paragraph("乙？", 1) + paragraph("三", 1, 1) + paragraph("四", 1, 1)
            + paragraph("判断题", 2) + paragraph("丙。", 3) + paragraph("丁。", 1)
            + paragraph("参考答案") + paragraph("一、单选题 1.B 2.A") + paragraph("二、判断题 1.√ 2.×")
        )
    )  # fmt: skip

    assert parsed.refused == ()
    assert [(one.content.stem, one.content.key) for one in parsed.questions] == [
        ("甲？", (1,)), ("乙？", (0,)), ("丙。", (0,)), ("丁。", (1,)),
    ]  # fmt: skip
    assert [one.content.options for one in parsed.questions][:2] == [("一", "二"), ("三", "四")]


def test_pictures_stand_where_they_stand_and_only_those_of_questions_are_kept() -> None:
    one, two, logo = PICTURES.values()
    document = docx.Document()
    document.add_paragraph("题库").add_run().add_picture(io.BytesIO(logo.content))
    document.add_paragraph("1. 图里是什么？").add_run().add_picture(io.BytesIO(one.content))
    document.add_paragraph("A. ").add_run().add_picture(io.BytesIO(two.content))
    document.add_paragraph("B. 乙")
    document.add_paragraph("答案：A")

    parsed = read(saved(document))

    assert parsed.questions[0].content.stem == f"图里是什么？{refer(one.digest)}"
    assert parsed.questions[0].content.options == (refer(two.digest), "乙")
    assert parsed.pictures == {one.digest: one, two.digest: two}


def test_a_bad_picture_refuses_its_question_alone() -> None:
    document = docx.Document()
    document.add_paragraph("1. 图里是什么？").add_run().add_picture(
        io.BytesIO(next(iter(PICTURES.values())).content)
    )
    for line in ("A. 甲", "B. 乙", "答案：A", "2. 乙？", "A. 甲", "B. 乙", "答案：B"):
        document.add_paragraph(line)
    parsed = read(with_parts(saved(document), **{"word/media/image1.png": b"no picture"}))

    assert [one.content.stem for one in parsed.questions] == ["乙？"]
    assert [(problem.row, "图片已损坏" in str(problem.reason)) for problem in parsed.refused] == [(1, True)]


def test_a_table_with_headings_is_read_as_a_sheet_of_the_type_above_it() -> None:
    document = docx.Document()
    document.add_paragraph("一、多选题（每题2分）")
    table = document.add_table(rows=3, cols=5)
    rows = [
        ("题干", "选项A", "选项B", "选项C", "答案"),
        ("甲？", "一", "二", "三", "AC"),
        ("乙？", "一", "二", "", "D"),
    ]
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("二、判断题")
    document.add_paragraph("1. 丙。（√）")

    parsed = read(saved(document))

    assert [(one.sheet, one.row, one.content.stem) for one in parsed.questions] == [
        ("", 18, "丙。（　）"), ("多选题（表格 1）", 2, "甲？"),
    ]  # fmt: skip
    assert [(problem.sheet, problem.row) for problem in parsed.refused] == [("多选题（表格 1）", 3)]


def test_options_laid_out_in_a_table_without_headings_are_options() -> None:
    document = docx.Document()
    document.add_paragraph("1. 甲？")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("A. 一", "B. 二", "C. 三", "D. 四"), strict=True
    ):
        cell.text = text
    document.add_paragraph("答案：D")

    (question,) = read(saved(document)).questions

    assert (question.content.options, question.content.key) == (("一", "二", "三", "四"), (3,))


def test_an_underlined_space_is_a_blank_and_deleted_text_is_gone() -> None:
    line = '<w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t xml:space="preserve">    </w:t></w:r>'
    body = (
        f"<w:p><w:r><w:t>1. 应当以</w:t></w:r>{line}{line}<w:r><w:t>为本，</w:t></w:r>"
        "<w:del><w:r><w:delText>不要</w:delText></w:r></w:del><w:ins><w:r><w:t>先</w:t></w:r></w:ins>"
        f"<w:r><w:t>讲</w:t></w:r>{line}</w:p>" + paragraph("答案：人；安全")
    )

    (question,) = read(of_body(body)).questions

    assert question.content.stem == "应当以____为本，先讲____"


@pytest.mark.parametrize(
    ("inside", "named"),
    [
        ("<m:oMath><m:r><m:t>x</m:t></m:r></m:oMath>", "公式"),
        ('<w:r><w:sym w:font="Symbol" w:char="F061"/></w:r>', "符号字体"),
        ("<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>", "文本框"),
        (f"<w:r><w:t>![](image:{'0' * 64})</w:t></w:r>", "文件之外的图片"),
    ],
)  # fmt: skip
def test_what_would_be_lost_refuses_its_question(inside: str, named: str) -> None:
    body = f"<w:p><w:r><w:t>1. 求</w:t></w:r>{inside}</w:p>" + "".join(
        map(paragraph, ("A. 一", "B. 二", "答案：A"))
    )

    parsed = read(of_body(body))

    assert parsed.questions == ()
    assert named in str(parsed.refused[0].reason)


def test_a_tick_of_the_font_wingdings_is_a_tick() -> None:
    body = '<w:p><w:r><w:t>1. 应当培训（</w:t></w:r><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r><w:r><w:t>）</w:t></w:r></w:p>'

    assert read(of_body(body)).questions[0].content.key == (0,)


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"<a>" + b" " * 60_000_000)
    return file.getvalue()


def _many_members() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(3000):
            archive.writestr(f"word/{number}.xml", b"<a/>")
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"1. a", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1") * 100, _bomb(), _many_members(), of_lines("随便"),
     of_body("<w:tbl>" * 200 + "</w:tbl>" * 200), with_parts(of_lines("x"), word__document__xml=b"<a>" * 100_000),
     with_parts(of_lines("x"), word__document__xml="<a/>".encode("utf-16"))],
)  # fmt: skip
def test_what_is_no_bank_is_refused_in_a_sentence(content: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        assert read(content).questions == ()
    assert time.process_time() - started < 5


def test_a_document_of_more_text_than_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = of_lines("1. 甲？", "A. 一", "B. 二", "答案：A")
    monkeypatch.setattr("quizapp.imports.limits.MOST_DOCUMENT_BYTES", 1000)

    with pytest.raises(UnreadableFile, match="展开后过大"):
        read(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
@pytest.mark.parametrize(
    "member", ["word/document.xml", "word/styles.xml", "[Content_Types].xml", "word/_rels/document.xml.rels"]
)
@pytest.mark.parametrize(
    "declared",
    ['<!ENTITY x SYSTEM "file://{canary}">', '<!ENTITY x SYSTEM "http://127.0.0.1:{port}/">',
     '<!ENTITY % x SYSTEM "http://127.0.0.1:{port}/"> %x;', '<!ENTITY a "aaaaaaaaaa"><!ENTITY x "&a;&a;&a;&a;">'],
)  # fmt: skip
def test_no_entity_is_opened(tmp_path: Path, declared: str, member: str, encoding: str) -> None:
    canary = tmp_path / "canary"
    canary.write_text("kanarienvogel")
    good = of_lines("1. 甲？", "A. 一", "B. 二", "答案：A")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        inner = declared.format(canary=canary, port=listener.getsockname()[1])
        with zipfile.ZipFile(io.BytesIO(good)) as archive:
            part = archive.read(member).decode().split("?>", 1)[-1].replace("甲", "&x;")
        hostile = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [{inner}]>{part}'.encode(encoding)
        with pytest.raises(UnreadableFile):
            read(with_parts(good, **{member: hostile}))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_external_picture_is_not_fetched_but_refuses_its_question() -> None:
    document = docx.Document()
    run = document.add_paragraph("1. 图？").add_run()
    run.add_picture(io.BytesIO(next(iter(PICTURES.values())).content))
    for line in ("A. 甲", "B. 乙", "答案：A"):
        document.add_paragraph(line)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
        outside = document.part.relate_to(address, "http://x/image", is_external=True)
        blip = next(run.element.iter(qn("a:blip")))
        blip.set(qn("r:embed"), outside)
        assert "文件之外的图片" in str(read(saved(document)).refused[0].reason)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_broken_files_are_refused_or_read() -> None:
    source = random.Random(5)
    good = of_body(
        paragraph("甲？", 1) + paragraph("一", 1, 1) + paragraph("二", 1, 1) + paragraph("答案：A")
    )
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        bodies = [archive.read("word/document.xml"), archive.read("word/numbering.xml")]
    signs = (
        "<w:p>",
        "</w:p>",
        "<w:r>",
        "<w:t>",
        "</w:t>",
        "1.",
        "A.",
        "\0",
        "&",
        "<",
        "]]>",
        "<w:tbl>",
        "<w:tr/>",
        "<w:sym/>",
    )
    for number, content in enumerate(garbled_files([good], signs, 900, seed=14)):
        with contextlib.suppress(UnreadableFile):
            assert read(content).questions is not None
        name = ("word/document.xml", "word/numbering.xml", "word/styles.xml", "[Content_Types].xml")[
            number % 4
        ]
        broken = bytearray(bodies[number % 2])
        for _ in range(source.randint(1, 4)):
            start = source.randrange(len(broken))
            broken[start : start + source.randint(0, 12)] = source.choice(signs).encode()
        with contextlib.suppress(UnreadableFile):
            assert read(with_parts(good, **{name: bytes(broken)})).questions is not None


def test_numbering_of_strangers_costs_little() -> None:
    level = '<w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/><w:lvlText w:val="' + "%1" * 100_000 + '"/></w:lvl>'
    lists = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    content = with_parts(
        of_body(paragraph("甲", 1) * 5000), word__numbering__xml=f"<w:numbering {NAMES}>{lists}</w:numbering>"
    )

    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        assert read(content).questions is not None
    assert time.process_time() - started < 8


def test_the_child_process_gives_back_what_the_format_reads() -> None:
    content = of_lines("1. 甲？", "A. 一", "B. 二", "答案：A")

    assert read_bank(content, "题库.docx").questions == read(content).questions
    assert format_of(content, "题库.docx").name == "word"
