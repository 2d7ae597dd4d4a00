"""Versions of modules: what they keep, who must look again, what is completed."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError

from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.models import AuditEntry
from quizapp.campaigns.models import Enrolment, Track
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.study.content import ModuleFile
from quizapp.study.models import Module, ModuleVersion, Progress
from quizapp.study.modules import load_modules
from tests import builders
from tests.conftest import MovableClock
from tests.study.writing import (
    ARTICLE,
    Learner,
    ask_again,
    create,
    differences,
    edit,
    order_in,
    placed_in,
    shown,
    written,
)


def test_each_change_is_a_version_with_its_differences_and_stands_in_the_log(
    editor: FlaskClient, track: Track
) -> None:
    create(editor, **placed_in(track))
    edit(editor, written(), body="## 起步\n\n**先看**四周，再鸣笛。", title="叉车怎样起步", minutes="2")
    page = editor.get(f"/modules/{written().id}/history").text

    assert written().version == 2
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
    create(editor)

    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(db.text(act))
    db.session.rollback()


def test_nothing_changed_makes_no_version(editor: FlaskClient, track: Track) -> None:
    create(editor, **placed_in(track))

    answer = edit(editor, written(), **placed_in(track, 1))

    assert answer.status_code == 302
    assert written().version == 1
    assert len(db.session.scalars(db.select(ModuleVersion)).all()) == 1


def test_two_editors_do_not_overwrite_each_other(editor: FlaskClient, track: Track) -> None:
    create(editor)
    module = written()
    edit(editor, module, summary="甲改的。")

    late = edit(editor, module, summary="乙改的。", seen=1)
    late_place = edit(editor, module, summary="甲改的。", seen=1, **placed_in(track))

    assert (late.status_code, late_place.status_code) == (409, 409)
    assert "乙改的。" in late.text
    assert written().summary == "甲改的。"
    assert order_in(track) == []


def test_without_looking_again_a_change_takes_nothing_from_anybody(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    create(editor, act="publish", **placed_in(track))
    module = written()
    learner.study(module.id)
    before = learner.enrolment().studied_at

    edit(editor, module, body="改了错字", published_at=shown(module), **placed_in(track, 1))

    assert learner.enrolment().studied_at == before
    assert "已学完" in learner.client.get(f"/modules/{module.id}").text
    assert "请重新学习" not in learner.client.get(f"/modules/{module.id}").text


def test_who_must_look_again_is_credited_anew_and_the_past_can_still_be_asked(
    editor: FlaskClient, track: Track, learner: Learner, moved_clock: MovableClock
) -> None:
    create(editor, act="publish", **placed_in(track))
    module = written()
    learner.study(module.id)
    old = learner.enrolment().id
    moved_clock.forward(minutes=20)

    assert ask_again(editor, module, track).status_code == 302

    enrolment = learner.enrolment()
    assert (enrolment.id == old, enrolment.studied_at) == (False, None)
    was = db.session.get_one(Enrolment, old)
    assert (was.studied_at is not None, was.withdrawn_at) == (True, enrolment.enrolled_at)
    page = learner.client.get(f"/modules/{module.id}").text
    assert "请重新学习：法律改了" in page
    assert "已经完成的专题不受影响" in page
    assert 'data-credited="0"' in page
    assert differences(track) == []
    moved_clock.forward(minutes=1)
    learner.study(module.id)
    assert learner.enrolment().studied_at is not None
    assert "请重新学习" not in learner.client.get(f"/modules/{module.id}").text
    rows = db.session.scalars(db.select(Progress).order_by(Progress.edition)).all()
    assert [(row.edition, row.done_at is not None) for row in rows] == [(1, True), (2, True)]
    assert differences(track) == []


def test_what_is_completed_stays_completed(editor: FlaskClient, track: Track, learner: Learner) -> None:
    create(editor, act="publish", **placed_in(track))
    module = written()
    learner.study(module.id)
    learner.pass_quiz()
    before = learner.enrolment()
    kept = (before.id, before.studied_at, before.completed_at)

    ask_again(editor, module, track)

    after = learner.enrolment()
    assert (after.id, after.studied_at, after.completed_at) == kept
    assert f'href="/modules/{module.id}"' in learner.client.get("/").text
    assert differences(track) == []


def test_who_passed_but_had_not_studied_completes_by_the_new_edition(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    for _ in range(2):
        create(editor, act="publish", **placed_in(track))
    second, first = written(), db.session.get_one(Module, order_in(track)[0])
    learner.study(first.id)
    learner.pass_quiz()

    ask_again(editor, first, track)
    learner.study(second.id)
    assert learner.enrolment().completed_at is None
    learner.study(first.id)

    assert learner.enrolment().completed_at is not None
    assert differences(track) == []


def test_another_track_and_another_person_owe_nothing(
    app: Flask, editor: FlaskClient, track: Track, learner: Learner
) -> None:
    other = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)
    elsewhere = builders.make_module(other)
    db.session.commit()
    stranger = Learner(app, other, learner.time)
    create(editor, act="publish", **placed_in(track))
    module = written()
    stranger.study(elsewhere.id)
    learner.study(module.id)
    kept = stranger.enrolment().id

    ask_again(editor, module, track)

    assert stranger.enrolment().id == kept
    assert stranger.enrolment().studied_at is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"reason": ""}, "为什么要重新学习"), ({"reason": "长" * 201}, "为什么要重新学习"), ({"body": ARTICLE["body"]}, "没有改动")],
)  # fmt: skip
def test_looking_again_needs_a_reason_and_something_new(
    editor: FlaskClient, track: Track, learner: Learner, changes: dict[str, str], reason: str
) -> None:
    create(editor, act="publish", **placed_in(track))
    module = written()
    learner.study(module.id)

    answer = ask_again(editor, module, track, **changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert (written().version, written().edition) == (1, 1)
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
    assert written().version == 2

    edit(editor, written(), body="编辑写的")
    load_modules(COMMAND_LINE, [_file("三")])
    db.session.commit()

    assert written().body == "编辑写的\n"
    numbers = db.session.scalars(db.select(ModuleVersion.number).order_by(ModuleVersion.number)).all()
    assert list(numbers) == [1, 2, 3]
