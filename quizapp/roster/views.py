"""Enterprises, and bringing them and their people in from a file."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from quizapp.accounts import policy
from quizapp.accounts.policy import Action, requires
from quizapp.directory import queries
from quizapp.directory.queries import SORTS, EnterpriseFilter
from quizapp.directory.roles import EnterpriseState, Scale
from quizapp.directory.trades import TRADES
from quizapp.errors import AppError, Invalid, NotFound
from quizapp.extensions import db
from quizapp.imports import background, pipeline
from quizapp.imports import queries as import_queries
from quizapp.imports.background import progress_document
from quizapp.imports.plans import Fate, first_fate
from quizapp.messages import M
from quizapp.roster import rosters, template
from quizapp.roster.forms import DeclarationForm, EnterpriseForm, RosterForm, StateForm
from quizapp.web.exports import XLSX
from quizapp.web.pages import asked_page

blueprint = Blueprint("roster", __name__)


@blueprint.get("/enterprises")
@requires(Action.SEE_ENTERPRISES)
def index() -> str | AnyResponse:
    """List the enterprises; a contact of one goes on to it."""
    scope = policy.scope_for(Action.SEE_ENTERPRISES)
    if not (scope.everything or scope.paths or scope.member_unit_ids) and len(scope.enterprise_ids) == 1:
        return redirect(url_for("people.index", enterprise_id=scope.enterprise_ids[0]))
    chosen = {
        name: request.args.get(name, "").strip()
        for name in ("text", "region", "scale", "state", "trade", "sort")
    }
    asked = EnterpriseFilter(
        text=chosen["text"],
        region=chosen["region"],
        scale=Scale(chosen["scale"]) if chosen["scale"] in set(Scale) else None,
        state=EnterpriseState(chosen["state"]) if chosen["state"] in set(EnterpriseState) else None,
        trade=chosen["trade"] if chosen["trade"] in TRADES else "",
        sort=chosen["sort"] if chosen["sort"] in SORTS else SORTS[0],
    )
    return render_template(
        "roster/index.html",
        page=queries.page_of_enterprises(scope, asked, asked_page()),
        chosen=chosen,
        given={name: value for name, value in chosen.items() if value},
        regions=[(region.path, region.name) for region in queries.all_regions() if scope.covers(region.path)],
        scales=list(Scale),
        states=list(EnterpriseState),
        trades=TRADES,
    )


@blueprint.get("/enterprises/new")
@requires(Action.EDIT_ENTERPRISES)
def new() -> str:
    """Ask for a new enterprise."""
    form = EnterpriseForm.asking(policy.scope_for(Action.EDIT_ENTERPRISES))
    return render_template("roster/form.html", form=form, unit=None)


@blueprint.post("/enterprises/new")
@requires(Action.EDIT_ENTERPRISES)
def register() -> AnyResponse | tuple[str, int]:
    """Register an enterprise."""
    form = EnterpriseForm.asking(policy.scope_for(Action.EDIT_ENTERPRISES))
    if form.validate_on_submit():
        try:
            enterprise_id = rosters.register_enterprise(policy.actor(), form.facts())
        except AppError as refusal:
            db.session.rollback()
            form.form_errors.append(refusal.message.render(_))
        else:
            db.session.commit()
            flash(_("企业已登记。"))
            return redirect(url_for("people.index", enterprise_id=enterprise_id))
    return render_template("roster/form.html", form=form, unit=None), Invalid.status


@blueprint.get("/enterprises/<int:enterprise_id>/edit")
@requires(Action.EDIT_ENTERPRISES)
def edit(enterprise_id: int) -> str:
    """Show what is registered, to be changed."""
    scope = policy.scope_for(Action.EDIT_ENTERPRISES)
    unit = queries.get_enterprise(scope, enterprise_id)
    return render_template("roster/form.html", form=EnterpriseForm.asking(scope, unit), unit=unit)


@blueprint.post("/enterprises/<int:enterprise_id>/edit")
@requires(Action.EDIT_ENTERPRISES)
def change(enterprise_id: int) -> AnyResponse | tuple[str, int]:
    """Change what is registered of an enterprise."""
    scope = policy.scope_for(Action.EDIT_ENTERPRISES)
    unit = queries.get_enterprise(scope, enterprise_id)
    form = EnterpriseForm.asking(scope, unit)
    if form.validate_on_submit():
        try:
            rosters.change_enterprise(policy.actor(), unit, form.facts())
        except AppError as refusal:
            db.session.rollback()
            form.form_errors.append(refusal.message.render(_))
        else:
            db.session.commit()
            flash(_("已保存。"))
            return redirect(url_for("people.index", enterprise_id=enterprise_id))
    return render_template("roster/form.html", form=form, unit=unit), Invalid.status


@blueprint.post("/enterprises/<int:enterprise_id>/state")
@requires(Action.EDIT_ENTERPRISES)
def set_state(enterprise_id: int) -> AnyResponse:
    """Suspend, close or reopen an enterprise."""
    unit = queries.get_enterprise(policy.scope_for(Action.EDIT_ENTERPRISES), enterprise_id)
    form = StateForm()
    if not form.validate_on_submit():
        raise Invalid(M("没有这种状态。"))
    rosters.set_state(policy.actor(), unit, EnterpriseState(form.state.data), form.reason.data)
    db.session.commit()
    flash(_("已保存。"))
    return redirect(url_for("people.index", enterprise_id=enterprise_id))


@blueprint.post("/enterprises/<int:enterprise_id>/declared")
@requires(Action.MANAGE_STAFF)
def declare(enterprise_id: int) -> AnyResponse:
    """Take down the declared head-counts."""
    unit = queries.get_enterprise(policy.scope_for(Action.MANAGE_STAFF), enterprise_id)
    form = DeclarationForm()
    if not form.validate_on_submit():
        raise Invalid(M("底数应为不小于 0 的整数。"))
    rosters.declare(policy.actor(), unit.id, form.people())
    db.session.commit()
    flash(_("已保存。"))
    return redirect(url_for("people.index", enterprise_id=enterprise_id))


@blueprint.get("/roster/template.xlsx")
@requires(Action.IMPORT_ROSTER)
def blank_template() -> Response:
    """Give the blank workbook."""
    disposition = "attachment; filename*=UTF-8''%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.xlsx"
    return Response(template.blank_workbook(), mimetype=XLSX, headers={"Content-Disposition": disposition})


@blueprint.get("/roster/import")
@requires(Action.IMPORT_ROSTER)
def upload_form() -> str:
    """Ask for the file."""
    return render_template("roster/upload.html", form=RosterForm())


@blueprint.post("/roster/import")
@requires(Action.IMPORT_ROSTER)
def upload() -> AnyResponse | tuple[str, int]:
    """Plan the file and go on to the preview; nothing is imported yet."""
    form = RosterForm()
    if form.validate_on_submit():
        file = form.file.data
        run = pipeline.take("roster", form.missing.data, policy.actor(), file.read(), file.filename)
        db.session.commit()
        background.ask(policy.actor(), run)
        return redirect(url_for("roster.preview", run_id=run.id))
    return render_template("roster/upload.html", form=form), Invalid.status


@blueprint.get("/roster/imports/<int:run_id>")
@requires(Action.IMPORT_ROSTER)
def preview(run_id: int) -> str:
    """Show exactly what applying the import will do, or what it did; to who uploaded it."""
    run = import_queries.get_own_run(run_id, "roster", policy.signed_in().id)
    counts = run.plan.get("counts", {})
    asked = request.args.get("fate", "")
    fate = Fate(asked) if asked in set(Fate) else first_fate(counts)
    return render_template(
        "roster/preview.html",
        run=run,
        progress=background.progress_of(run),
        counts=counts,
        repaired=run.plan.get("repaired", []),
        fate=fate,
        page=import_queries.page_of_rows(run_id, fate, asked_page()),
    )


@blueprint.get("/roster/imports/<int:run_id>/progress")
@requires(Action.IMPORT_ROSTER)
def progress(run_id: int) -> dict[str, object]:
    """Say how far the import's job is."""
    run = import_queries.get_own_run(run_id, "roster", policy.signed_in().id)
    return progress_document(run)


