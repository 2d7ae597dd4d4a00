"""What a learner may not do, and what a bad network may do to nobody."""

from __future__ import annotations

import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from quizapp.accounts.models import Account
from quizapp.audit.models import AuditEntry
from quizapp.bank.models import QuestionRevision
from quizapp.campaigns.models import Enrolment
from quizapp.extensions import db
from quizapp.quiz.models import Attempt
from tests import builders
from tests.conftest import MovableClock
from tests.pages import begin_quiz, sign_in, token


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    track = builders.make_track(builders.make_campaign())
    builders.make_quiz(track)
    enrolment = builders.make_learner(track)
    db.session.commit()
    return enrolment


@pytest.fixture
def client(app: Flask, enrolment: Enrolment) -> FlaskClient:
    return sign_in(app, db.session.get_one(Account, enrolment.account_id))


@pytest.fixture
def paper(client: FlaskClient, enrolment: Enrolment) -> str:
    """The address of an open attempt."""
    return begin_quiz(client, enrolment.track_id)


def attempt_at(paper: str) -> Attempt:
    db.session.rollback()
    return db.session.get_one(Attempt, int(paper.rsplit("/", 1)[1]), populate_existing=True)


def csrf(client: FlaskClient) -> dict[str, str]:
    return {"X-CSRFToken": token(client.get("/me").text)}


def test_the_paper_holds_no_key_before_it_is_handed_in(client: FlaskClient, paper: str) -> None:
    page = client.get(paper).text
    saved = client.post(
        f"{paper}/answers", json={"place": 0, "sequence": 1, "choice": [0]}, headers=csrf(client)
    ).text

    for revision in db.session.scalars(select(QuestionRevision)):
        assert revision.explanation not in page + saved
    assert "第五十五条" not in page
    assert not re.search(r"data-(key|right|answer)|correct", page + saved)
    assert client.get(f"{paper}/result").location == paper


def test_somebody_elses_paper_is_not_there(app: Flask, client: FlaskClient, paper: str) -> None:
    stranger_account = builders.make_account("别人")
    db.session.commit()
    stranger = sign_in(app, stranger_account)
    headers = csrf(stranger)
    answer = {"place": 0, "sequence": 9, "choice": [0]}

    assert stranger.get(paper).status_code == 404
    assert stranger.get(f"{paper}/result").status_code == 404
    assert stranger.post(f"{paper}/answers", json=answer, headers=headers).status_code == 404
    assert stranger.post(f"{paper}/submission", headers=headers).status_code == 404
    attempt = attempt_at(paper)
    assert attempt.closed_at is None
    assert attempt.answers == {}


@pytest.mark.parametrize("number", ["0", "99999", "9" * 30, "-1", "1e3", "x"])
def test_a_tampered_number_is_not_there(client: FlaskClient, paper: str, number: str) -> None:
    assert client.get(f"/attempts/{number}").status_code == 404


@pytest.mark.parametrize(
    "answer",
    [
        {"place": 99, "sequence": 1, "choice": [0]},
        {"place": -1, "sequence": 1, "choice": [0]},
        {"place": 0, "sequence": 1, "choice": [9]},
        {"place": 0, "sequence": 1, "choice": [-1]},
        {"place": 0, "sequence": 1, "choice": [0, 0]},
        {"place": 0, "sequence": True, "choice": [0]},
        {"place": 0, "sequence": 1, "choice": "A"},
        {"place": "0", "sequence": 1, "choice": [0]},
        [],
        None,
    ],
)
def test_an_answer_that_is_not_on_the_paper_changes_nothing(
    client: FlaskClient, paper: str, answer: object
) -> None:
    reply = client.post(f"{paper}/answers", json=answer, headers=csrf(client))

    assert reply.status_code == 422
    assert attempt_at(paper).answers == {}


def test_an_older_answer_never_overwrites_a_newer_one(client: FlaskClient, paper: str) -> None:
    headers = csrf(client)

    def save(sequence: int, choice: int) -> dict[str, object]:
        answer = {"place": 0, "sequence": sequence, "choice": [choice]}
        return dict(client.post(f"{paper}/answers", json=answer, headers=headers).json or {})

    assert save(2, 1)["accepted"]
    late = save(1, 0)
    again = save(2, 0)

    assert (late["accepted"], late["choice"]) == (False, [1])
    assert (again["accepted"], again["choice"]) == (False, [1])


def test_after_the_deadline_nothing_is_taken_and_what_was_saved_is_graded(
    client: FlaskClient, paper: str, moved_clock: MovableClock
) -> None:
    headers = csrf(client)
    client.post(f"{paper}/answers", json={"place": 0, "sequence": 1, "choice": [0]}, headers=headers)
    moved_clock.forward(minutes=30, seconds=6)
    late = client.post(f"{paper}/answers", json={"place": 1, "sequence": 1, "choice": [0]}, headers=headers)
    form = {"csrf_token": headers["X-CSRFToken"], "answer-1": "0", "sequence-1": "1"}
    client.post(f"{paper}/submission", data=form)

    attempt = attempt_at(paper)
    assert late.status_code == 409
    assert set(attempt.answers) == {"0"}
    assert attempt.closed_by == "deadline"


def test_a_page_without_scripts_hands_in_all_its_answers(client: FlaskClient, paper: str) -> None:
    page = client.get(paper).text
    form = {"csrf_token": token(page)}
    for place, item in enumerate(attempt_at(paper).paper):
        form[f"answer-{place}"] = [str(shown) for shown in builders.right_choice(item)]  # type: ignore[assignment]
        form[f"sequence-{place}"] = "1"

    answer = client.post(f"{paper}/submission", data=form)

    assert "合格 · 100 分" in client.get(answer.location).text


def test_handed_in_by_ten_requests_at_once_it_is_graded_once(
    app: Flask, client: FlaskClient, paper: str
) -> None:
    form = {"csrf_token": csrf(client)["X-CSRFToken"]}
    cookie = client.get_cookie("session")
    assert cookie
    statuses: list[int] = []

    def hand_in() -> None:
        other = app.test_client()
        other.set_cookie("session", cookie.value)
        with app.app_context():
            statuses.append(other.post(f"{paper}/submission", data=form).status_code)

    db.session.rollback()
    threads = [threading.Thread(target=hand_in) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302] * 10
    assert attempt_at(paper).closed_by == "learner"
    assert db.session.query(Attempt).count() == 1
    assert db.session.query(AuditEntry).filter_by(action="account.sign_in").count() == 1
