"""Modules that are links, documents and videos: what is let in, what is kept, what learners see."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from quizapp.accounts.models import Account
from quizapp.audit.actors import COMMAND_LINE
from quizapp.campaigns.models import Track
from quizapp.errors import Invalid
from quizapp.extensions import db
from quizapp.files import store
from quizapp.files.documents import read_document
from quizapp.files.models import DocumentPage, StoredFile
from quizapp.files.subtitles import BadSubtitles, read_webvtt
from quizapp.files.videos import BadVideo, check_mp4
from quizapp.imports import sandbox
from quizapp.study.drafts import is_web_address
from quizapp.study.models import Module
from tests import builders
from tests.pages import sign_in, token
from tests.study import files


@pytest.fixture
def reader(app: Flask, track: Track) -> FlaskClient:
    enrolment = builders.make_learner(track)
    db.session.commit()
    return sign_in(app, db.session.get_one(Account, enrolment.account_id))


def _send(client: FlaskClient, path: str, track: Track | None = None, **form: Any) -> Any:
    """Send the form; values of bytes are files."""
    fields: dict[str, Any] = {"title": "叉车的起步", "summary": "摘要", "minutes": "1", "act": "publish"}
    if track:
        fields[f"track-{track.id}"] = "1"
    fields |= {
        name: (io.BytesIO(value), f"{name}.bin") if isinstance(value, bytes) else value for name, value in form.items()
    }  # fmt: skip
    fields["csrf_token"] = token(client.get("/modules").text)
    return client.post(path, data=fields)


def _create(client: FlaskClient, track: Track | None = None, **form: Any) -> Any:
    return _send(client, "/modules/new", track, **form)


def _module() -> Module:
    db.session.rollback()
    found: Module = db.session.scalars(db.select(Module).order_by(Module.id.desc()).limit(1)).one()
    return found


def _nothing_is_kept() -> bool:
    db.session.rollback()
    return (
        not db.session.scalars(db.select(StoredFile)).all()
        and not db.session.scalars(db.select(Module)).all()
    )


# Links


def test_a_link_opens_in_a_window_of_its_own(editor: FlaskClient, track: Track, reader: FlaskClient) -> None:
    answer = _create(editor, track, kind="link", address="https://www.mem.gov.cn/a?b=1&c=2")

    assert answer.status_code == 302
    page = reader.get(f"/modules/{_module().id}").text
    assert 'href="https://www.mem.gov.cn/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer"' in page


@pytest.mark.parametrize(
    "address",
    [
        "", "javascript:alert(1)", "data:text/html,x", "//mem.gov.cn", "/me", "ftp://a.cn/x", "https://", "https:///x",
        "https://a.cn/ x", "https://a.cn/\nx", "https://[x", "https://a.cn\\@b.cn", " https://a.cn/" + "x" * 500,
        "JavaScript://a.cn/%0aalert(1)", "https://a.cn/\u202ecod",
    ],
)  # fmt: skip
def test_no_other_address_is_a_link(address: str) -> None:
    assert not is_web_address(address)


# Documents


def test_a_document_is_shown_page_by_page_with_its_text(
    editor: FlaskClient, track: Track, reader: FlaskClient
) -> None:
    answer = _create(editor, track, kind="document", file=files.pdf(3))

    assert answer.status_code == 302
    page = reader.get(f"/modules/{_module().id}").text
    assert page.count("<figure") == 3
    assert page.count("Look around first") == 3
    assert "第 2 页，共 3 页" in page
    pages = store.pages_of(_module().file_digest)
    with reader.get(f"/files/{pages[1].picture_digest}") as answer:
        assert answer.content_type == "image/jpeg"
        assert "immutable" in answer.headers["Cache-Control"]
        assert Image.open(io.BytesIO(answer.data)).size == (1200, 1699)


def test_the_same_document_again_is_kept_once(editor: FlaskClient) -> None:
    for _ in range(2):
        assert _create(editor, kind="document", file=files.pdf(2)).status_code == 302

    assert len(db.session.scalars(db.select(DocumentPage)).all()) == 2


def test_another_document_is_a_version_that_may_be_looked_at_again(editor: FlaskClient) -> None:
    _create(editor, kind="document", file=files.pdf(1))
    module = _module()
    path, first = f"/modules/{module.id}/edit", module.file_digest

    _send(editor, path, seen="1", summary="别的摘要", act="save")
    kept = _module().file_digest
    _send(editor, path, seen="2", file=files.pdf(2), look_again="1", reason="换了新版", act="save")

    assert kept == first
    assert _module().file_digest != kept
    assert _module().edition == 2
    assert "换了新版" in editor.get(f"/modules/{module.id}/history").text


def test_a_refused_form_keeps_its_file_for_the_next_try(editor: FlaskClient) -> None:
    shown = _create(editor, kind="document", file=files.pdf(1), act="preview").text
    digest = shown.split('name="file_digest" value="')[1][:64]

    assert "Look around first" in shown
    answer = _create(editor, kind="document", file_digest=digest)

    assert answer.status_code == 302
    assert _module().file_digest == digest


@pytest.mark.parametrize("kind", ["document", "video"])
def test_no_form_makes_a_module_of_a_file_of_another_kind(app: Flask, editor: FlaskClient, kind: str) -> None:
    subtitles = _create(editor, kind="video", file=files.mp4(), subtitles=files.SUBTITLES.encode())
    assert subtitles.status_code == 302
    other = _module().subtitles_digest

    for digest in (other, "0" * 64, "../../etc/passwd", "", "x" * 64):
        assert _create(editor, kind=kind, file_digest=digest, title="冒名").status_code == 422


HOSTILE_PDFS = {
    "a page of HTML": b"<html><script>alert(1)</script></html>",
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "a program": b"\x7fELF" + b"\0" * 2000 + b"%PDF-1.4",
    "nothing": b"",
    "a header alone": b"%PDF-1.7\n",
    "cut off": files.pdf(3)[:300],
    "noise": b"%PDF-1.4\n" + bytes(range(256)) * 40,
    "no pages": files.pdf(0),
    "too many pages": files.pdf(101),
    "a page beyond all size": files.pdf(1, size="20000 20000"),
}


@pytest.mark.parametrize("what", HOSTILE_PDFS)
def test_no_hostile_document_is_kept(editor: FlaskClient, what: str) -> None:
    answer = _create(editor, kind="document", file=HOSTILE_PDFS[what])

    assert answer.status_code == 422
    assert "PDF" in answer.text
    assert _nothing_is_kept()


def test_a_page_of_any_shape_costs_no_more_than_its_share_of_pixels() -> None:
    for size in ("14400 14400", "14400 1", "1 14400", "1 1"):
        try:
            pages = read_document(files.pdf(1, size=size), 5)
        except Invalid:
            continue
        width, height = Image.open(io.BytesIO(pages[0].picture.content)).size
        assert width * height <= 4_100_000


def test_a_document_that_lies_about_its_pages_shows_those_that_are_there() -> None:
    assert len(read_document(files.pdf(1, count=1_000_000_000), 5)) == 1


def test_a_picture_that_unpacks_beyond_the_memory_harms_nobody() -> None:
    content = files.bomb(40_000)  # 1600 million pixels, more than the child has memory for
    began = time.monotonic()

    try:
        pages = read_document(content, 5)
    except Invalid:
        pages = []

    assert len(content) < 5_000_000
    assert all(len(page.picture.content) < 5_000_000 for page in pages)
    assert time.monotonic() - began < sandbox.WALL_SECONDS + 5


def test_a_document_larger_than_the_setting_is_refused(app: Flask, editor: FlaskClient) -> None:
    usual = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(usual, document_limit_bytes=500)
    try:
        answer = _create(editor, kind="document", file=files.pdf(1))
    finally:
        app.config["SETTINGS"] = usual

    assert answer.status_code == 422
    assert "文件太大" in answer.text


# Videos


def test_a_video_is_played_in_parts_with_its_subtitles(
    editor: FlaskClient, track: Track, reader: FlaskClient
) -> None:
    content = files.mp4(5000)
    _create(editor, track, kind="video", file=content, subtitles=files.SUBTITLES.encode())

    module = _module()
    page = reader.get(f"/modules/{module.id}")
    assert "media-src 'self'" in page.headers["Content-Security-Policy"]
    assert f'<source src="/files/{module.file_digest}" type="video/mp4">' in page.text
    assert f'<track kind="subtitles" src="/files/{module.subtitles_digest}"' in page.text
    with reader.get(f"/files/{module.file_digest}", headers={"Range": "bytes=10-19"}) as answer:
        assert (answer.status_code, answer.data) == (206, content[10:20])
        assert answer.headers["Content-Range"] == f"bytes 10-19/{len(content)}"
        assert answer.content_type == "video/mp4"
    with reader.get(f"/files/{module.subtitles_digest}") as answer:
        assert answer.content_type.startswith("text/vtt")
    _send(editor, f"/modules/{module.id}/edit", track, seen="1", no_subtitles="1", act="save")
    assert _module().subtitles_digest is None
    assert _module().file_digest == module.file_digest


HOSTILE_VIDEOS = {
    "nothing": b"",
    "HTML": b"<video onerror=alert(1)>",
    "a picture named so": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "another brand": files.box(b"ftyp", b"heic\0\0\0\0mif1heic") + files.mp4()[len(files.FTYP) :],
    "no index": files.FTYP + files.box(b"mdat", b"\0" * 9),
    "no content": files.FTYP + files.box(b"moov", b"\0" * 9),
    "cut off": files.mp4()[:-1],
    "something behind": files.mp4() + b"PK\3\4",
    "the brand not first": files.mp4()[len(files.FTYP) :] + files.FTYP,
    "a box of no length": files.FTYP + b"\0\0\0\4moov" + files.mp4(),
    "a length beyond the file": files.FTYP + b"\0\0\0\1mdat" + b"\xff" * 8,
    "a header cut off": files.mp4() + b"\0\0\0\1mdat",
    "boxes without end": files.mp4() + files.box(b"free") * 100_000,
    "a brand without end": files.box(b"ftyp", b"isom" * 2000) + files.mp4()[len(files.FTYP) :],
}


@pytest.mark.parametrize("what", HOSTILE_VIDEOS)
def test_no_hostile_video_passes(what: str) -> None:
    with pytest.raises(BadVideo):
        check_mp4(io.BytesIO(HOSTILE_VIDEOS[what]))


def test_a_video_may_have_long_boxes_and_a_last_one_without_length() -> None:
    long = (16 + 100).to_bytes(8, "big")
    check_mp4(io.BytesIO(files.FTYP + b"\0\0\0\1moov" + long + b"\0" * 100 + b"\0\0\0\0mdat" + b"\0" * 50))


def test_what_is_refused_as_a_video_is_not_kept(editor: FlaskClient) -> None:
    assert _create(editor, kind="video", file=b"<svg/>").status_code == 422
    assert _create(editor, kind="video", file=files.mp4()[:-1]).status_code == 422
    assert (
        _create(editor, kind="video", file=files.mp4(), subtitles=b"1\n00:01 --> 00:02\nx").status_code == 422
    )
    assert db.session.scalar(db.select(Module)) is None


def test_a_video_may_be_larger_than_other_uploads_for_editors_alone(
    app: Flask, editor: FlaskClient, reader: FlaskClient
) -> None:
    usual, limit = app.config["SETTINGS"], app.config["MAX_CONTENT_LENGTH"]
    app.config.update(SETTINGS=replace(usual, video_limit_bytes=300_000), MAX_CONTENT_LENGTH=100_000)
    try:
        passes = _create(editor, kind="video", file=files.mp4(200_000))
        too_large = _create(editor, kind="video", file=files.mp4(400_000))
        form = {"file": (io.BytesIO(files.mp4(200_000)), "x"), "csrf_token": token(reader.get("/me").text)}
        stranger = reader.post("/modules/new", data=form)
    finally:
        app.config.update(SETTINGS=usual, MAX_CONTENT_LENGTH=limit)

    assert (passes.status_code, too_large.status_code, stranger.status_code) == (302, 422, 413)


def test_a_large_file_comes_into_the_store_piece_by_piece(app: Flask, tmp_path: Path) -> None:
    largest = 0

    class Watched(io.FileIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal largest
            piece = super().read(-1 if size is None else size)
            largest = max(largest, len(piece))
            return piece

    place = tmp_path / "large"
    place.write_bytes(files.mp4(5_000_000))
    with Watched(str(place)) as file:
        digest = store.keep_stream(COMMAND_LINE, file, "video/mp4")
    db.session.commit()

    assert store.path_of(digest).read_bytes() == place.read_bytes()
    assert store.get_file(digest).size == place.stat().st_size
    assert largest <= store.PIECE_BYTES


# Subtitles


def test_subtitles_are_written_anew_from_their_cues() -> None:
    assert read_webvtt(files.SUBTITLES.encode("utf-8-sig")).decode() == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n先看四周\n\n00:00:04.000 --> 00:00:05.000\n再鸣笛\n"
    )
    assert read_webvtt(read_webvtt(files.SUBTITLES.encode())) == read_webvtt(files.SUBTITLES.encode())


@pytest.mark.parametrize(
    "text",
    [
        "", "WEBVTT", "WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "1\n00:00:01,000 --> 00:00:02,000\nx",
        "WEBVTT\n\n00:01.000 --> 00:01.000\nx", "WEBVTT\n\n00:02.000 --> 00:01.000\nx", "WEBVTT\n\n00:99.000 --> 01:40.000\nx",
        "WEBVTT\n\n<script>alert(1)</script>", "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "长" * 501,
        "WEBVTT\n\nNOTE nothing else", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\0", "WEBVTT\n\n" + "00:01.000 --> 00:02.000\nx\n\n" * 5001,
        "WEBVTT\n\n" + "x" * 1_100_000,
    ],
)  # fmt: skip
def test_nothing_else_is_subtitles(text: str) -> None:
    with pytest.raises(BadSubtitles):
        read_webvtt(text.encode())


def test_subtitles_in_another_encoding_are_refused() -> None:
    with pytest.raises(BadSubtitles):
        read_webvtt(files.SUBTITLES.encode("gb18030"))
