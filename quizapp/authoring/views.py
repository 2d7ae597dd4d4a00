"""Questions one by one: shown, written, revised, retired; keys corrected; what learners report."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.policy import Action, requires, signed_in
from quizapp.authoring import forms, queries, reports
from quizapp.authoring.differences import differences
from quizapp.authoring.kinds import ReportKind, ReportState
from quizapp.authoring.revisions import Save, key_effect, save_question
from quizapp.bank import queries as bank_queries
from quizapp.bank import revising
from quizapp.bank.questions import MOST_OPTIONS, MOST_PARTS, QuestionContent, QuestionState, QuestionType
from quizapp.bank.wording import LETTERS, accepted
from quizapp.directory.roles import JobRole
from quizapp.errors import AppError, Invalid, NotFound
from quizapp.extensions import db
from quizapp.files import store
from quizapp.files.reading import read_picture
from quizapp.files.references import refer
from quizapp.messages import M
from quizapp.quiz import queries as quiz_queries
from quizapp.web.addresses import keys_in
from quizapp.web.pages import asked_page

blueprint = Blueprint("authoring", __name__)

#: Where an uploaded picture can go.
PICTURE_PLACES = ("stem", "explanation", *(f"option-{place}" for place in range(MOST_OPTIONS)))


@blueprint.get("/questions/<int:question_id>")
@requires(Action.SEE_BANKS)
def show(question_id: int) -> str:
    """Show a question as it stands, its history, its regrades and what was reported about it."""
    question = bank_queries.get_question(question_id)
    history = bank_queries.history(question_id)
    contents = [bank_queries.content_of(revision, question.code) for revision in history]
    authors = {revision.created_by for revision in history if revision.created_by}
    return render_template(
        "authoring/show.html",
        question=question,
        bank=bank_queries.get_bank_by_id(question.bank_id),
        content=contents[0],
        history=[
            (revision, differences(before, after) if before else None)
            for revision, after, before in zip(history, contents, [*contents[1:], None], strict=True)
        ],
        names=account_queries.names_by_id(authors),
        regrades=quiz_queries.regrades_of(question_id),
        reports=queries.reports_of_question(question_id),
        LETTERS=LETTERS,
        accepted=accepted,
    )


@blueprint.get("/banks/<slug>/questions/new")
@requires(Action.EDIT_QUESTIONS)
def new(slug: str) -> str:
    """Ask for a new question of a type."""
    return _form_page(QuestionContent(type=_asked_type(), stem=""), slug=slug)


@blueprint.post("/banks/<slug>/questions/new")
@requires(Action.EDIT_QUESTIONS)
def create(slug: str) -> AnyResponse | tuple[str, int] | str:
    """Put a new question into the bank."""
    bank = bank_queries.get_bank(slug)
    content = QuestionContent(type=_asked_type(), stem="")
    try:
        content = _sent_content(content.type)
        if request.form.get("act") == "preview":
            db.session.commit()
            return _form_page(content, slug=slug, preview=True)
        question = revising.add_question(policy.actor(), bank.id, content)
    except AppError as refusal:
        db.session.rollback()
        return _form_page(content, slug=slug, refusal=refusal.message.render(_)), refusal.status
    db.session.commit()
    flash(_("已新增。"))
    return redirect(url_for("authoring.show", question_id=question.id))


@blueprint.get("/questions/<int:question_id>/edit")
@requires(Action.EDIT_QUESTIONS)
def edit(question_id: int) -> str:
    """Show a question to be revised."""
    question = bank_queries.get_question(question_id)
    revision = bank_queries.get_revision(question_id, question.revision)
    return _form_page(
        bank_queries.content_of(revision, question.code), question_id=question_id, seen=question.revision
    )


@blueprint.post("/questions/<int:question_id>/edit")
@requires(Action.EDIT_QUESTIONS)
def save(question_id: int) -> AnyResponse | tuple[str, int] | str:
    """Make the next revision; where its key differs and papers used the old one, first ask what to do."""
    question = bank_queries.get_question(question_id)
    revision = bank_queries.get_revision(question_id, question.revision)
    content = bank_queries.content_of(revision, question.code)
    seen = request.form.get("seen", type=int) or question.revision
    act = request.form.get("act", "")
    page: dict[str, Any] = {"question_id": question_id, "seen": seen}
    try:
        content = _sent_content(revision.type)
        if act == "preview":
            db.session.commit()
            return _form_page(content, **page, preview=True)
        effect = key_effect(question, content)
        if effect is not None and act not in {Save.REGRADE, Save.FROM_NOW_ON}:
            db.session.commit()
            return _form_page(content, **page, effect=effect)
        save_question(
            policy.actor(),
            question,
            content,
            seen=seen,
            regrade=act == Save.REGRADE,
            reason=request.form.get("reason", ""),
        )
    except AppError as refusal:
        db.session.rollback()
        return _form_page(content, **page, refusal=refusal.message.render(_)), refusal.status
    db.session.commit()
    flash(_("已保存。"))
    return redirect(url_for("authoring.show", question_id=question_id))


@blueprint.post("/questions/preview")
@requires(Action.EDIT_QUESTIONS)
def preview() -> str:
    """Show what a form holds as learners will see it; for the page's script."""
    content = forms.read_content(request.form, _asked_type())
    return render_template("authoring/_question.html", content=content, **_letters())


