"""The quiz: rules, paper, answers, result."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts.policy import Action, requires, signed_in
from quizapp.bank.wording import LETTERS
from quizapp.campaigns.queries import get_own_track, own_tracks
from quizapp.extensions import db
from quizapp.quiz import attempts, queries
from quizapp.quiz.forms import read_answer, read_sheet
from quizapp.quiz.reviews import by_topic

blueprint = Blueprint("quiz", __name__)


@blueprint.get("/tracks/<int:track_id>/quiz")
@requires(Action.TAKE_QUIZ)
def rules(track_id: int) -> str:
    """Say the rules before a sitting, with the sittings so far."""
    account_id = signed_in().id
    track = get_own_track(account_id, track_id)
    return render_template(
        "quiz/rules.html",
        track=track,
        is_running=track.is_open(clock.now()),
        size=queries.paper_sizes([track_id]).get(track_id),
        attempts=queries.own_attempts(account_id, track_id),
    )


@blueprint.post("/tracks/<int:track_id>/attempts")
@requires(Action.TAKE_QUIZ)
def start(track_id: int) -> Response:
    """Open an attempt, or go on with the one that is open."""
    account_id = signed_in().id
    try:
        attempt_id = attempts.start(account_id, track_id).id
    except attempts.AttemptOpen:
        db.session.rollback()
        open_id = queries.find_open_attempt(account_id, track_id)
        if open_id is None:
            raise
        attempt_id = open_id
    db.session.commit()
    return redirect(url_for("quiz.take", attempt_id=attempt_id))


@blueprint.get("/attempts/<int:attempt_id>")
@requires(Action.TAKE_QUIZ)
def take(attempt_id: int) -> str | Response:
    """Show the paper with what was saved; a closed one leads to its result."""
    sitting = queries.get_sitting(signed_in().id, attempt_id)
    if sitting.is_closed:
        return redirect(url_for("quiz.result", attempt_id=attempt_id))
    seconds_left = int((sitting.deadline_at - clock.now()).total_seconds())
    return render_template(
        "quiz/take.html", sitting=sitting, seconds_left=max(0, seconds_left), LETTERS=LETTERS
    )


@blueprint.post("/attempts/<int:attempt_id>/answers")
@requires(Action.TAKE_QUIZ)
def save(attempt_id: int) -> Response:
    """Keep one answer; the reply says what is held now."""
    answer = read_answer(request.get_json(silent=True))
    saved = attempts.save(signed_in().id, attempt_id, answer)
    db.session.commit()
    return jsonify(
        place=saved.place,
        sequence=saved.sequence,
        choice=saved.shown,
        texts=saved.texts,
        accepted=saved.accepted,
        seconds_left=saved.seconds_left,
    )


@blueprint.post("/attempts/<int:attempt_id>/submission")
@requires(Action.TAKE_QUIZ)
def submit(attempt_id: int) -> Response:
    """Hand the attempt in, once, and go on to its result."""
    attempts.submit(signed_in().id, attempt_id, read_sheet(request.form))
    db.session.commit()
    return redirect(url_for("quiz.result", attempt_id=attempt_id))


@blueprint.get("/attempts/<int:attempt_id>/result")
@requires(Action.TAKE_QUIZ)
def result(attempt_id: int) -> str | Response:
    """Show a closed attempt: score, what was wrong, why, and the article of law."""
    account_id = signed_in().id
    review = queries.get_review(account_id, attempt_id)
    if review is None:
        return redirect(url_for("quiz.take", attempt_id=attempt_id))
    tracks = own_tracks(account_id, review.summary.track_id)  # none when the post has ended since
    return render_template(
        "quiz/result.html",
        review=review,
        track=tracks[0] if tracks else None,
        topics=by_topic(review.questions),
        wrong=[question for question in review.questions if not question.is_right],
        LETTERS=LETTERS,
    )


@blueprint.get("/attempts")
@requires(Action.TAKE_QUIZ)
def index() -> str:
    """List the account's attempts."""
    return render_template("quiz/index.html", attempts=queries.own_attempts(signed_in().id))
