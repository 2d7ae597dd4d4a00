"""Reads of imports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.imports.models import ImportRow, ImportRun
from quizapp.imports.plans import Fate
from quizapp.web.pages import PER_PAGE, Page


def get_run(run_id: int, kind: str | None = None) -> ImportRun:
    """Return an import, of one kind or any, without its file, or raise NotFound."""
    wanted = select(ImportRun).where(ImportRun.id == run_id)
    run = db.session.scalar(wanted if kind is None else wanted.where(ImportRun.kind == kind))
    if run is None:
        raise NotFound
    return run


def get_own_run(run_id: int, kind: str, account_id: int) -> ImportRun:
    """Return an import that this account uploaded, without its file, or raise NotFound."""
    run = get_run(run_id, kind)
    if run.created_by != account_id:
        raise NotFound
    return run


def page_of_rows(run_id: int, fate: Fate, number: int) -> Page[dict[str, Any]]:
    """Return a page of an import's rows that have one fate, in the file's order."""
    wanted = (ImportRow.run_id == run_id, ImportRow.fate == fate)
    total = db.session.scalar(select(func.count()).select_from(ImportRow).where(*wanted))
    rows = db.session.scalars(
        select(ImportRow.document)
        .where(*wanted)
        .order_by(ImportRow.position)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page(list(rows), total or 0, number)


def refused_rows(run_id: int) -> list[dict[str, Any]]:
    """Return everything in an import that is refused."""
    wanted = (ImportRow.run_id == run_id, ImportRow.fate == Fate.REFUSED)
    return list(db.session.scalars(select(ImportRow.document).where(*wanted).order_by(ImportRow.position)))


def get_file(run_id: int, kind: str) -> tuple[bytes, str]:
    """Return an import's file and its name, or raise NotFound."""
    row = db.session.execute(
        select(ImportRun.content, ImportRun.filename).where(ImportRun.id == run_id, ImportRun.kind == kind)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row.content, row.filename


def lock_run(run_id: int, kind: str) -> ImportRun:
    """Return an import for nobody else to apply meanwhile, or raise NotFound."""
    run = db.session.scalar(
        select(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.kind == kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if run is None:
        raise NotFound
    return run