def _form_page(
    content: QuestionContent,
    *,
    slug: str = "",
    question_id: int | None = None,
    seen: int = 0,
    preview: bool = False,
    effect: object = None,
    refusal: str = "",
) -> str:
    question = bank_queries.get_question(question_id) if question_id else None
    bank = bank_queries.get_bank_by_id(question.bank_id) if question else bank_queries.get_bank(slug)
    return render_template(
        "authoring/edit.html",
        bank=bank,
        question=question,
        content=content,
        seen=seen,
        preview=preview,
        effect=effect,
        refusal=refusal,
        types=list(QuestionType),
        roles=list(JobRole),
        blanks_text=forms.blanks_text,
        most_options=MOST_OPTIONS,
        part_numbers=range(min(len(content.parts) + 1, MOST_PARTS)),
        picture_places=PICTURE_PLACES,
        tags=bank_queries.tags_of(bank.id),
        **_letters(),
    )


def _letters() -> dict[str, object]:
    return {"LETTERS": LETTERS, "accepted": accepted}


def _asked_type() -> QuestionType:
    asked = request.values.get("type", "")
    return QuestionType(asked) if asked in set(QuestionType) else QuestionType.SINGLE


def _sent_content(kind: QuestionType) -> QuestionContent:
    """Return the question in the form; an uploaded picture is kept and referred to where it shall stand."""
    form = request.form.copy()
    upload, place = request.files.get("picture"), form.get("picture-place", "stem")
    if upload and upload.filename and place in PICTURE_PLACES:
        picture = read_picture(upload.read())
        store.keep_pictures(policy.actor(), [picture])
        reference = refer(picture.digest, form.get("picture-shows", ""))
        form[place] = f"{form.get(place, '')}\n{reference}".strip()
    return forms.read_content(form, kind)


@blueprint.post("/questions/<int:question_id>/state")
@requires(Action.EDIT_QUESTIONS)
def set_state(question_id: int) -> AnyResponse:
    """Retire a question from all papers to come, or restore it."""
    question = bank_queries.get_question(question_id)
    state = request.form.get("state", "")
    if state not in set(QuestionState):
        raise Invalid(M("没有这种状态。"))
    revising.set_state(policy.actor(), question, QuestionState(state))
    db.session.commit()
    flash(_("已停用，以后的试卷不再抽到。") if state == QuestionState.RETIRED else _("已恢复。"))
    return redirect(url_for("authoring.show", question_id=question_id))


@blueprint.post("/banks/<slug>/tags")
@requires(Action.EDIT_QUESTIONS)
def tag_many(slug: str) -> AnyResponse:
    """Give the ticked questions tags, or take them away."""
    bank = bank_queries.get_bank(slug)
    ticked = keys_in(request.form.getlist("question"))
    add, remove = (forms.read_tags(request.form.get(name, "")) for name in ("add", "remove"))
    if not ticked or not (add or remove):
        raise Invalid(M("请先勾选题目，并填写要增加或去掉的知识点。"))
    changed = revising.tag_many(policy.actor(), bank.id, ticked, add=add, remove=remove)
    db.session.commit()
    flash(_("已修改 %(count)s 题。", count=changed))
    return redirect(url_for("bank.questions", slug=slug))


@blueprint.post("/attempts/<int:attempt_id>/reports")
@requires(Action.REPORT_QUESTIONS)
def report(attempt_id: int) -> AnyResponse:
    """Say that something about a question of one's own closed paper is wrong."""
    kind, place = request.form.get("kind", ""), request.form.get("place", type=int)
    if kind not in set(ReportKind) or place is None:
        raise NotFound
    reports.report(
        policy.actor(), signed_in().id, attempt_id, place, ReportKind(kind), request.form.get("text", "")
    )
    db.session.commit()
    flash(_("已收到，编辑会答复您。"))
    return redirect(url_for("authoring.own_reports"))


@blueprint.get("/reports")
@requires(Action.REPORT_QUESTIONS)
def own_reports() -> str:
    """Show what one has reported, with the answers."""
    return render_template("authoring/own_reports.html", reports=queries.reports_by(signed_in().id))


@blueprint.get("/question-reports")
@requires(Action.SEE_BANKS)
def report_list() -> str:
    """List what learners report; who it was, an editor of the whole district need not know."""
    asked = request.args.get("state", ReportState.OPEN.value)
    state = ReportState(asked) if asked in set(ReportState) else None
    page = queries.page_of_reports(state, asked_page())
    return render_template(
        "authoring/report_list.html",
        page=page,
        state=state,
        states=list(ReportState),
    )


@blueprint.post("/question-reports/<int:report_id>")
@requires(Action.EDIT_QUESTIONS)
def answer(report_id: int) -> Response | AnyResponse:
    """Answer a report; the learner sees it."""
    reports.answer(policy.actor(), report_id, request.form.get("answer", ""))
    db.session.commit()
    flash(_("已答复。"))
    return redirect(url_for("authoring.report_list"))
