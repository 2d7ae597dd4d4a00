"""Modules as editors see them: listed, written with a preview, put into tracks, with their history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.policy import Action, requires
from quizapp.campaigns.queries import open_tracks
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.files import store
from quizapp.files.reading import read_picture
from quizapp.files.references import refer
from quizapp.study import editing, editor_forms, editor_queries, uploads
from quizapp.study.drafts import Draft
from quizapp.study.kinds import ModuleKind, ModuleState, state_of
from quizapp.study.rendering import render
from quizapp.web.pages import asked_page

blueprint = Blueprint("modules", __name__)

KINDS = tuple(ModuleKind)
#: What takes files, which may be larger than other uploads.
TAKE_FILES = frozenset({"modules.create", "modules.save"})


@blueprint.url_value_preprocessor
def let_files_through(endpoint: str | None, _values: object) -> None:
    """Let editors send large files; this comes before anything reads the form."""
    if endpoint in TAKE_FILES and request.method == "POST" and policy.may(Action.EDIT_MODULES):
        request.max_content_length = uploads.largest_request()


@blueprint.get("/modules")
@requires(Action.SEE_MODULES)
def index() -> str:
    """List the modules, narrowed by what is asked for."""
    given = {name: request.args.get(name, "").strip()[:60] for name in ("text", "kind", "state")}
    kind = ModuleKind(given["kind"]) if given["kind"] in set(ModuleKind) else None
    state = ModuleState(given["state"]) if given["state"] in set(ModuleState) else None
    page = editor_queries.page_of_modules(given["text"], kind, state, asked_page())
    return render_template(
        "study/module_list.html", page=page, chosen=given, kinds=KINDS, states=list(ModuleState)
    )


@blueprint.get("/modules/<int:module_id>/history")
@requires(Action.SEE_MODULES)
def show(module_id: int) -> str:
    """Show a module as it stands, where it stands, and what its versions changed."""
    module = editor_queries.get_module(module_id)
    past = editor_queries.history(module_id)
    draft = editor_queries.draft_of(module)
    return render_template(
        "study/module_history.html",
        module=module,
        state=state_of(module.published_at, clock.now()),
        article=_article(draft),
        pages=store.pages_of(draft.file_digest),
        past=past,
        places=[(one, draft.places[one.id]) for one in open_tracks(clock.now()) if one.id in draft.places],
        done=editing.count_done(module_id),
        names=account_queries.names_by_id({one.version.changed_by for one in past if one.version.changed_by}),
    )  # fmt: skip


@blueprint.get("/modules/new")
@requires(Action.EDIT_MODULES)
def new() -> str:
    """Ask for a new module of a kind."""
    return _form_page(Draft(kind=_asked_kind()))


@blueprint.post("/modules/new")
@requires(Action.EDIT_MODULES)
def create() -> Response | tuple[str, int] | str:
    """Write a new module."""
    draft = Draft(kind=_asked_kind())
    try:
        draft = _sent_draft(draft)
        if request.form.get("act") == "preview":
            db.session.commit()
            return _form_page(draft)
        module = editing.add_module(policy.actor(), draft)
    except AppError as refusal:
        db.session.rollback()
        return _form_page(draft, refusal=refusal.message.render(_)), refusal.status
    db.session.commit()
    flash(_("已新增。"))
    return redirect(url_for("modules.show", module_id=module.id))


@blueprint.get("/modules/<int:module_id>/edit")
@requires(Action.EDIT_MODULES)
def edit(module_id: int) -> str:
    """Show a module to be revised."""
    module = editor_queries.get_module(module_id)
    return _form_page(editor_queries.draft_of(module), module_id=module_id, seen=module.version)


@blueprint.post("/modules/<int:module_id>/edit")
@requires(Action.EDIT_MODULES)
def save(module_id: int) -> Response | tuple[str, int] | str:
    """Make the next version."""
    module = editor_queries.get_module(module_id)
    draft = editor_queries.draft_of(module)
    seen = request.form.get("seen", type=int) or 0
    page: dict[str, Any] = {"module_id": module_id, "seen": seen}
    try:
        draft = _sent_draft(draft)
        if request.form.get("act") == "preview":
            db.session.commit()
            return _form_page(draft, **page)
        number = editing.revise(
            policy.actor(),
            module_id,
            draft,
            seen=seen,
            look_again=bool(request.form.get("look_again")),
            reason=request.form.get("reason", "").strip(),
        )
    except AppError as refusal:
        db.session.rollback()
        return _form_page(draft, **page, refusal=refusal.message.render(_)), refusal.status
    db.session.commit()
    flash(_("没有改动。") if number is None else _("已保存为第 %(number)s 版。", number=number))
    return redirect(url_for("modules.show", module_id=module_id))


@blueprint.post("/modules/preview")
@requires(Action.EDIT_MODULES)
def preview() -> str:
    """Show what a form holds as learners will see it; for the page's script."""
    kind = _asked_kind()
    draft = replace(
        editor_forms.read_text(request.form, kind),
        file_digest=uploads.kept_file(kind, request.form.get("file_digest", "")),
        subtitles_digest=uploads.kept_subtitles(request.form.get("subtitles_digest", "")),
    )
    pages = store.pages_of(draft.file_digest)
    return render_template("study/_previewed.html", draft=draft, article=_article(draft), pages=pages)


