"""How papers are drawn: shown, changed, tried."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import Difficulty, QuestionType
from quizapp.bank.wording import LETTERS
from quizapp.campaigns.queries import get_track
from quizapp.errors import AppError, Invalid, NotAllowed, NotFound
from quizapp.extensions import db
from quizapp.messages import M, Message
from quizapp.quiz import blueprints, samples
from quizapp.quiz.blueprint_forms import Draft, draft_of, read_draft, read_seed, rearranged
from quizapp.quiz.grading import Scoring
from quizapp.web.language import gettext

blueprint = Blueprint("blueprints", __name__, url_prefix="/blueprints")


@blueprint.get("")
@requires(Action.SEE_BLUEPRINTS)
def index() -> str:
    """Show the rules and sections of every track."""
    return render_template(
        "quiz/blueprints.html", papers=blueprints.papers(), banks=bank_queries.bank_names()
    )


@blueprint.get("/<int:track_id>/edit")
@requires(Action.EDIT_BLUEPRINTS)
def edit(track_id: int) -> str:
    """Ask for other rules and sections."""
    _whole_district()
    paper = blueprints.get_paper(track_id)
    draft = draft_of(paper, blueprints.mark(paper), bank_queries.bank_names())
    return _edit_page(track_id, draft)


@blueprint.post("/<int:track_id>")
@requires(Action.EDIT_BLUEPRINTS)
def change(track_id: int) -> str | Response | tuple[str, int]:
    """Save the whole draft, check it, or only rearrange its rows, as the button says."""
    _whole_district()
    draft = read_draft(request.form)
    act = request.form.get("do", "")
    if act == "save":
        return _save(track_id, draft)
    if act == "check":
        return _edit_page(track_id, draft, _checked(track_id, draft))
    banks = list(bank_queries.bank_names().values())
    return _edit_page(track_id, rearranged(draft, act, banks[0].slug if banks else ""))


def _save(track_id: int, draft: Draft) -> Response | tuple[str, int]:
    try:
        sections = draft.sections(bank_queries.bank_names())
        changed = blueprints.change(policy.actor(), track_id, draft.rules(), sections, seen=draft.seen)
    except NotFound:
        raise
    except AppError as refusal:
        db.session.rollback()
        return _edit_page(track_id, draft, refusal.message, is_refused=True), refusal.status
    db.session.commit()
    flash(_("已保存。已经开始的答题不受影响。") if changed else _("没有改动。"))
    return redirect(url_for("blueprints.index"))


def _checked(track_id: int, draft: Draft) -> Message:
    """Return what saving would say, without saving."""
    try:
        draft.rules()
        sections = draft.sections(bank_queries.bank_names())
        blueprints.check(sections)
    except Invalid as refusal:
        return refusal.message
    paper = blueprints.planned_paper(get_track(track_id), sections)
    if paper.shortfalls:
        return blueprints.FallsShort(paper.shortfalls).message
    return M("题库足够，可以保存。")


def _edit_page(track_id: int, draft: Draft, said: Message | None = None, *, is_refused: bool = False) -> str:
    banks = bank_queries.bank_names()
    track = get_track(track_id)
    try:
        paper = blueprints.planned_paper(track, draft.sections(banks))
    except Invalid:  # a field is half filled in
        paper = None
    return render_template(
        "quiz/blueprint_form.html",
        track=track,
        draft=draft,
        paper=paper,
        short={gap.place: gap for gap in paper.shortfalls} if paper else {},
        said=said.render(gettext) if said else "",
        is_refused=is_refused,
        banks=banks.values(),
        types=list(QuestionType),
        difficulties=list(Difficulty),
        scorings=list(Scoring),
        tags=bank_queries.all_tags(),
    )


@blueprint.get("/<int:track_id>/sample")
@requires(Action.SEE_BLUEPRINTS)
def sample(track_id: int) -> str:
    """Show a paper as it could be drawn, with what is right. Nobody's attempt, kept nowhere."""
    paper = samples.draw_sample(track_id, read_seed(request.args))
    return render_template("quiz/sample.html", paper=paper, LETTERS=LETTERS)


def _whole_district() -> None:
    """Papers are the whole district's: a grant for a part of it does not change them."""
    if not policy.scope_for(Action.EDIT_BLUEPRINTS).is_a_district:
        raise NotAllowed(M("组卷规则只对全区范围的权限开放修改。"))
