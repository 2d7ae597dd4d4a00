"""The first page after signing in."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import policy
from quizapp.accounts.policy import Action, may, requires, signed_in
from quizapp.home import queries

blueprint = Blueprint("home", __name__)

#: Where staff begin, by what they may do.
STAFF_PAGES = {
    Action.SEE_COVERAGE: "coverage.index",
    Action.SEE_ENTERPRISES: "roster.index",
    Action.SEE_BANKS: "bank.index",
}


@blueprint.get("/")
@requires(Action.STUDY)
def index() -> str | Response:
    """Show where the learner stands; staff who need not study go on to their work."""
    standings = queries.standings(signed_in().id, clock.now())
    first = next((endpoint for action, endpoint in STAFF_PAGES.items() if may(action)), None)
    if not standings and (duty_page := policy.duty_page()):
        return redirect(duty_page)
    if not standings and first:
        return redirect(url_for(first))
    return render_template("home/index.html", standings=standings)


@blueprint.get("/me")
@requires(Action.SEE_OWN_ACCOUNT)
def me() -> str:
    """Show the account with its posts' tracks, the language and the way out."""
    return render_template("home/me.html", standings=queries.standings(signed_in().id, clock.now()))
