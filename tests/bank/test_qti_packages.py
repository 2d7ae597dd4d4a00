"""Packages of IMS QTI: laid out as the standard says, and nothing bad gets in by one."""

from __future__ import annotations

import io
import random
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from quizapp.bank.formats import archive
from quizapp.bank.formats.qti.packaging import write_21, write_22
from quizapp.bank.formats.qti.reading import read
from quizapp.bank.formats.registry import format_of
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.files.references import refer
from quizapp.imports.tables import UnreadableFile
from tests.bank.broken import broken, listener, outcome
from tests.bank.qti_items import (
    CASE,
    CHOICE,
    ENTRIES,
    MANIFEST,
    ONE,
    PICTURE,
    QUESTION,
    choices,
    item,
    package,
    reason,
    zipped,
)
from tests.bank.strategies import PICTURES


@pytest.mark.parametrize(("write", "version"), [(write_21, "2.1"), (write_22, "2.2")])
def test_a_package_is_laid_out_as_the_standard_says(write: Callable[..., bytes], version: str) -> None:
    short = version.replace(".", "p")
    shown = QuestionContent(
        type=QuestionType.MULTIPLE,
        stem=refer(PICTURE.digest),
        options=("甲", "乙"),
        key=(0, 1),
        explanation="解",
    )
    with zipfile.ZipFile(io.BytesIO(write([shown, CASE], PICTURES))) as made:
        manifest = fromstring(made.read("imsmanifest.xml"))
        first = fromstring(made.read("items/item-000001.xml"))
        names = set(made.namelist())
    spaces = {
        "cp": "http://www.imsglobal.org/xsd/imscp_v1p1",
        "q": f"http://www.imsglobal.org/xsd/imsqti_v{short}",
    }

    assert [child.tag.rpartition("}")[2] for child in manifest] == ["metadata", "organizations", "resources"]
    assert manifest.findtext("cp:metadata/cp:schema", None, spaces) == f"QTIv{version} Package"
    resources = manifest.findall("cp:resources/cp:resource", spaces)
    assert {one.get("type") for one in resources} == {f"imsqti_item_xmlv{short}"}
    files = [file.get("href") for file in manifest.findall(".//cp:file", spaces)]
    assert {*files, "imsmanifest.xml"} == names
    assert [child.tag for child in first] == [
        f"{{{spaces['q']}}}{name}"
        for name in (
            "responseDeclaration", "outcomeDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing",
            "modalFeedback",
        )
    ]  # fmt: skip
    template = first.find("q:responseProcessing", spaces)
    assert template is not None
    assert (
        template.get("template")
        == f"http://www.imsglobal.org/question/qti_v{short}/rptemplates/match_correct"
    )


@pytest.mark.parametrize(
    "name",
    [
        "../evil.xml",
        "/etc/evil",
        "a/../../b",
        "C:/evil",
        "a\\..\\b",
        "a//b",
        "./a",
        "x\x01y",
        "nested.zip",
        "N.TAR",
    ],
)
def test_a_package_with_an_unsafe_name_is_refused(name: str) -> None:
    content = zipped({"imsmanifest.xml": b"", "items/one.xml": CHOICE, name: b"x"})

    with pytest.raises(UnreadableFile, match=r"不安全|又有压缩包"):
        read(content)


