"""How many SQL statements a request costs: counted, so that it can only grow knowingly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.campaigns.models import Enrolment
from quizapp.directory.roles import JobRole, Scale
from quizapp.extensions import db
from quizapp.quiz.models import Attempt
from tests import builders
from tests.conftest import MovableClock
from tests.pages import begin_quiz, sign_in, token

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET ")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL that is sent meanwhile, without what only opens and ends transactions."""
    sent: list[str] = []

    def collect(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if not sql.lstrip().upper().startswith(TRANSACTION_WORDS):
            sent.append(sql)

    event.listen(db.engine, "before_cursor_execute", collect)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", collect)


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    track = builders.make_track(builders.make_campaign())
    builders.make_quiz(track)
    for _ in range(3):
        builders.make_module(track, min_seconds=30)
    enrolment = builders.make_learner(track)
    db.session.commit()
    return enrolment


@pytest.fixture
def client(app: Flask, enrolment: Enrolment) -> FlaskClient:
    account = db.session.get(Account, enrolment.account_id)
    assert account
    return sign_in(app, account)


def test_a_heartbeat_costs_three_statements(client: FlaskClient, moved_clock: MovableClock) -> None:
    home = client.get("/").text
    module_id = int(home.split("/modules/")[1].split('"')[0])
    headers = {"X-CSRFToken": token(client.get(f"/modules/{module_id}").text)}

    def beat(*, at_end: bool) -> list[str]:
        moved_clock.forward(seconds=15)
        with statements() as sent:
            answer = client.post(
                f"/modules/{module_id}/beats", json={"visible_ms": 15000, "at_end": at_end}, headers=headers
            )
        assert answer.status_code == 200
        return sent

    assert len(beat(at_end=False)) == 3, "the first: account, progress, begin"
    assert len(beat(at_end=False)) == 3, "account, progress, credit"
    finishing = beat(at_end=True)
    assert len(finishing) == 4, "once a module, the enrolments learn that a track may be studied"
    assert "enrolments" in finishing[-1]
    assert len(beat(at_end=True)) == 3


def start(client: FlaskClient, enrolment: Enrolment) -> tuple[Attempt, dict[str, str]]:
    paper = begin_quiz(client, enrolment.track_id)
    attempt = db.session.get(Attempt, int(paper.rsplit("/", 1)[1]))
    assert attempt
    return attempt, {"X-CSRFToken": token(client.get(paper).text)}


def test_a_save_costs_three_statements_and_a_submission_no_more_than_eight(
    client: FlaskClient, enrolment: Enrolment
) -> None:
    attempt, headers = start(client, enrolment)
    attempt_id, paper = attempt.id, attempt.paper
    for place, item in enumerate(paper):
        with statements() as sent:
            answer = client.post(
                f"/attempts/{attempt_id}/answers",
                json={"place": place, "sequence": 1, "choice": builders.right_choice(item)},
                headers=headers,
            )
        assert answer.status_code == 200
        assert len(sent) == 3, "account, attempt, answers"

    with statements() as sent:
        answer = client.post(
            f"/attempts/{attempt_id}/submission", data={"csrf_token": headers["X-CSRFToken"]}
        )

    assert answer.status_code == 302
    assert len(sent) <= 8
    again = db.session.get(Attempt, attempt_id)
    assert again
    assert again.passed


def people(enterprises: int, role: JobRole = JobRole.KEY_POST) -> None:
    track = builders.make_track(builders.make_campaign(), role)
    builders.make_quiz(track)
    region = builders.make_region()
    for _ in range(enterprises):
        enterprise = builders.make_enterprise(region, Scale.ABOVE)
        for _ in range(2):
            builders.make_enrolment(builders.make_account(), track, enterprise)
    db.session.commit()


@pytest.mark.parametrize(
    "path", ["/coverage", "/coverage/list", "/coverage/enterprises", "/banks", "/blueprints"]
)
def test_a_list_costs_as_many_statements_for_thirty_rows_as_for_two(app: Flask, path: str) -> None:
    staff = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    people(1)
    client = sign_in(app, staff)
    with statements() as few:
        assert client.get(path).status_code == 200
    people(15)
    with statements() as many:
        assert client.get(path).status_code == 200

    assert len(few) == len(many)
    assert len(many) <= 10


def test_the_home_page_costs_as_many_statements_for_two_tracks_as_for_one(
    app: Flask, client: FlaskClient, enrolment: Enrolment
) -> None:
    with statements() as one:
        client.get("/")
    campaign_id = enrolment.campaign_id
    track = builders.make_track(builders.make_campaign(), JobRole.PRINCIPAL)
    builders.make_quiz(track)
    account = db.session.get(Account, enrolment.account_id)
    assert account
    builders.make_enrolment(account, track, builders.make_enterprise(builders.make_region(), Scale.BELOW))
    db.session.commit()
    with statements() as two:
        client.get("/")

    assert track.campaign_id != campaign_id
    assert len(one) == len(two)


def test_the_analysis_of_a_bank_costs_as_many_statements_for_forty_questions_as_for_two(app: Flask) -> None:
    staff = builders.make_staff(GrantKind.CONTENT_EDITOR)
    bank = builders.make_bank()
    for _ in range(2):
        builders.make_question(bank)
    db.session.commit()
    client, page = sign_in(app, staff), f"/banks/{bank.slug}/analysis"

    def counted() -> list[str]:
        client.post(page, data={"csrf_token": token(client.get(page).text)})
        with statements() as sent:
            assert client.get(page).text.count('class="item-stem"') >= 2
        return sent

    few = counted()
    for _ in range(38):
        builders.make_question(bank)
    db.session.commit()

    assert len(counted()) == len(few) <= 4
