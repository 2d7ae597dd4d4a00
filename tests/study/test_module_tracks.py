"""Modules in tracks and their publication: what learners see and owe."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from quizapp import clock
from quizapp.campaigns.models import Track
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.study.writing import Learner, create, differences, edit, order_in, placed_in, written


def test_modules_stand_in_a_track_in_the_order_that_was_asked_for(editor: FlaskClient, track: Track) -> None:
    other = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)
    elsewhere = builders.make_module(other)
    db.session.commit()
    for place in ("", "", "1"):
        create(editor, **placed_in(track, place))
    first, second, third = sorted(order_in(track))

    assert order_in(track) == [third, first, second]
    edit(editor, written(), **placed_in(track, 2))
    assert order_in(track) == [first, third, second]
    edit(editor, written())
    assert order_in(track) == [first, second]
    assert order_in(other) == [elsewhere.id]


def test_a_track_of_a_campaign_that_is_over_is_not_touched(
    editor: FlaskClient, moved_clock: MovableClock
) -> None:
    over = builders.make_track(builders.make_campaign(closes_at=clock.now() - timedelta(days=1)))
    module = builders.make_module(over)
    db.session.commit()

    edit(editor, module, title="别的标题")
    create(editor, **placed_in(over))

    assert order_in(over) == [module.id]
    assert f'name="track-{over.id}"' not in editor.get("/modules/new").text


def test_what_is_not_published_yet_is_neither_shown_nor_credited_nor_asked_for(
    editor: FlaskClient, track: Track, learner: Learner, moved_clock: MovableClock
) -> None:
    create(editor, act="publish", **placed_in(track))
    shown = written()
    create(editor, title="以后才有", published_at="2026-09-19T08:00", **placed_in(track))
    later = written()

    assert "以后才有" not in learner.client.get("/").text
    assert learner.client.get(f"/modules/{later.id}").status_code == 404
    assert learner.study(later.id).status_code == 404
    learner.study(shown.id)
    studied_at = learner.enrolment().studied_at
    assert studied_at is not None

    moved_clock.forward(days=2)
    assert "以后才有" in learner.client.get("/").text
    assert learner.enrolment().studied_at == studied_at
    assert differences(track) == []


def test_nothing_is_published_in_the_past(editor: FlaskClient) -> None:
    create(editor, published_at="2020-01-01T08:00")

    assert written().published_at == clock.now()


def test_minutes_that_nobody_touched_keep_their_seconds(
    editor: FlaskClient, moved_clock: MovableClock
) -> None:
    moved_clock.forward(seconds=17)
    create(editor, act="publish")
    module = written()
    shown = (
        editor.get(f"/modules/{module.id}/edit").text.split('id="published_at"')[1].split('value="')[1][:16]
    )
    moved_clock.forward(minutes=5)

    edit(editor, module, published_at=shown, title="别的标题")

    assert written().published_at == module.published_at


def test_taking_away_the_last_thing_undone_lets_study_be_complete(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    create(editor, act="publish", **placed_in(track))
    done = written()
    create(editor, act="publish", **placed_in(track))
    undone = written()
    learner.study(done.id)
    learner.pass_quiz()
    assert learner.enrolment().studied_at is None

    edit(editor, undone, published_at="2026-09-18T12:00")

    enrolment = learner.enrolment()
    assert enrolment.studied_at == clock.now()
    assert enrolment.completed_at == clock.now()
    assert differences(track) == []


def test_withdrawing_a_publication_asks_for_less_and_an_empty_track_is_not_studied(
    editor: FlaskClient, track: Track, learner: Learner
) -> None:
    create(editor, act="publish", **placed_in(track))
    only = written()

    edit(editor, only, published_at="", **placed_in(track))

    assert learner.enrolment().studied_at is None
    assert differences(track) == []
    assert learner.client.get(f"/modules/{only.id}").status_code == 404


def test_what_joins_a_track_later_is_asked_only_of_those_who_had_not_finished(
    app: Flask, editor: FlaskClient, track: Track, learner: Learner
) -> None:
    create(editor, act="publish", **placed_in(track))
    first = written()
    learner.study(first.id)
    create(editor, act="publish", **placed_in(track))
    second = written()
    late = Learner(app, track, learner.time)
    late.study(first.id)

    assert learner.enrolment().studied_at is not None
    assert late.enrolment().studied_at is None
    assert differences(track) == []
    late.study(second.id)
    assert late.enrolment().studied_at is not None
