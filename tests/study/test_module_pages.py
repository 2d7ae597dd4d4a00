"""Modules written on pages: who may, what is kept, what learners see and owe, versions and looking again."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.exc import DBAPIError

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.models import AuditEntry
from quizapp.campaigns.models import Enrolment, Track
from quizapp.coverage import verification
from quizapp.coverage.selection import Selection
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.study.content import ModuleFile
from quizapp.study.editor_forms import moment_text
from quizapp.study.models import Module, ModuleVersion, Progress, TrackModule
from quizapp.study.modules import load_modules
from quizapp.study.rendering import render
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

#: The builder's attempts have no paper that could be graded again.
EMPTY_PAPER = "答卷"


@pytest.fixture
def track(app: Flask) -> Track:
    found = builders.make_track(builders.make_campaign())
    db.session.commit()
    return found


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


ARTICLE = {
    "title": "叉车的起步", "summary": "先看，再鸣笛，再走。", "body": "## 起步\n\n**先看**四周。", "minutes": "1",
    "sources": "《安全生产法》（2021年修正）第四十四条\n\n《特种设备安全法》第三十四条", "published_at": "",
}  # fmt: skip


def _post(client: FlaskClient, path: str, **form: Any) -> Any:
    return client.post(path, data={**form, "csrf_token": token(client.get(path).text)})


def _create(editor: FlaskClient, **changes: Any) -> Any:
    return _post(editor, "/modules/new", **{**ARTICLE, **changes})


def _edit(editor: FlaskClient, module: Module, **changes: Any) -> Any:
    return _post(editor, f"/modules/{module.id}/edit", **{**ARTICLE, "seen": module.version, **changes})


def _module() -> Module:
    db.session.rollback()
    found: Module = db.session.scalars(db.select(Module).order_by(Module.id.desc()).limit(1)).one()
    return found


def _in(track: Track, place: int | str = "") -> dict[str, Any]:
    return {f"track-{track.id}": "1", f"place-{track.id}": place}


def _order(track: Track) -> list[int]:
    db.session.rollback()
    wanted = db.select(TrackModule.module_id).where(TrackModule.track_id == track.id)
    return list(db.session.scalars(wanted.order_by(TrackModule.position)))


class Learner:
    """Somebody on a track who reads modules to their end."""

    def __init__(self, app: Flask, track: Track, time: MovableClock) -> None:
        enrolment = builders.make_learner(track)
        self.account_id, self.campaign_id, self.time = enrolment.account_id, track.campaign_id, time
        self.enterprise_id = enrolment.enterprise_id
        db.session.commit()
        self.client = sign_in(app, db.session.get_one(Account, self.account_id))

    def study(self, module_id: int) -> Any:
        headers = {"X-CSRFToken": token(self.client.get("/me").text)}
        for _ in range(4):
            answer = self.client.post(
                f"/modules/{module_id}/beats", json={"visible_ms": 30_000, "at_end": True}, headers=headers
            )
            self.time.forward(seconds=30)
        return answer

    def pass_quiz(self) -> None:
        enrolment = self.enrolment()
        attempt = builders.make_passed_attempt(enrolment, self.time.moment)
        enrolment.attempt_id, enrolment.passed_at = attempt.id, self.time.moment
        if enrolment.studied_at:
            enrolment.completed_at = self.time.moment
        db.session.commit()

    def enrolment(self) -> Enrolment:
        db.session.rollback()
        wanted = db.select(Enrolment).where(
            Enrolment.account_id == self.account_id, Enrolment.withdrawn_at.is_(None)
        )
        found: Enrolment = db.session.scalars(wanted).one()
        return found


@pytest.fixture
def learner(app: Flask, track: Track, moved_clock: MovableClock) -> Learner:
    return Learner(app, track, moved_clock)


def _differences(track: Track) -> list[str]:
    db.session.rollback()
    selection = Selection(campaign_id=track.campaign_id, as_of=clock.now(), scope=Scope(everything=True))
    return [str(one) for one in verification.differences(selection) if EMPTY_PAPER not in str(one)]


# Writing


def test_a_module_is_written_published_and_read(editor: FlaskClient, track: Track, learner: Learner) -> None:
    answer = _create(editor, act="publish", **_in(track))

    module = _module()
    assert answer.location == f"/modules/{module.id}/history"
    assert module.sources == ["《安全生产法》（2021年修正）第四十四条", "《特种设备安全法》第三十四条"]
    assert (module.min_seconds, module.published_at) == (60, clock.now())
    assert "叉车的起步" in learner.client.get("/").text
    page = learner.client.get(f"/modules/{module.id}").text
    assert "<strong>先看</strong>" in page
    assert learner.study(module.id).json == {"credited_ms": 90_000, "min_seconds": 60, "is_done": True}
    assert learner.enrolment().studied_at is not None
    assert _differences(track) == []


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
        ({"body": "有\0"}, "不能保存的字符"),
    ],
)
def test_what_cannot_be_a_module_is_refused_and_the_form_keeps_what_was_written(
    editor: FlaskClient, changes: dict[str, Any], reason: str
) -> None:
    answer = _create(editor, **changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert db.session.scalar(db.select(Module)) is None


@pytest.mark.parametrize("kind", [GrantKind.AUDITOR, GrantKind.TOWN_STAFF, None])
def test_only_editors_write_and_auditors_look(
    app: Flask, editor: FlaskClient, kind: GrantKind | None
) -> None:
    _create(editor)
    module = _module()
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
    assert _module().version == 1


def test_a_preview_shows_the_text_and_writes_nothing(editor: FlaskClient) -> None:
    form = {"csrf_token": token(editor.get("/modules/new").text), **ARTICLE}
    shown = editor.post("/modules/preview", data=form).text
    whole = _create(editor, act="preview").text

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

    module = _module()
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
    _create(editor, act="publish", **_in(track))
    _create(editor, title="灭火器 100%", published_at="2026-12-01T08:00")
    _create(editor, title="动火作业")

    found = {
        query: editor.get(f"/modules?{query}").text.count('scope="row"')
        for query in ("", "text=100%25", "text=_", "state=published", "state=scheduled", "state=draft",
                      "kind=article", "kind=video", "state=nonsense&page=x", "page=2")
    }  # fmt: skip

    assert list(found.values()) == [3, 1, 0, 1, 1, 1, 3, 0, 3, 0]
    assert "关键岗位人员" in editor.get("/modules?state=published").text


# Tracks and publication


def test_modules_stand_in_a_track_in_the_order_that_was_asked_for(editor: FlaskClient, track: Track) -> None:
    other = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)
    elsewhere = builders.make_module(other)
    db.session.commit()
    for place in ("", "", "1"):
        _create(editor, **_in(track, place))
    first, second, third = sorted(_order(track))

    assert _order(track) == [third, first, second]
    _edit(editor, _module(), **_in(track, 2))
    assert _order(track) == [first, third, second]
    _edit(editor, _module())
    assert _order(track) == [first, second]
    assert _order(other) == [elsewhere.id]


def test_a_track_of_a_campaign_that_is_over_is_not_touched(
    editor: FlaskClient, moved_clock: MovableClock
) -> None:
    over = builders.make_track(builders.make_campaign(closes_at=clock.now() - timedelta(days=1)))
    module = builders.make_module(over)
    db.session.commit()

    _edit(editor, module, title="别的标题")
    _create(editor, **_in(over))

    assert _order(over) == [module.id]
    assert f'name="track-{over.id}"' not in editor.get("/modules/new").text


def test_what_is_not_published_yet_is_neither_shown_nor_credited_nor_asked_for(
    editor: FlaskClient, track: Track, learner: Learner, moved_clock: MovableClock
) -> None:
    _create(editor, act="publish", **_in(track))
    shown = _module()
    _create(editor, title="以后才有", published_at="2026-09-19T08:00", **_in(track))
    later = _module()

    assert "以后才有" not in learner.client.get("/").text
    assert learner.client.get(f"/modules/{later.id}").status_code == 404
    assert learner.study(later.id).status_code == 404
    learner.study(shown.id)
    studied_at = learner.enrolment().studied_at
    assert studied_at is not None

    moved_clock.forward(days=2)
    assert "以后才有" in learner.client.get("/").text
    assert learner.enrolment().studied_at == studied_at
    assert _differences(track) == []


def test_nothing_is_published_in_the_past(editor: FlaskClient) -> None:
    _create(editor, published_at="2020-01-01T08:00")

    assert _module().published_at == clock.now()


def test_minutes_that_nobody_touched_keep_their_seconds(
    editor: FlaskClient, moved_clock: MovableClock
) -> None:
    moved_clock.forward(seconds=17)
    _create(editor, act="publish")
    module = _module()
    shown = (
        editor.get(f"/modules/{module.id}/edit").text.split('id="published_at"')[1].split('value="')[1][:16]
    )
    moved_clock.forward(minutes=5)

    _edit(editor, module, published_at=shown, title="别的标题")

    assert _module().published_at == module.published_at


def test_taking_away_the_last_thing_undone_lets_study_be_complete(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    _create(editor, act="publish", **_in(track))
    done = _module()
    _create(editor, act="publish", **_in(track))
    undone = _module()
    learner.study(done.id)
    learner.pass_quiz()
    assert learner.enrolment().studied_at is None

    _edit(editor, undone, published_at="2026-09-18T12:00")

    enrolment = learner.enrolment()
    assert enrolment.studied_at == clock.now()
    assert enrolment.completed_at == clock.now()
    assert _differences(track) == []


def test_withdrawing_a_publication_asks_for_less_and_an_empty_track_is_not_studied(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    _create(editor, act="publish", **_in(track))
    only = _module()

    _edit(editor, only, published_at="", **_in(track))

    assert learner.enrolment().studied_at is None
    assert _differences(track) == []
    assert learner.client.get(f"/modules/{only.id}").status_code == 404


def test_what_joins_a_track_later_is_asked_only_of_those_who_had_not_finished(
    app: Flask, editor: FlaskClient, track: Track, learner: Learner
) -> None:
    _create(editor, act="publish", **_in(track))
    first = _module()
    learner.study(first.id)
    _create(editor, act="publish", **_in(track))
    second = _module()
    late = Learner(app, track, learner.time)
    late.study(first.id)

    assert learner.enrolment().studied_at is not None
    assert late.enrolment().studied_at is None
    assert _differences(track) == []
    late.study(second.id)
    assert late.enrolment().studied_at is not None


# Versions


def test_each_change_is_a_version_with_its_differences_and_stands_in_the_log(
    editor: FlaskClient, track: Track
) -> None:
    _create(editor, **_in(track))
    _edit(editor, _module(), body="## 起步\n\n**先看**四周，再鸣笛。", title="叉车怎样起步", minutes="2")
    page = editor.get(f"/modules/{_module().id}/history").text

    assert _module().version == 2
    assert "<ins>，再鸣笛</ins>" in page
    assert "<ins>怎样</ins>" in page
    versions = db.session.scalars(db.select(ModuleVersion).order_by(ModuleVersion.number)).all()
    assert [one.title for one in versions] == ["叉车的起步", "叉车怎样起步"]
    assert versions[1].changed_by is not None
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "module.revise")).one()
    assert entry.detail["changed"] == ["title", "body", "min_seconds"]
    assert entry.detail["values"]["title"] == ["叉车的起步", "叉车怎样起步"]
    assert entry.detail["values"]["tracks"][1] == ""
    assert "关键岗位人员 · 1" in entry.detail["values"]["tracks"][0]


@pytest.mark.parametrize("act", ["UPDATE module_versions SET body = ''", "DELETE FROM module_versions"])
def test_no_version_can_be_changed_afterwards(editor: FlaskClient, act: str) -> None:
    _create(editor)

    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.text(act))
    db.session.rollback()


def test_nothing_changed_makes_no_version(editor: FlaskClient, track: Track) -> None:
    _create(editor, **_in(track))

    answer = _edit(editor, _module(), **_in(track, 1))

    assert answer.status_code == 302
    assert _module().version == 1
    assert len(db.session.scalars(db.select(ModuleVersion)).all()) == 1


def test_two_editors_do_not_overwrite_each_other(editor: FlaskClient, track: Track) -> None:
    _create(editor)
    module = _module()
    _edit(editor, module, summary="甲改的。")

    late = _edit(editor, module, summary="乙改的。", seen=1)
    late_place = _edit(editor, module, summary="甲改的。", seen=1, **_in(track))

    assert (late.status_code, late_place.status_code) == (409, 409)
    assert "乙改的。" in late.text
    assert _module().summary == "甲改的。"
    assert _order(track) == []


def test_without_looking_again_a_change_takes_nothing_from_anybody(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    _create(editor, act="publish", **_in(track))
    module = _module()
    learner.study(module.id)
    before = learner.enrolment().studied_at

    _edit(editor, module, body="改了错字", published_at=_shown(module), **_in(track, 1))

    assert learner.enrolment().studied_at == before
    assert "已学完" in learner.client.get(f"/modules/{module.id}").text
    assert "请重新学习" not in learner.client.get(f"/modules/{module.id}").text


def _shown(module: Module) -> str:
    return moment_text(module.published_at)


def _ask_again(editor: FlaskClient, module: Module, track: Track, **changes: Any) -> Any:
    form = {"body": "## 新的规定", "look_again": "1", "reason": "法律改了", "published_at": _shown(module)}
    return _edit(editor, module, **{**form, **_in(track, 1), **changes})


def test_who_must_look_again_is_credited_anew_and_the_past_can_still_be_asked(
    editor: FlaskClient, track: Track, learner: Learner, moved_clock: MovableClock
) -> None:
    _create(editor, act="publish", **_in(track))
    module = _module()
    learner.study(module.id)
    old = learner.enrolment().id
    moved_clock.forward(minutes=20)

    assert _ask_again(editor, module, track).status_code == 302

    enrolment = learner.enrolment()
    assert (enrolment.id == old, enrolment.studied_at) == (False, None)
    was = db.session.get_one(Enrolment, old)
    assert (was.studied_at is not None, was.withdrawn_at) == (True, enrolment.enrolled_at)
    page = learner.client.get(f"/modules/{module.id}").text
    assert "请重新学习：法律改了" in page
    assert "已经完成的专题不受影响" in page
    assert 'data-credited="0"' in page
    assert _differences(track) == []
    moved_clock.forward(minutes=1)
    learner.study(module.id)
    assert learner.enrolment().studied_at is not None
    assert "请重新学习" not in learner.client.get(f"/modules/{module.id}").text
    rows = db.session.scalars(db.select(Progress).order_by(Progress.edition)).all()
    assert [(row.edition, row.done_at is not None) for row in rows] == [(1, True), (2, True)]
    assert _differences(track) == []


def test_what_is_completed_stays_completed(editor: FlaskClient, track: Track, learner: Learner) -> None:
    _create(editor, act="publish", **_in(track))
    module = _module()
    learner.study(module.id)
    learner.pass_quiz()
    before = learner.enrolment()
    kept = (before.id, before.studied_at, before.completed_at)

    _ask_again(editor, module, track)

    after = learner.enrolment()
    assert (after.id, after.studied_at, after.completed_at) == kept
    assert f'href="/modules/{module.id}"' in learner.client.get("/").text
    assert _differences(track) == []


def test_who_passed_but_had_not_studied_completes_by_the_new_edition(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    for _ in range(2):
        _create(editor, act="publish", **_in(track))
    second, first = _module(), db.session.get_one(Module, _order(track)[0])
    learner.study(first.id)
    learner.pass_quiz()

    _ask_again(editor, first, track)
    learner.study(second.id)
    assert learner.enrolment().completed_at is None
    learner.study(first.id)

    assert learner.enrolment().completed_at is not None
    assert _differences(track) == []


def test_another_track_and_another_person_owe_nothing(
    app: Flask, editor: FlaskClient, track: Track, learner: Learner
) -> None:
    other = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)
    elsewhere = builders.make_module(other)
    db.session.commit()
    stranger = Learner(app, other, learner.time)
    _create(editor, act="publish", **_in(track))
    module = _module()
    stranger.study(elsewhere.id)
    learner.study(module.id)
    kept = stranger.enrolment().id

    _ask_again(editor, module, track)

    assert stranger.enrolment().id == kept
    assert stranger.enrolment().studied_at is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"reason": ""}, "为什么要重新学习"), ({"reason": "长" * 201}, "为什么要重新学习"), ({"body": ARTICLE["body"]}, "没有改动")],
)  # fmt: skip
def test_looking_again_needs_a_reason_and_something_new(
    editor: FlaskClient, track: Track, learner: Learner, changes: dict[str, str], reason: str
) -> None:
    _create(editor, act="publish", **_in(track))
    module = _module()
    learner.study(module.id)

    answer = _ask_again(editor, module, track, **changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert (_module().version, _module().edition) == (1, 1)
    assert learner.enrolment().studied_at is not None


# Files from the command line


def _file(body: str) -> ModuleFile:
    return ModuleFile(
        slug="shipped",
        title="自带的内容",
        summary="摘要",
        minutes=1,
        order=1,
        roles=(),
        sources=(),
        body=body,
    )


def test_loading_makes_versions_but_leaves_alone_what_an_editor_has_changed(
    app: Flask, editor: FlaskClient
) -> None:
    for body in ("一", "一", "二"):
        load_modules(COMMAND_LINE, [_file(body)])
    db.session.commit()
    assert _module().version == 2

    _edit(editor, _module(), body="编辑写的")
    load_modules(COMMAND_LINE, [_file("三")])
    db.session.commit()

    assert _module().body == "编辑写的\n"
    numbers = db.session.scalars(db.select(ModuleVersion.number).order_by(ModuleVersion.number)).all()
    assert list(numbers) == [1, 2, 3]
