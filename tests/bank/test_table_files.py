"""Files that hold tables: workbooks of every kind, locked ones, false ones, bombs, and pictures on cells."""

from __future__ import annotations

import contextlib
import csv
import faulthandler
import io
import os
import random
import re
import resource
import signal
import socket
import struct
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from PIL import Image

from quizapp.bank.formats import workbook
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.files.pictures import make_anew
from quizapp.files.references import refer
from quizapp.imports import sandbox, spreadsheet
from quizapp.imports.tables import UnreadableFile
from tests.bank import workbooks
from tests.bank.strategies import PICTURES

HEADINGS = ("题型", "题干", "选项A", "选项B", "答案")
ROW = ("单选题", "下图是什么标志？", "甲", "乙", "A")
PLAIN = ("单选题", "怎么办？", "甲", "乙", "A")


def read(content: bytes, name: str = "bank.xlsx") -> ParsedBank:
    return parse_tables(spreadsheet.read_tables(content, name, with_pictures=True))


def png(colour: tuple[int, int, int] = (9, 99, 199)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(file, "PNG")
    return file.getvalue()


def reasons(bank: ParsedBank) -> list[str]:
    return [str(problem.reason) for problem in bank.refused]


@pytest.mark.parametrize(
    ("make", "kind"), [(workbooks.ods, "ods"), (workbooks.xls, "xls"), (workbooks.xlsx, "xlsx")]
)
def test_workbooks_of_every_kind_are_read_in_the_child_process(make: Callable[..., bytes], kind: str) -> None:
    bank = read_bank(make(("2026年题库",), HEADINGS, PLAIN), f"题库.{kind}")

    (question,) = bank.questions
    assert (question.sheet, question.row, question.content.stem) == ("题目", 3, "怎么办？")


def _locked_xls() -> bytes:
    return workbooks.xls(HEADINGS, PLAIN, extra=struct.pack("<HHHHH", 0x2F, 54, 1, 1, 1) + bytes(48))


def _with_macros() -> bytes:
    return workbooks.with_parts(workbooks.xlsx(HEADINGS, PLAIN), {"xl/vbaProject.bin": b"x"})


def _bomb(member: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, b" " * 300_000_000)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "reason"),
    [
        (_locked_xls, "a.xls", "加密"),
        (lambda: workbooks.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.xlsx", "加密"),
        (lambda: workbooks.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "a.xls", "加密"),
        (
            lambda: workbooks.ods(
                HEADINGS, PLAIN, manifest='<manifest:encryption-data manifest:checksum="x"/>'
            ),
            "a.ods",
            "加密",
        ),
        (lambda: workbooks.ole({"_VBA_PROJECT": b"x", "Workbook": b"x"}), "a.xls", "宏"),
        (_with_macros, "a.xlsx", "宏"),
        (lambda: workbooks.xlsx(HEADINGS, PLAIN), "a.xls", "新版工作簿"),
        (lambda: b"<html><table><tr><td>1</td></tr></table></html>", "a.xls", "只是改了扩展名"),
        (lambda: workbooks.xlsx(HEADINGS, PLAIN), "a.ods", "没有工作簿"),
        (lambda: b"plain", "a.ods", "不是 .ods"),
        (lambda: workbooks.ole({"Workbook": b"x"}), "a.xls", "已损坏"),
        (lambda: workbooks.ole({"Other": b"x"}), "a.xls", "已损坏"),
        (lambda: _bomb("content.xml"), "a.ods", "展开后过大"),
        (
            lambda: workbooks.ods(HEADINGS, PLAIN, attributes=' table:number-columns-repeated="16384"'),
            "a.ods",
            "列",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_clear_sentence(
    make: Callable[[], bytes], name: str, reason: str
) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read(make(), name)

    assert reason in str(refusal.value.message)


def test_a_workbook_that_grows_without_end_costs_the_limits_and_no_more() -> None:
    cells = workbooks.ods(HEADINGS, ("单选题", "长" * 30_000, "甲", "乙", "A"))
    with zipfile.ZipFile(io.BytesIO(cells)) as archive:
        content = archive.read("content.xml").decode()
    repeated = content.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="1000000">')
    begun = time.monotonic()

    with pytest.raises(UnreadableFile):
        read_bank(workbooks.with_parts(cells, {"content.xml": repeated.encode()}), "a.ods")

    assert time.monotonic() - begun < 60


def test_a_merged_cell_stands_for_all_its_rows() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("题目")
        sheet.merge_range(0, 0, 0, 5, "2026年题库")
        sheet.write_row(1, 0, ("章节", *HEADINGS))
        sheet.merge_range(2, 0, 3, 0, "消防")
        sheet.write_row(2, 1, PLAIN)
        sheet.write_row(3, 1, (PLAIN[0], "还能怎么办？", *PLAIN[2:]))

    bank = read(file.getvalue())

    assert [one.content.tags for one in bank.questions] == [("消防",), ("消防",)]


def test_headings_may_stand_in_two_rows() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("题目")
        for column, heading in ((0, "题型"), (1, "题干"), (4, "答案")):
            sheet.merge_range(0, column, 1, column, heading)
        sheet.merge_range(0, 2, 0, 3, "选项")
        sheet.write_row(1, 2, ("A", "B"))
        sheet.write_row(2, 0, PLAIN)

    bank = read(file.getvalue())

    assert [one.content.options for one in bank.questions] == [("甲", "乙")]


def with_pictures(place: Callable[[object, io.BytesIO], None]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("题目")
        sheet.write_row(0, 0, (*HEADINGS, "图片"))
        sheet.write_row(1, 0, ROW)
        place(sheet, io.BytesIO(png()))
    return file.getvalue()


@pytest.mark.parametrize("column", [1, 5])
@pytest.mark.parametrize("how", ["insert_image", "embed_image"])
def test_a_picture_on_the_stem_or_in_its_own_column_comes_after_the_stem(how: str, column: int) -> None:
    if how == "embed_image" and column == 1:
        pytest.skip("a picture that fills the cell leaves no room for the stem")
    content = with_pictures(
        lambda sheet, image: getattr(sheet, how)(
            1, column, "a.png", {"image_data": image, "description": "禁止烟火"}
        )
    )

    bank = read_bank(content, "bank.xlsx")

    picture = make_anew(png())
    assert bank.pictures == {picture.digest: picture}
    assert bank.questions[0].content.stem == f"下图是什么标志？\n{refer(picture.digest, '禁止烟火')}"


def test_options_may_be_pictures() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("题目")
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_row(1, 0, ("单选题", "禁止烟火的标志是？", "", "", "B"))
        sheet.insert_image(1, 2, "a.png", {"image_data": io.BytesIO(png())})
        sheet.embed_image(1, 3, "b.png", {"image_data": io.BytesIO(png((200, 0, 0)))})

    (question,) = read(file.getvalue()).questions

    assert question.content.options == (
        refer(make_anew(png()).digest), refer(make_anew(png((200, 0, 0))).digest)
    )  # fmt: skip


def wps_workbook(target: str = "media/image1.png", mode: str = "") -> bytes:
    """As WPS keeps a picture in a cell: a formula, and a part that says which picture it means."""
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    cell_images = (
        '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" '
        'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{relations}"><etc:cellImage>'
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="ID_0A1B" descr="C:/图片1"/></xdr:nvPicPr>'
        '<xdr:blipFill><a:blip r:embed="rId1"/></xdr:blipFill></xdr:pic></etc:cellImage></etc:cellImages>'
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{relations}/image" Target="{target}"{mode}/></Relationships>'
    )
    plain = workbooks.xlsx((*HEADINGS, "图片"), ROW)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    formula = 'DISPIMG("ID_0A1B",1)'
    cell = f'<c r="F2" t="str"><f>_xlfn.{formula}</f><v>={formula}</v></c>'.replace(
        '"ID_0A1B"', "&quot;ID_0A1B&quot;"
    )
    return workbooks.with_parts(
        plain,
        {
            "xl/worksheets/sheet1.xml": re.sub(
                r"(<row r=\"2\".*?)</row>", rf"\1{cell}</row>", sheet
            ).encode(),
            "xl/cellimages.xml": cell_images.encode(),
            "xl/_rels/cellimages.xml.rels": links.encode(),
            "xl/media/image1.png": png(),
        },
    )


def test_a_picture_that_wps_keeps_in_a_cell_is_found() -> None:
    bank = read(wps_workbook())

    digest = make_anew(png()).digest
    assert bank.questions[0].content.stem == f"下图是什么标志？\n{refer(digest)}"
    assert set(bank.pictures) == {digest}


def test_words_about_a_picture_without_one_are_refused_and_other_words_are_not() -> None:
    rows = [
        (*ROW[:1], stem, *ROW[2:])
        for stem in ("如图所示，应当？", "图中的标志是？", "路上图方便的人？", "如图书馆着火？", "企图中断？")
    ]
    bank = read(workbooks.xlsx(HEADINGS, *rows))

    assert [problem.row for problem in bank.refused] == [2, 3]
    assert all("没有图片" in reason for reason in reasons(bank))


def test_a_broken_picture_refuses_its_question_and_not_the_file() -> None:
    content = with_pictures(lambda sheet, image: sheet.insert_image(1, 1, "a.png", {"image_data": image}))  # type: ignore[attr-defined]  # xlsxwriter has no types
    bank = read(workbooks.with_parts(content, {"xl/media/image1.png": b"\x89PNG broken"}))

    assert bank.questions == ()
    assert [(problem.row, problem.column) for problem in bank.refused] == [(2, "B")]
    assert "图片已损坏" in reasons(bank)[0]


def test_a_picture_beside_the_questions_is_named() -> None:
    content = with_pictures(lambda sheet, image: sheet.insert_image(7, 2, "a.png", {"image_data": image}))  # type: ignore[attr-defined]  # xlsxwriter has no types
    bank = read(content)

    assert [(one.row, one.column) for one in bank.repaired] == [(8, "C")]


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """Somebody on the network whom no file may make us call."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)

        def wait() -> None:
            with contextlib.suppress(OSError):
                while True:
                    with contextlib.suppress(TimeoutError):
                        calls.append(server.accept())

        threading.Thread(target=wait, daemon=True).start()
        yield server.getsockname()[1], calls


def test_nothing_outside_the_file_is_read_or_called(
    listener: tuple[int, list[object]], tmp_path: Path
) -> None:
    port, calls = listener
    canary = tmp_path / "canary.png"
    canary.write_bytes(png())
    entity = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:{port}/e"><!ENTITY f SYSTEM "file://{canary}">]>'
    )
    outside = [
        wps_workbook(f"http://127.0.0.1:{port}/a.png", ' TargetMode="External"'),
        wps_workbook(f"file://{canary}", ' TargetMode="External"'),
        wps_workbook(f"../../../../../../../../{canary}"),
        wps_workbook(f"http://127.0.0.1:{port}/a.png"),
    ]
    for content in outside:
        assert "没有图片" in reasons(read_bank(content, "a.xlsx"))[0]
    for part in ("xl/cellimages.xml", "xl/_rels/cellimages.xml.rels", "xl/workbook.xml"):
        with zipfile.ZipFile(io.BytesIO(wps_workbook())) as archive:
            old = archive.read(part).decode()
        head, body = ("", old) if not old.startswith("<?xml") else old.split("?>", 1)
        evil = f"{head}{'?>' if head else ''}{entity}{body.replace('</', '&e;&f;</', 1)}"
        with pytest.raises(UnreadableFile):
            read_bank(workbooks.with_parts(wps_workbook(), {part: evil.encode()}), "a.xlsx")
    time.sleep(0.3)
    assert calls == []


def test_nothing_that_is_written_can_act_and_csv_comes_back_whole() -> None:
    stems = ["=1+1", "+2", "-3", "@SUM(A1)", "＝2", "'=3", "'普通"]
    many = [
        QuestionContent(
            type=QuestionType.SINGLE, stem=f"{stem}是多少？", options=(f"{stem}甲", f"{stem}乙"), key=(0,)
        )
        for stem in stems
    ]

    book = openpyxl.load_workbook(io.BytesIO(workbook.write(many, {})))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} <= {"s", "n"}
    assert not any(cell.hyperlink for row in book.active.iter_rows() for cell in row)
    text = workbook.write_csv(many, {}).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    for name, content in (("a.csv", text.encode()), ("a.xlsx", workbook.write(many, {}))):
        assert [one.content for one in read(content, name).questions] == many


def test_a_picture_is_seen_on_its_cell_in_what_is_written() -> None:
    digest, picture = next(iter(PICTURES.items()))
    stem = f"先看 {refer(digest, '平面图')} 再答，[图1] 不是图"
    content = workbook.write(
        [QuestionContent(type=QuestionType.SINGLE, stem=stem, options=("甲", "乙"), key=(0,))], PICTURES
    )

    (image,) = openpyxl.load_workbook(io.BytesIO(content)).active._images
    assert (image.anchor._from.row, image.anchor._from.col, image._data()) == (1, 2, picture.content)
    assert read(content).questions[0].content.stem == stem


def _broken(good: bytes, source: random.Random) -> bytes:
    """The bytes of a file changed, or of one of its parts: those reach further."""
    if source.random() < 0.3 or not good.startswith(b"PK"):
        return _changed(good, source)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        member = source.choice([name for name in archive.namelist() if name.endswith((".xml", ".rels"))])
        return workbooks.with_parts(good, {member: _changed(archive.read(member), source)})


def _changed(content: bytes, source: random.Random) -> bytes:
    broken = bytearray(content)
    for _ in range(source.randint(1, 6)):
        place = source.randrange(len(broken) or 1)
        what = source.randrange(5)
        if what == 0:
            broken[place : place + 1] = bytes([source.randrange(256)])
        elif what == 1:
            del broken[place : place + source.randint(1, 40)]
        elif what == 2:
            broken[place:place] = source.choice(
                (
                    b"\0",
                    b"<x>" * 50,
                    b"&lt;",
                    b"</row>",
                    b"9" * 30,
                    b"\xff\xfe",
                    b'"',
                    b"-1",
                )
            )
        elif what == 3:
            broken[place:place] = broken[max(place - 60, 0) : place] * source.randint(1, 20)
        else:
            del broken[place:]
            break
    return bytes(broken)


READ, REFUSED, FAILED = 0, 1, 2


def _outcome(content: bytes, name: str) -> int:
    """Read a file; an old one in a process of its own with the limits of ours. A signal's number is negative."""
    if not name.endswith(".xls"):
        try:
            read(content, name)
        except UnreadableFile:
            return REFUSED
        return READ
    process = os.fork()
    if process == 0:
        outcome = FAILED
        try:
            resource.setrlimit(resource.RLIMIT_AS, (sandbox.MEMORY_BYTES, sandbox.MEMORY_BYTES))
            resource.setrlimit(resource.RLIMIT_CPU, (sandbox.PROCESSOR_SECONDS, sandbox.PROCESSOR_SECONDS))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            faulthandler.disable()
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            read(content, name)
            outcome = READ
        except UnreadableFile:
            outcome = REFUSED
        finally:
            os._exit(outcome)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


@pytest.mark.parametrize("kind", ["xlsx", "wps", "csv", "ods", "xls"])
def test_four_hundred_broken_files_are_refused_or_read(kind: str) -> None:
    source = random.Random(kind)
    made: dict[str, Callable[[], bytes]] = {
        "xlsx": lambda: workbook.write(
            [
                QuestionContent(
                    type=QuestionType.SINGLE, stem=f"看 {refer(digest)}", options=("甲", "乙"), key=(0,)
                )
                for digest in PICTURES
            ],
            PICTURES,
        ),
        "wps": wps_workbook,
        "csv": lambda: "\n".join(map(",".join, (HEADINGS, PLAIN, ROW))).encode(),
        "ods": lambda: workbooks.ods(HEADINGS, PLAIN),
        "xls": lambda: workbooks.xls(HEADINGS, PLAIN),
    }
    good, name = made[kind](), f"a.{'xlsx' if kind == 'wps' else kind}"
    assert read(good, name).questions or kind == "wps"
    outcomes = {_outcome(_broken(good, source), name) for _ in range(400)}
    # An old workbook's parser gives up without a word where memory ends; the child process is for that.
    assert outcomes <= {READ, REFUSED, -signal.SIGABRT}
    assert outcomes >= {READ, REFUSED}