def test_a_package_with_a_link_a_twin_or_an_archive_in_it_is_refused() -> None:
    link = zipfile.ZipInfo("items/link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    linked, twins = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(linked, "w") as made:
        made.writestr("imsmanifest.xml", b"")
        made.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(twins, "w") as made:
        made.writestr("imsmanifest.xml", b"")
        made.writestr("IMSmanifest.xml", b"")
    inner = zipped({"imsmanifest.xml": b"", "items/inner.xml": zipped({"a": b"b"})})

    for content, named in ((linked.getvalue(), "链接"), (twins.getvalue(), "重名"), (inner, "又有压缩包")):
        with pytest.raises(UnreadableFile, match=named):
            read(content)


def test_a_package_that_unpacks_to_too_much_is_refused_unopened() -> None:
    with pytest.raises(UnreadableFile, match="过大"):
        read(zipped({"imsmanifest.xml": b"", "bomb": b"\0" * (archive.LARGEST_FILE - 1)}))
    with pytest.raises(UnreadableFile, match="过大"):
        read(
            zipped(
                {"imsmanifest.xml": b"", **{f"f{number}": b"" for number in range(archive.MOST_FILES + 1)}}
            )
        )


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (zipped({"a.txt": b""}), "imsmanifest.xml"),
        (zipped({"imsmanifest.xml": b"<x/>"}), "内容包清单"),
        (zipped({"imsmanifest.xml": b"<manifest/>"}), "没有 QTI 题目"),
        (zipped({"imsmanifest.xml": MANIFEST.format(type="imsqti_item_xmlv3p0", href="a", metadata="").encode()}), "QTI 3.0"),
        (zipped({"imsmanifest.xml": MANIFEST.format(type="imsqti_xmlv1p2", href="a", metadata="").encode()}), "QTI 1.2"),
        (b"PK\x03\x04" + b"\0" * 50, "已损坏"), (b"", "不是完整的 XML"), (b"<other/>", "不是 QTI"),
    ],
)  # fmt: skip
def test_what_is_no_package_is_refused_in_a_sentence(content: bytes, named: str) -> None:
    with pytest.raises(UnreadableFile, match=named):
        read(content)


def test_an_item_that_is_missing_or_damaged_is_named_and_the_others_stay() -> None:
    with zipfile.ZipFile(io.BytesIO(write_21([QUESTION, CASE, QUESTION], {}))) as made:
        files = {name: made.read(name) for name in made.namelist()}
    files["items/item-000001.xml"] = b"<assessmentItem"
    del files["items/item-000002.xml"]
    parsed = read(zipped(files))

    assert [(problem.row, problem.sheet) for problem in parsed.refused] == [
        (1, "items/item-000001.xml"), (2, "items/item-000002.xml"),
    ]  # fmt: skip
    assert [question.row for question in parsed.questions] == [3]


def test_nothing_outside_the_file_is_read_or_called(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("机密")
    with listener() as (port, met):
        for address in (canary.as_uri(), f"http://127.0.0.1:{port}/x"):
            external = f'<!DOCTYPE assessmentItem [<!ENTITY e SYSTEM "{address}">]>'.encode() + CHOICE[39:]
            with pytest.raises(UnreadableFile, match="DTD"):
                read(external)
            assert "DTD" in reason(package(external))
            for body in (f'<p><img src="{address}" alt=""/></p>', f'<include href="{address}"/>'):
                assert "文件" in reason(item(body + choices(), ONE))

    assert met == []


def test_fifteen_hundred_broken_files_are_refused_or_read() -> None:
    source = random.Random(11)
    whole = write_22([QUESTION, CASE], PICTURES)
    sentences = []
    for _ in range(750):
        sentences.append(outcome(read, broken(source.choice([CHOICE, ENTRIES, whole]), source)))
        sentences.append(outcome(read, package(broken(source.choice([CHOICE, ENTRIES]), source))))

    assert any(sentences)
    assert not all(sentences)


def test_a_broken_manifest_is_refused_or_read() -> None:
    source = random.Random(12)
    with zipfile.ZipFile(io.BytesIO(write_21([QUESTION, CASE], {}))) as made:
        files = {name: made.read(name) for name in made.namelist()}
    for _ in range(500):
        outcome(read, zipped({**files, "imsmanifest.xml": broken(files["imsmanifest.xml"], source)}))


@pytest.mark.parametrize("write", [write_21, write_22])
def test_the_child_process_gives_back_what_the_format_reads(write: Callable[..., bytes]) -> None:
    content = write([QUESTION, CASE], {})

    assert format_of(content, "bank.zip").name == "qti21"
    assert format_of(CHOICE, "one.xml").name == "qti21"
    assert [found.content for found in read_bank(content, "bank.zip").questions] == [QUESTION, CASE]
