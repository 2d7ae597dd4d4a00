"""Banks, their questions, and bringing questions in."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.bank import banks, exporting, queries, template
from quizapp.bank.documents import content_from
from quizapp.bank.formats import registry
from quizapp.bank.formats.registry import FORMATS
from quizapp.bank.forms import BankForm, UploadForm
from quizapp.bank.queries import QuestionFilter
from quizapp.bank.questions import Difficulty, QuestionState, QuestionType
from quizapp.bank.wording import LETTERS, accepted
from quizapp.directory.roles import JobRole
from quizapp.errors import AppError, Invalid, NotFound
from quizapp.extensions import db
from quizapp.imports import background, pipeline
from quizapp.imports import queries as import_queries
from quizapp.imports.background import progress_document
from quizapp.imports.plans import ALIKE, CONFLICT, Fate
from quizapp.web.addresses import keys_in
from quizapp.web.display import said
from quizapp.web.exports import XLSX, attachment
from quizapp.web.pages import asked_page

if TYPE_CHECKING:
    from quizapp.bank.models import Bank

Kind = TypeVar("Kind", bound=StrEnum)
#: Parts of a plan that a clerk should look at, and all parts in the order of urgency.
FLAGS = (CONFLICT, ALIKE)
PARTS = ("refused", "conflict", "changed", "alike", "new", "duplicate", "same")
FILTERS = ("text", "type", "tag", "difficulty", "role", "state", "source")

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
    chosen = {name: request.args.get(name, "").strip() for name in FILTERS}
    asked = QuestionFilter(
        text=chosen["text"],
        type=_one_of(QuestionType, chosen["type"]),
        difficulty=_one_of(Difficulty, chosen["difficulty"]),
        state=_one_of(QuestionState, chosen["state"]),
        tag=chosen["tag"],
        role=chosen["role"],
        source=chosen["source"],
    )
    return render_template(
        "bank/questions.html",
        bank=bank,
        page=queries.page_of_questions(bank.id, asked, asked_page()),
        chosen=chosen,
        given={name: value for name, value in chosen.items() if value},
        types=list(QuestionType),
        difficulties=list(Difficulty),
        states=list(QuestionState),
        roles=list(JobRole),
        tags=queries.tags_of(bank.id),
        sources=queries.sources_of(bank.id),
        formats=[one for one in FORMATS if one.write],
        content_of=queries.content_of,
        LETTERS=LETTERS,
        accepted=accepted,
    )


def _one_of(kind: type[Kind], value: str) -> Kind | None:
    return kind(value) if value in set(kind) else None


@blueprint.get("/banks/template.xlsx")
@requires(Action.SEE_BANKS)
def blank_template() -> Response:
    """Give the blank workbook."""
    disposition = "attachment; filename*=UTF-8''%E9%A2%98%E5%BA%93%E6%A8%A1%E6%9D%BF.xlsx"
    return Response(template.blank_workbook(), mimetype=XLSX, headers={"Content-Disposition": disposition})


@blueprint.post("/banks/<slug>/export")
@requires(Action.EXPORT_QUESTIONS)
def export(slug: str) -> Response:
    """Give the bank's active questions with their keys as a file, and record it."""
    exported = exporting.export_bank(policy.actor(), slug, request.form.get("format", ""))
    db.session.commit()
    return attachment([exported.content], f"{slug}.{exported.ending}", exported.format.media_type)


@blueprint.get("/banks/<slug>/import")
@requires(Action.IMPORT_QUESTIONS)
def upload_form(slug: str) -> str:
    """Ask for the file."""
    return _upload_page(queries.get_bank(slug), UploadForm())


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
    return _upload_page(bank, form), Invalid.status


def _upload_page(bank: Bank, form: UploadForm) -> str:
    readable = [one for one in FORMATS if one.is_readable]
    endings = sorted({ending for one in readable for ending in one.endings})
    return render_template("bank/upload.html", bank=bank, form=form, formats=readable, endings=endings)


@blueprint.get("/imports/<int:run_id>")
@requires(Action.IMPORT_QUESTIONS)
def preview(run_id: int) -> str:
    """Show exactly what applying the import will do, or what it did."""
    run = import_queries.get_run(run_id, "bank")
    counts = dict(run.plan.get("counts", {}))
    if counts:
        counts |= {**dict.fromkeys(FLAGS, 0), **import_queries.count_flags(run_id)}
    asked = request.args.get("fate", "")
    part = asked if asked in PARTS else next((name for name in PARTS if counts.get(name)), Fate.NEW.value)
    flag = part if part in FLAGS else None
    return render_template(
        "bank/preview.html",
        run=run,
        bank=queries.get_bank(run.target),
        counts=counts,
        skipped=import_queries.count_skipped(run_id),
        progress=background.progress_of(run),
        repaired=run.plan.get("repaired", []),
        is_table=registry.is_table(run.filename),
        fate=part,
        page=import_queries.page_of_rows(
            run_id, Fate(part) if flag is None else Fate.NEW, asked_page(), flag
        ),
        content_from=content_from,
        LETTERS=LETTERS,
        accepted=accepted,
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


@blueprint.post("/imports/<int:run_id>/choices")
@requires(Action.IMPORT_QUESTIONS)
def choose(run_id: int) -> AnyResponse:
    """Take down which of the flagged rows on the page are left out."""
    import_queries.get_run(run_id, "bank")
    shown, skipped = (keys_in(request.form.getlist(name)) for name in ("shown", "skip"))
    pipeline.choose(run_id, "bank", shown, skipped)
    db.session.commit()
    flash(_("已记下您的选择。"))
    return redirect(url_for("bank.preview", run_id=run_id, fate=request.form.get("fate") or None))


@blueprint.post("/imports/<int:run_id>/apply")
@requires(Action.IMPORT_QUESTIONS)
def apply(run_id: int) -> AnyResponse:
    """Apply a previewed import: whole, or by choice without the rows that are refused."""
    run = import_queries.get_run(run_id, "bank")
    pipeline.confirm(run_id, "bank", good_only=request.form.get("act") == "good_only")
    db.session.commit()
    background.ask(policy.actor(), run)
    return redirect(url_for("bank.preview", run_id=run_id))
