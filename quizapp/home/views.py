"""The first page after signing in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts.policy import Action, may, requires, signed_in
from quizapp.home import queries

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Action.STUDY)
def index() -> str | Response:
    """Show where the learner stands; staff who need not study go on to the coverage."""
    standings = queries.standings(signed_in().id, clock.now())
    if not standings and may(Action.SEE_COVERAGE):
        return redirect(url_for("coverage.index"))
    return render_template("home/index.html", standings=standings)


@blueprint.get("/me")
@requires(Action.SEE_OWN_ACCOUNT)
def me() -> str:
    """Show the account with its posts' tracks, the language and the way out."""
    return render_template("home/me.html", standings=queries.standings(signed_in().id, clock.now()))