@blueprint.post("/roster/imports/<int:run_id>/again")
@requires(Action.IMPORT_ROSTER)
def again(run_id: int) -> AnyResponse:
    """Ask once more for a job that has died."""
    run = import_queries.get_own_run(run_id, "roster", policy.signed_in().id)
    background.ask_again(policy.actor(), run)
    return redirect(url_for("roster.preview", run_id=run_id))


@blueprint.post("/roster/imports/<int:run_id>/apply")
@requires(Action.IMPORT_ROSTER)
def apply(run_id: int) -> AnyResponse:
    """Apply a previewed import, whole or not at all."""
    run = import_queries.get_own_run(run_id, "roster", policy.signed_in().id)
    pipeline.confirm(run_id, "roster")
    db.session.commit()
    background.ask(policy.actor(), run)
    return redirect(url_for("roster.preview", run_id=run_id))


@blueprint.get("/roster/imports/<int:run_id>/refused.xlsx")
@requires(Action.IMPORT_ROSTER)
def refused(run_id: int) -> Response:
    """Give the refused rows back in the clerk's own columns, with a column 错误原因."""
    import_queries.get_own_run(run_id, "roster", policy.signed_in().id)
    content, filename = import_queries.get_file(run_id, "roster")
    if not content:
        raise NotFound(pipeline.FORGOTTEN)
    workbook = template.refused_workbook(content, filename, import_queries.refused_rows(run_id))
    disposition = "attachment; filename*=UTF-8''%E6%9C%AA%E9%80%9A%E8%BF%87%E7%9A%84%E8%A1%8C.xlsx"
    return Response(workbook, mimetype=XLSX, headers={"Content-Disposition": disposition})
