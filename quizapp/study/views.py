"""Reading a module and being credited for it."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from quizapp.accounts.policy import Action, requires, signed_in
from quizapp.extensions import db
from quizapp.files import store
from quizapp.study import progress, queries
from quizapp.study.forms import read_beat
from quizapp.study.kinds import ModuleKind
from quizapp.study.rendering import render

blueprint = Blueprint("study", __name__)


@blueprint.get("/modules/<int:module_id>")
@requires(Action.STUDY)
def module(module_id: int) -> str:
    """Show a module of one of the account's tracks."""
    reading = queries.get_reading(signed_in().id, module_id)
    article = Markup(render(reading.body))  # noqa: S704 - sanitised by nh3
    again = queries.reason_to_look_again(signed_in().id, reading)
    pages = store.pages_of(reading.file_digest) if reading.kind is ModuleKind.DOCUMENT else []
    return render_template("study/module.html", reading=reading, article=article, again=again, pages=pages)


@blueprint.post("/modules/<int:module_id>/beats")
@requires(Action.STUDY)
def beat(module_id: int) -> Response:
    """Credit a heartbeat; answer with where the module stands."""
    sent = read_beat(request.get_json(silent=True))
    state = progress.credit(signed_in().id, module_id, sent.claimed, at_end=sent.at_end)
    db.session.commit()
    return jsonify(credited_ms=state.credited_ms, min_seconds=state.min_seconds, is_done=state.is_done)