def _form_page(draft: Draft, *, module_id: int | None = None, seen: int = 0, refusal: str = "") -> str:
    return render_template(
        "study/module_edit.html",
        draft=draft,
        module_id=module_id,
        seen=seen,
        refusal=refusal,
        article=_article(draft),
        pages=store.pages_of(draft.file_digest),
        kinds=KINDS,
        tracks=open_tracks(clock.now()),
        published_at=editor_forms.moment_text(draft.published_at),
        done=editing.count_done(module_id) if module_id else 0,
        settings=current_app.config["SETTINGS"],
        sent=request.form,
    )


def _asked_kind() -> ModuleKind:
    asked = request.values.get("kind", "")
    return ModuleKind(asked) if asked in set(KINDS) else ModuleKind.ARTICLE


def _sent_draft(held: Draft) -> Draft:
    """Return the module in the form; an uploaded picture is kept and referred to at the text's end."""
    db.session.rollback()  # nothing is written yet, and reading a file must not keep others from writing
    held, form = _with_files(held), request.form.copy()
    if upload := _upload("picture"):
        picture = read_picture(upload.read())
        store.keep_pictures(policy.actor(), [picture])
        reference = refer(picture.digest, form.get("picture-shows", ""))
        form["body"] = f"{form.get('body', '').rstrip()}\n\n{reference}".strip()
    now = clock.now()
    draft = editor_forms.read_draft(form, held, open_tracks(now))
    return editor_forms.published(draft, now) if form.get("act") == "publish" else draft


def _upload(name: str) -> FileStorage | None:
    upload = request.files.get(name)
    return upload if upload and upload.filename else None


def _with_files(held: Draft) -> Draft:
    """Return the draft with the files that the form brings, or that an earlier try has brought."""
    file = uploads.kept_file(held.kind, request.form.get("file_digest", "")) or held.file_digest
    subtitles = uploads.kept_subtitles(request.form.get("subtitles_digest", "")) or held.subtitles_digest
    db.session.rollback()
    if held.kind in uploads.MEDIA_TYPES and (upload := _upload("file")):
        file = uploads.keep_file(policy.actor(), held.kind, upload.stream)
    if held.kind is ModuleKind.VIDEO and (upload := _upload("subtitles")):
        subtitles = uploads.keep_subtitles(policy.actor(), upload.stream)
    if request.form.get("no_subtitles"):
        subtitles = None
    return replace(held, file_digest=file, subtitles_digest=subtitles)


def _article(draft: Draft) -> Markup:
    return Markup(render(draft.body))  # noqa: S704 - sanitised by nh3
