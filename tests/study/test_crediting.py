"""Study credit never exceeds the time that has really passed on the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from quizapp.accounts.models import Account
from quizapp.campaigns.models import Enrolment
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.study import crediting, progress
from quizapp.study.models import Module, Progress
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

START = datetime(2026, 9, 18, tzinfo=UTC)
QUARTER = timedelta(seconds=15)


@given(st.lists(st.tuples(st.timedeltas(timedelta(0), timedelta(hours=1)), st.timedeltas()), max_size=30))
def test_whatever_pages_claim_no_more_is_credited_than_has_passed(
    beats: list[tuple[timedelta, timedelta]],
) -> None:
    now, last, earned = START, None, timedelta(0)
    for later, claimed in beats:
        now += later
        credit = crediting.credit(claimed, last, now)
        assert timedelta(0) <= credit <= crediting.LONGEST_GAP
        earned, last = earned + credit, now

    assert earned <= now - START


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    track = builders.make_track(builders.make_campaign())
    for _ in range(2):
        builders.make_module(track, min_seconds=30)
    enrolment = builders.make_learner(track)
    db.session.commit()
    return enrolment


@pytest.fixture
def modules(enrolment: Enrolment) -> list[int]:
    return list(db.session.scalars(db.select(Module.id).order_by(Module.id)))


def credited(enrolment: Enrolment, module_id: int) -> int:
    query = db.select(Progress.credited_ms).where(
        Progress.account_id == enrolment.account_id, Progress.module_id == module_id
    )
    return db.session.scalar(query) or 0


def test_two_pages_at_once_are_credited_with_one_time(
    enrolment: Enrolment, modules: list[int], moved_clock: MovableClock
) -> None:
    for _ in range(4):
        for module_id in (*modules, modules[0]):
            progress.credit(enrolment.account_id, module_id, QUARTER, at_end=False)
        moved_clock.forward(seconds=15)

    assert sum(credited(enrolment, module_id) for module_id in modules) <= 45_000


def test_a_page_that_was_away_is_credited_with_what_it_was_visible_for(
    enrolment: Enrolment, modules: list[int], moved_clock: MovableClock
) -> None:
    progress.credit(enrolment.account_id, modules[0], QUARTER, at_end=False)
    moved_clock.forward(hours=8)
    progress.credit(enrolment.account_id, modules[0], timedelta(seconds=4), at_end=False)
    moved_clock.forward(hours=8)
    progress.credit(enrolment.account_id, modules[0], timedelta(hours=8), at_end=False)

    assert credited(enrolment, modules[0]) == 4_000 + crediting.LONGEST_GAP.seconds * 1000


def test_a_module_is_done_when_its_time_and_its_end_are_reached_and_stays_done(
    enrolment: Enrolment, modules: list[int], moved_clock: MovableClock
) -> None:
    def beat(*, at_end: bool) -> bool:
        moved_clock.forward(seconds=15)
        return progress.credit(enrolment.account_id, modules[0], QUARTER, at_end=at_end).is_done

    assert [beat(at_end=False) for _ in range(3)] == [False, False, False], "enough time, not to the end"
    assert beat(at_end=True)
    assert beat(at_end=False)


def test_all_modules_done_make_the_enrolment_studied_at_that_moment(
    enrolment: Enrolment, modules: list[int], moved_clock: MovableClock
) -> None:
    for module_id in modules:
        for _ in range(4):
            progress.credit(enrolment.account_id, module_id, QUARTER, at_end=True)
            moment = moved_clock.moment
            db.session.refresh(enrolment)
            if enrolment.studied_at:
                break
            moved_clock.forward(seconds=15)

    assert enrolment.studied_at == moment
    assert enrolment.completed_at is None


def test_nothing_is_credited_after_the_campaign_or_in_a_module_of_another_role(
    enrolment: Enrolment, modules: list[int], moved_clock: MovableClock
) -> None:
    other = builders.make_module(builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL))
    with pytest.raises(progress.NothingToCredit):
        progress.credit(enrolment.account_id, other.id, QUARTER, at_end=False)
    progress.credit(enrolment.account_id, modules[0], QUARTER, at_end=False)
    moved_clock.forward(days=30)
    with pytest.raises(progress.NothingToCredit):
        progress.credit(enrolment.account_id, modules[0], QUARTER, at_end=False)

    assert credited(enrolment, modules[0]) == 0


@pytest.mark.parametrize(
    "body",
    ["[]", "{}", '{"visible_ms": -1, "at_end": false}', '{"visible_ms": "15000", "at_end": false}',
     '{"visible_ms": 15000, "at_end": "yes"}', "not json"],
)  # fmt: skip
def test_a_heartbeat_that_makes_no_sense_is_refused(
    app: Flask, enrolment: Enrolment, modules: list[int], body: str
) -> None:
    account = db.session.get_one(Account, enrolment.account_id)
    client: FlaskClient = sign_in(app, account)
    headers = {
        "X-CSRFToken": token(client.get(f"/modules/{modules[0]}").text),
        "Content-Type": "application/json",
    }
    answer = client.post(f"/modules/{modules[0]}/beats", data=body, headers=headers)

    assert answer.status_code == 422
