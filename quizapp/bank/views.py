"""Banks, their questions, and bringing questions in."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.bank import banks, queries, template
from quizapp.bank.formats import registry
from quizapp.bank.forms import BankForm, UploadForm
from quizapp.bank.questions import QuestionType
from quizapp.errors import AppError, Invalid, NotFound
from quizapp.extensions import db
from quizapp.imports import background, pipeline
from quizapp.imports import queries as import_queries
from quizapp.imports.background import progress_document
from quizapp.imports.plans import Fate, first_fate
from quizapp.web.display import said
from quizapp.web.exports import XLSX, attachment
from quizapp.web.pages import asked_page

blueprint = Blueprint("bank", __name__)


@blueprint.get("/banks")
@requires(Action.SEE_BANKS)
def index() -> str:
    """List the banks."""
    return render_template("bank/index.html", banks=queries.list_banks(), form=BankForm())


@blueprint.post("/banks")
@requires(Action.IMPORT_QUESTIONS)
def create() -> AnyResponse | tuple[str, int]:
    """Make an empty bank and go on to filling it."""
    form = BankForm()
    if form.validate_on_submit():
        try:
            banks.create_bank(policy.actor(), slug=form.slug.data, name=form.name.data)
        except AppError as refusal:
            db.session.rollback()
            form.slug.errors = [refusal.message.render(_)]
        else:
            db.session.commit()
            return redirect(url_for("bank.upload_form", slug=form.slug.data))
    return render_template("bank/index.html", banks=queries.list_banks(), form=form), Invalid.status


@blueprint.get("/banks/<slug>")
@requires(Action.SEE_BANKS)
def questions(slug: str) -> str:
    """List a bank's questions, filtered by what stands in the address."""
    bank = queries.get_bank(slug)
    kind = request.args.get("type", "")
    chosen = {"text": request.args.get("text", "").strip(), "type": kind, "tag": request.args.get("tag", "")}
    page = queries.page_of_questions(
        bank.id,
        text=chosen["text"],
        kind=QuestionType(kind) if kind in set(QuestionType) else None,
        tag=chosen["tag"],
        number=asked_page(),
    )
    return render_template(
        "bank/questions.html",
        bank=bank,
        page=page,
        chosen=chosen,
        types=list(QuestionType),
        tags=queries.tags_of(bank.id),
    )


@blueprint.get("/banks/template.xlsx")
@requires(Action.SEE_BANKS)
def blank_template() -> Response:
    """Give the blank workbook."""
    disposition = "attachment; filename*=UTF-8''%E9%A2%98%E5%BA%93%E6%A8%A1%E6%9D%BF.xlsx"
    return Response(template.blank_workbook(), mimetype=XLSX, headers={"Content-Disposition": disposition})


@blueprint.get("/banks/<slug>/import")
@requires(Action.IMPORT_QUESTIONS)
def upload_form(slug: str) -> str:
    """Ask for the file."""
    return render_template("bank/upload.html", bank=queries.get_bank(slug), form=UploadForm())


@blueprint.post("/banks/<slug>/import")
@requires(Action.IMPORT_QUESTIONS)
def upload(slug: str) -> AnyResponse | tuple[str, int]:
    """Plan the file and go on to the preview; nothing is imported yet."""
    bank = queries.get_bank(slug)
    form = UploadForm()
    if form.validate_on_submit():
        file = form.file.data
        run = pipeline.take("bank", slug, policy.actor(), file.read(), file.filename)
        db.session.commit()
        background.ask(policy.actor(), run)
        return redirect(url_for("bank.preview", run_id=run.id))
    return render_template("bank/upload.html", bank=bank, form=form), Invalid.status


@blueprint.get("/imports/<int:run_id>")
@requires(Action.IMPORT_QUESTIONS)
def preview(run_id: int) -> str:
    """Show exactly what applying the import will do, or what it did."""
    run = import_queries.get_run(run_id, "bank")
    counts = run.plan.get("counts", {})
    asked = request.args.get("fate", "")
    fate = Fate(asked) if asked in set(Fate) else first_fate(counts)
    return render_template(
        "bank/preview.html",
        run=run,
        bank=queries.get_bank(run.target),
        counts=counts,
        progress=background.progress_of(run),
        repaired=run.plan.get("repaired", []),
        is_table=registry.is_table(run.filename),
        fate=fate,
        page=import_queries.page_of_rows(run_id, fate, asked_page()),
        LETTERS="ABCDEFGH",
    )


@blueprint.get("/imports/<int:run_id>/refused.xlsx")
@requires(Action.IMPORT_QUESTIONS)
def refused(run_id: int) -> Response:
    """Give the refused rows of a table back in the clerk's own columns, with a column 错误原因."""
    content, filename = import_queries.get_file(run_id, "bank")
    if not content:
        raise NotFound(pipeline.FORGOTTEN)
    if not registry.is_table(filename):
        raise NotFound
    workbook = template.refused_workbook(content, filename, import_queries.refused_rows(run_id))
    return attachment([workbook], "未通过的题目.xlsx", XLSX)


@blueprint.get("/imports/<int:run_id>/refused.txt")
@requires(Action.IMPORT_QUESTIONS)
def refused_list(run_id: int) -> Response:
    """Give everything that is refused as a text, one problem a line: for files without rows and columns."""
    import_queries.get_run(run_id, "bank")
    rows = [
        [_("工作表"), _("行"), _("列"), _("原值"), _("原因")],
        *(
            [one["sheet"], one["row"] or "", one["column"], one["value"], said(one["reason"])]
            for one in import_queries.refused_rows(run_id)
        ),
    ]
    # A value may hold line ends of its own.
    lines = ["\t".join(" ".join(str(cell).split()) for cell in row) for row in rows]
    return attachment(["\n".join(lines).encode()], "问题清单.txt", "text/plain; charset=utf-8")


@blueprint.get("/imports/<int:run_id>/progress")
@requires(Action.IMPORT_QUESTIONS)
def progress(run_id: int) -> dict[str, object]:
    """Say how far the import's job is."""
    return progress_document(import_queries.get_run(run_id, "bank"))


@blueprint.post("/imports/<int:run_id>/again")
@requires(Action.IMPORT_QUESTIONS)
def again(run_id: int) -> AnyResponse:
    """Ask once more for a job that has died."""
    background.ask_again(policy.actor(), import_queries.get_run(run_id, "bank"))
    return redirect(url_for("bank.preview", run_id=run_id))


@blueprint.post("/imports/<int:run_id>/apply")
@requires(Action.IMPORT_QUESTIONS)
def apply(run_id: int) -> AnyResponse:
    """Apply a previewed import, whole or not at all."""
    run = import_queries.get_run(run_id, "bank")
    pipeline.confirm(run_id, "bank")
    db.session.commit()
    background.ask(policy.actor(), run)
    return redirect(url_for("bank.preview", run_id=run_id))
