"""How the items of a bank did: listed, one by one, as a file."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from quizapp import clock
from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import QuestionType
from quizapp.clock import DISTRICT_TIME
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.quiz import analyses, analysis_listing
from quizapp.quiz.analysis_listing import CONCERN_NAMES, LETTERS, SORTS, Asked, ItemRow
from quizapp.quiz.item_analysis import FEWEST, Concern
from quizapp.web.display import TYPE_NAMES
from quizapp.web.exports import csv_response, xlsx_response
from quizapp.web.language import gettext
from quizapp.web.pages import PER_PAGE, Page, asked_page

blueprint = Blueprint("analysis", __name__, url_prefix="/banks/<slug>/analysis")

FILTERS = ("text", "type", "concern", "sort", "order")
LONGEST_TEXT = 60


def _chosen() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:LONGEST_TEXT] for name in FILTERS}


def _asked(chosen: dict[str, str]) -> Asked:
    return Asked(
        text=chosen["text"],
        type=QuestionType(chosen["type"]) if chosen["type"] in set(QuestionType) else None,
        concern=Concern(chosen["concern"]) if chosen["concern"] in set(Concern) else None,
        sort=chosen["sort"] if chosen["sort"] in SORTS else SORTS[0],
        is_descending=chosen["order"] == "down",
    )


@blueprint.get("")
@requires(Action.SEE_BANKS)
def index(slug: str) -> str:
    """List the items with their figures, filtered and ordered by what stands in the address."""
    bank = bank_queries.get_bank(slug)
    chosen, number = _chosen(), asked_page()
    asked = _asked(chosen)
    found = analyses.find_analysis(bank.id)
    rows = analysis_listing.selected(found.rows, asked) if found else []
    start = (number - 1) * PER_PAGE
    return render_template(
        "quiz/analysis.html",
        bank=bank,
        analysis=found,
        progress=analyses.progress_of(bank.id),
        page=Page(rows[start : start + PER_PAGE], len(rows), number),
        chosen=chosen,
        asked=asked,
        given={name: value for name, value in chosen.items() if value},
        types=list(QuestionType),
        concerns=list(Concern),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"concern_names": CONCERN_NAMES, "LETTERS": LETTERS, "fewest": FEWEST}


@blueprint.post("")
@requires(Action.SEE_BANKS)
def count(slug: str) -> AnyResponse:
    """Ask for the figures to be counted anew."""
    bank_id = bank_queries.get_bank(slug).id
    db.session.commit()
    analyses.ask(bank_id)
    return redirect(url_for("analysis.index", slug=slug))


@blueprint.get("/progress")
@requires(Action.SEE_BANKS)
def progress(slug: str) -> dict[str, object]:
    """Say how far the count is."""
    so_far = analyses.progress_of(bank_queries.get_bank(slug).id)
    return {
        "state": "counting" if so_far else "counted",
        "step": so_far.step.value if so_far else "",
        "percent": so_far.percent if so_far else 0,
        "silent": bool(so_far and so_far.is_silent),
    }


@blueprint.get("/<int:question_id>")
@requires(Action.SEE_BANKS)
def question(slug: str, question_id: int) -> str:
    """Show one question, option by option and revision by revision."""
    bank = bank_queries.get_bank(slug)
    revisions = bank_queries.all_revisions(bank.id, question_id)
    if not revisions:
        raise NotFound
    found = analyses.find_analysis(bank.id)
    rows = [row for row in found.rows if row.question_id == question_id] if found else []
    return render_template(
        "quiz/analysis_question.html",
        bank=bank,
        analysis=found,
        latest=revisions[-1],
        rows=rows,
        options_of=_options_of(revisions[-1].content),
        **_words(),
    )


def _options_of(content: Any) -> Any:
    return lambda row: (content if row.part is None else content.parts[row.part]).options


@blueprint.post("/export")
@requires(Action.SEE_BANKS)
def export(slug: str) -> Response:
    """Give exactly the items that the filters in the address select, as .csv or .xlsx, and record it."""
    bank = bank_queries.get_bank(slug)
    chosen, kind = _chosen(), request.form.get("format", "")
    as_file = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if as_file is None:
        abort(400)
    found = analyses.find_analysis(bank.id)
    rows: list[ItemRow] = analysis_listing.selected(found.rows, _asked(chosen)) if found else []
    given = {name: value for name, value in chosen.items() if value}
    analyses.record_export(policy.actor(), slug, kind=kind, given=given)
    db.session.commit()
    name = f"{_('试题分析')}-{slug}-{clock.now().astimezone(DISTRICT_TIME):%Y%m%d-%H%M%S}"
    headings = [heading.render(gettext) for heading in analysis_listing.HEADINGS]
    lines = stream_with_context(analysis_listing.lines(rows, TYPE_NAMES, gettext))  # type: ignore[type-var]  # Flask passes any rows on
    return as_file(name, headings, lines)
