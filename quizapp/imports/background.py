"""Imports as background jobs: planned and applied while the page may be closed, and asked for again.

Both jobs do their work in one transaction. One that died with its worker has changed nothing: the run
still says what was wanted, and is asked for again when the job has been silent for long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app

from quizapp.audit.actors import Actor
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.imports import pipeline, queries
from quizapp.imports.models import ImportRun, ImportState
from quizapp.imports.pipeline import FileRefused, Importer
from quizapp.jobs import progress, queue
from quizapp.jobs.progress import Progress
from quizapp.messages import M, Message

#: Makes the importer of a kind from a run's target and the account that uploaded it.
Factory = Callable[[str, int], Importer[Any]]

PLAN, APPLY = "plan_import", "apply_import"
BROKEN = M("系统出错了，什么也没有导入，错误已记录。请重试。")


def ask(actor: Actor, run: ImportRun) -> None:
    """Ask for the job that a run waits for: to be planned, or to be applied. The run must be committed."""
    job = {ImportState.PLANNING: PLAN, ImportState.APPLYING: APPLY}[run.state]
    progress.begin(_key(run.id))
    queue.enqueue(job, run_id=run.id, account_id=actor.account_id, address=actor.address)


def ask_again(actor: Actor, run: ImportRun) -> bool:
    """Ask once more for a job that has been silent for long; False when it may still be at work."""
    if run.state not in {ImportState.PLANNING, ImportState.APPLYING}:
        return False
    so_far = progress.read(_key(run.id))
    if so_far is not None and not so_far.is_silent:
        return False
    ask(actor, run)
    return True


def progress_of(run: ImportRun) -> Progress | None:
    """Return how far a run's job is."""
    return progress.read(_key(run.id))


def progress_document(run: ImportRun) -> dict[str, object]:
    """Return what the page asks for while it waits."""
    so_far = progress_of(run)
    return {
        "state": run.state.value,
        "step": so_far.step.value if so_far else "",
        "percent": so_far.percent if so_far else 0,
        "silent": bool(so_far and so_far.is_silent),
    }


def plan_import(*, run_id: int, account_id: int, address: str) -> None:
    """Read and compare an uploaded file. A job."""
    run = queries.get_run(run_id)
    try:
        importer = _importer(run)
        pipeline.plan_run(importer, Actor(account_id, address), run_id, progress.teller(_key(run_id)))
        db.session.commit()
    except FileRefused as refusal:
        _fail(run_id, ImportState.UNREADABLE, refusal.message)
    except Exception:
        logging.getLogger("quizapp").exception("planning import %s failed", run_id)
        _fail(run_id, ImportState.UNREADABLE, BROKEN)
    finally:
        progress.end(_key(run_id))


def apply_import(*, run_id: int, account_id: int, address: str) -> None:
    """Write a confirmed import, whole or not at all. A job."""
    run = queries.get_run(run_id)
    try:
        importer = _importer(run)
        pipeline.apply_run(importer, Actor(account_id, address), run_id, progress.teller(_key(run_id)))
        db.session.commit()
    except pipeline.AlreadyApplied:
        db.session.rollback()
    except AppError as refusal:
        _fail(run_id, ImportState.PLANNED, refusal.message)
    except Exception:
        logging.getLogger("quizapp").exception("applying import %s failed", run_id)
        _fail(run_id, ImportState.PLANNED, BROKEN)
    finally:
        progress.end(_key(run_id))


JOBS: Mapping[str, queue.Job] = {PLAN: plan_import, APPLY: apply_import}


def _importer(run: ImportRun) -> Importer[Any]:
    factories: Mapping[str, Factory] = current_app.config["IMPORTERS"]
    return factories[run.kind](run.target, run.created_by)


def _fail(run_id: int, state: ImportState, why: Message) -> None:
    """Undo what the job did and say on the run why; a file that cannot be used is not kept."""
    db.session.rollback()
    run = db.session.get_one(ImportRun, run_id, populate_existing=True)
    run.state, run.failure = state, [why.text, why.values]
    if state is ImportState.UNREADABLE:
        run.content = b""
    db.session.commit()


def _key(run_id: int) -> str:
    return f"import:{run_id}"
