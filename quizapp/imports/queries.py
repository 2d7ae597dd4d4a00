"""Reads of imports."""

from __future__ import annotations

from sqlalchemy import select

from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.imports.models import ImportRun


def get_run(run_id: int, kind: str) -> ImportRun:
    """Return an import of one kind, without its file, or raise NotFound."""
    run = db.session.scalar(select(ImportRun).where(ImportRun.id == run_id, ImportRun.kind == kind))
    if run is None:
        raise NotFound
    return run


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
        select(ImportRun).where(ImportRun.id == run_id, ImportRun.kind == kind).with_for_update()
    )
    if run is None:
        raise NotFound
    return run
