"""Reads of imports."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.imports.models import ImportRow, ImportRun
from quizapp.imports.plans import Fate, Flag
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


def page_of_rows(run_id: int, fate: Fate, number: int, flag: Flag | None = None) -> Page[dict[str, Any]]:
    """Return a page of an import's rows that have one fate, or one flag, in the file's order.

    Beside what was planned a row says its `position` and whether it is `skipped`.
    """
    wanted = [ImportRow.run_id == run_id, ImportRow.fate == fate if flag is None else ImportRow.flag == flag]
    total = db.session.scalar(select(func.count()).select_from(ImportRow).where(*wanted))
    rows = db.session.execute(
        select(ImportRow.document, ImportRow.position, ImportRow.skipped)
        .where(*wanted)
        .order_by(ImportRow.position)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    found = [{**row.document, "position": row.position, "skipped": row.skipped} for row in rows]
    return Page(found, total or 0, number)


def count_flags(run_id: int) -> dict[str, int]:
    """Return how many rows of an import have each flag."""
    wanted = (ImportRow.run_id == run_id, ImportRow.flag != "")
    rows = db.session.execute(select(ImportRow.flag, func.count()).where(*wanted).group_by(ImportRow.flag))
    return {row[0]: row[1] for row in rows}


def count_skipped(run_id: int) -> dict[str, int]:
    """Return how many rows of each fate the clerk leaves out."""
    wanted = (ImportRow.run_id == run_id, ImportRow.skipped.is_(True))
    rows = db.session.execute(select(ImportRow.fate, func.count()).where(*wanted).group_by(ImportRow.fate))
    return {row[0].value: row[1] for row in rows}


def skipped_positions(run_id: int) -> set[int]:
    """Return the positions of the rows that the clerk leaves out."""
    wanted = (ImportRow.run_id == run_id, ImportRow.skipped.is_(True))
    return set(db.session.scalars(select(ImportRow.position).where(*wanted)))


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
