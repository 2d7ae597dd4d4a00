"""An attempt's life through the pages' own operations, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from quizapp.campaigns.models import Enrolment
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.quiz import attempts, overdue, queries
from quizapp.quiz.answers import Answer, NotOnThePaper
from quizapp.quiz.models import Attempt
from tests import builders
from tests.conftest import MovableClock


@pytest.fixture
def learner(app: Flask) -> Iterator[Enrolment]:
    track = builders.make_track(builders.make_campaign())
    builders.make_quiz(track)
    builders.make_module(track)
    enterprise = builders.make_enterprise(builders.make_region())
    builders.make_enrolment(builders.make_account("别人"), track, enterprise)
    enrolment = builders.make_enrolment(builders.make_account(), track, enterprise)
    db.session.commit()
    yield enrolment


def answer_all(attempt: Attempt, *, right: bool) -> None:
    for place, item in enumerate(attempt.paper):
        shown = tuple(builders.right_choice(item) if right else [item["order"].index(0)])
        attempts.save(attempt.account_id, attempt.id, Answer(place, 1, shown))


def test_a_pass_is_recorded_with_its_proof_and_completes_what_was_studied(learner: Enrolment) -> None:
    learner.studied_at = learner.enrolled_at
    attempt = attempts.start(learner.account_id, learner.track_id)
    answer_all(attempt, right=True)

    attempts.submit(learner.account_id, attempt.id)
    db.session.commit()

    db.session.refresh(learner)
    assert attempt.passed
    assert learner.attempt_id == attempt.id
    assert learner.completed_at == learner.passed_at == attempt.closed_at


def test_a_submission_sent_twice_is_graded_once(learner: Enrolment, moved_clock: MovableClock) -> None:
    attempt = attempts.start(learner.account_id, learner.track_id)
    attempts.submit(learner.account_id, attempt.id)
    closed_at = attempt.closed_at
    moved_clock.forward(seconds=3)

    again = attempts.submit(learner.account_id, attempt.id)

    assert again.closed_at == closed_at


def test_after_the_deadline_and_its_grace_nothing_is_taken_and_what_was_saved_is_graded(
    learner: Enrolment, moved_clock: MovableClock
) -> None:
    attempt = attempts.start(learner.account_id, learner.track_id)
    answer_all(attempt, right=True)
    db.session.commit()
    moved_clock.moment = attempt.deadline_at + attempts.GRACE
    attempts.save(learner.account_id, attempt.id, Answer(0, 2, (0,)))
    db.session.commit()
    moved_clock.forward(seconds=1)

    with pytest.raises(attempts.DeadlinePassed):
        attempts.save(learner.account_id, attempt.id, Answer(1, 2, (0,)))
    db.session.rollback()
    swept = overdue.sweep()

    db.session.refresh(attempt)
    assert swept == overdue.Swept(1, ())
    assert attempt.closed_by == "deadline"
    assert attempt.points is not None


def test_an_answer_that_is_not_on_the_paper_is_refused(learner: Enrolment) -> None:
    attempt = attempts.start(learner.account_id, learner.track_id)
    for answer in (Answer(99, 1, (0,)), Answer(0, 1, (9,)), Answer(0, 0, (0,)), Answer(0, 1, (0, 1))):
        with pytest.raises(NotOnThePaper):
            attempts.save(learner.account_id, attempt.id, answer)


def test_somebody_elses_attempt_is_not_found(learner: Enrolment) -> None:
    attempt = attempts.start(learner.account_id, learner.track_id)
    stranger = builders.make_account("陌生人")

    for act in (attempts.submit, queries.get_sitting, queries.get_review):
        with pytest.raises(NotFound):
            act(stranger.id, attempt.id)


def test_the_limit_holds(learner: Enrolment) -> None:
    for _ in range(2):
        attempts.submit(learner.account_id, attempts.start(learner.account_id, learner.track_id).id)

    with pytest.raises(attempts.NoAttemptsLeft):
        attempts.start(learner.account_id, learner.track_id)


def test_fifty_parallel_starts_leave_one_attempt(learner: Enrolment, app: Flask) -> None:
    outcomes: list[str] = []

    def start() -> None:
        with app.app_context():
            try:
                attempts.start(learner.account_id, learner.track_id)
                db.session.commit()
                outcomes.append("started")
            except attempts.AttemptOpen:
                db.session.rollback()
                outcomes.append("open")

    threads = [threading.Thread(target=start) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["open"] * 49 + ["started"]
    assert len(queries.own_attempts(learner.account_id)) == 1
