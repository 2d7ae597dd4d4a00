"""Modules written on pages: who may, what is kept, what the list and the preview show."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.campaigns.models import Track
from quizapp.extensions import db
from quizapp.study.models import Module
from quizapp.study.rendering import render
from tests import builders
from tests.pages import sign_in, token
from tests.study.writing import ARTICLE, Learner, create, differences, placed_in, written


def test_a_module_is_written_published_and_read(editor: FlaskClient, track: Track, learner: Learner) -> None:
    answer = create(editor, act="publish", **placed_in(track))

    module = written()
    assert answer.location == f"/modules/{module.id}/history"
    assert module.sources == ["《安全生产法》（2021年修正）第四十四条", "《特种设备安全法》第三十四条"]
    assert (module.min_seconds, module.published_at) == (60, clock.now())
    assert "叉车的起步" in learner.client.get("/").text
    page = learner.client.get(f"/modules/{module.id}").text
    assert "<strong>先看</strong>" in page
    assert learner.study(module.id).json == {"credited_ms": 90_000, "min_seconds": 60, "is_done": True}
    assert learner.enrolment().studied_at is not None
    assert differences(track) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": " "}, "请填写标题"),
        ({"title": "长" * 121}, "标题最多"),
        ({"summary": ""}, "请填写摘要"),
        ({"summary": "长" * 241}, "摘要最多"),
        ({"body": "\r\n "}, "请填写正文"),
        ({"body": "长" * 60_001}, "正文最多"),
        ({"minutes": "0"}, "最少学习时间"),
        ({"minutes": "很久"}, "最少学习时间"),
        ({"minutes": "601"}, "最少学习时间"),
        ({"sources": "长" * 201}, "每行依据"),
        ({"sources": "一\n" * 51}, "依据最多"),
        ({"published_at": "明天"}, "发布时间应写作"),
    ],
)
def test_what_cannot_be_a_module_is_refused_and_the_form_keeps_what_was_written(
    editor: FlaskClient, changes: dict[str, Any], reason: str
) -> None:
    answer = create(editor, **changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert db.session.scalar(db.select(Module)) is None


@pytest.mark.parametrize("kind", [GrantKind.AUDITOR, GrantKind.TOWN_STAFF, None])
def test_only_editors_write_and_auditors_look(
    app: Flask, editor: FlaskClient, kind: GrantKind | None
) -> None:
    create(editor)
    module = written()
    path = builders.make_region().path if kind is GrantKind.TOWN_STAFF else None
    account = builders.make_staff(kind, path) if kind else builders.make_account()
    db.session.commit()
    client = sign_in(app, account)
    form = {"csrf_token": token(client.get("/me").text), **ARTICLE, "seen": 1}

    looked = [client.get(path).status_code for path in ("/modules", f"/modules/{module.id}/history")]
    wrote = [
        client.post(path, data=form).status_code
        for path in ("/modules/new", f"/modules/{module.id}/edit", "/modules/preview")
    ]

    assert looked == ([200, 200] if kind is GrantKind.AUDITOR else [403, 403])
    assert wrote == [403, 403, 403]
    assert written().version == 1


def test_a_preview_shows_the_text_and_writes_nothing(editor: FlaskClient) -> None:
    form = {"csrf_token": token(editor.get("/modules/new").text), **ARTICLE}
    shown = editor.post("/modules/preview", data=form).text
    whole = create(editor, act="preview").text

    assert "<strong>先看</strong>" in shown
    assert "<html" not in shown
    assert "<strong>先看</strong>" in whole
    assert db.session.scalar(db.select(Module)) is None


def test_an_uploaded_picture_is_made_anew_and_stands_in_the_text(editor: FlaskClient) -> None:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(file, "BMP")
    form = {**ARTICLE, "picture-shows": "红“牌", "csrf_token": token(editor.get("/modules/new").text)}

    editor.post("/modules/new", data={**form, "picture": (io.BytesIO(file.getvalue()), "牌.bmp")})
    refused = editor.post("/modules/new", data={**form, "picture": (io.BytesIO(b"<svg/>"), "x.png")})

    module = written()
    page = editor.get(f"/modules/{module.id}/history").text
    digest = module.body.split("image:")[1][:64]
    assert f'src="/files/{digest}"' in page
    assert 'alt="红“牌"' in page
    with editor.get(f"/files/{digest}") as picture:
        assert picture.content_type == "image/png"
    assert refused.status_code == 422


@pytest.mark.parametrize(
    "text",
    [
        "![图](https://evil.example/x.png)", "![图](javascript:alert(1))", "![图](data:image/png;base64,AAAA)",
        "![图](image:abc)", "![图](/files/x)", '<img src="x" onerror="alert(1)">', "<script>alert(1)</script>",
        "[x](javascript:alert(1))", '![" onerror="alert(1)](image:%s)' % ("0" * 63),
    ],
)  # fmt: skip
def test_no_text_loads_or_runs_anything_of_its_own(app: Flask, text: str) -> None:
    with app.test_request_context():
        shown = render(text)

    assert "<img" not in shown
    assert "<script" not in shown
    assert "href" not in shown


def test_what_a_picture_shows_cannot_leave_its_attribute(app: Flask) -> None:
    with app.test_request_context():
        shown = render('![" onerror="alert(1)](image:%s)' % ("a" * 64))

    assert shown.count("<img") == 1
    assert 'onerror="' not in shown
    assert f'src="/files/{"a" * 64}"' in shown


def test_the_list_is_narrowed_by_text_kind_and_state(editor: FlaskClient, track: Track) -> None:
    create(editor, act="publish", **placed_in(track))
    create(editor, title="灭火器 100%", published_at="2026-12-01T08:00")
    create(editor, title="动火作业")

    found = {
        query: editor.get(f"/modules?{query}").text.count('scope="row"')
        for query in ("", "text=100%25", "text=_", "state=published", "state=scheduled", "state=draft",
                      "kind=article", "kind=video", "state=nonsense&page=x", "page=2")
    }  # fmt: skip

    assert list(found.values()) == [3, 1, 0, 1, 1, 1, 3, 0, 3, 0]
    assert "关键岗位人员" in editor.get("/modules?state=published").text
