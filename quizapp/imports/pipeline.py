"""The one way in for files: upload → parse → plan → preview → apply. Knows no format and no table.

An importer is what a feature brings: how a file is parsed and planned, and how a plan is applied.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePath
from types import MappingProxyType
from typing import Protocol, TypeVar

from sqlalchemy import delete, insert, select, update

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks, reading_apart
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.imports import queries
from quizapp.imports.models import ImportRow, ImportRun, ImportState
from quizapp.imports.plans import Fate, Plan, Tick
from quizapp.imports.tables import UnreadableFile
from quizapp.jobs.progress import Step, Tell, silent
from quizapp.messages import M

LONGEST_FILENAME = 255
FORGOTTEN = M("文件和明细已按保存期限删除。")
NO_CHOICES: Mapping[str, object] = MappingProxyType({})
Parsed = TypeVar("Parsed")


class Importer(Protocol[Parsed]):
    """What a feature brings to the pipeline."""

    @property
    def kind(self) -> str:
        """Return the importer's name in the table of imports and in the audit log, such as ``bank``."""

    @property
    def target(self) -> str:
        """Return what the file goes into, such as a bank's slug."""

    def parse(self, content: bytes, filename: str) -> Parsed:
        """Read the file, without the database. Raises UnreadableFile."""

    def hold(self) -> None:
        """Keep other imports into the same target out until the transaction ends."""

    def plan(self, parsed: Parsed, tick: Tick) -> Plan:
        """Compare what was read with what is there; `tick` is told how far it is."""

    def stow(self, plan: Plan, actor: Actor) -> None:
        """Keep what the plan carries: the preview shows it. Called within the transaction of planning."""

    def apply(self, plan: Plan, actor: Actor) -> None:
        """Write what the plan says. Called in one transaction, only with a plan that refuses nothing."""


class FileRefused(Invalid):
    """The file as a whole cannot be used."""


class RowsRefused(Conflict):
    """Some rows are refused, so nothing is applied."""

    def __init__(self, count: int) -> None:
        super().__init__(M("有 %(count)s 行被拒绝，整个文件没有导入。请改正后重新上传。", count=count))


class PlanOutdated(Conflict):
    """What is there has changed since the preview."""

    def __init__(self) -> None:
        super().__init__(M("预览之后数据已有变化，没有导入。请重新上传并核对预览。"))


class NotPlanned(Conflict):
    """The import is being read or written just now, or its file cannot be used."""

    def __init__(self) -> None:
        super().__init__(M("这次导入正在处理，或文件不能使用。请看页面上的说明。"))


class AlreadyApplied(Conflict):
    """The import was applied before."""

    def __init__(self) -> None:
        super().__init__(M("这次导入已经完成，不会重复执行。"))


def plan_file(
    importer: Importer[Parsed], content: bytes, filename: str, *, to_apply: bool = False, tell: Tell = silent
) -> Plan:
    """Return what importing the file would do; raise FileRefused.

    Ends the caller's transaction first: reading a file may take seconds, and nobody waits for it. What
    is planned `to_apply` keeps other imports out until the transaction ends.
    """
    db.session.rollback()
    tell(Step.READING, 0, 0)
    try:
        parsed = importer.parse(content, filename)
    except UnreadableFile as error:
        raise FileRefused(error.message) from error
    compare = partial(tell, Step.COMPARING)
    if to_apply:
        importer.hold()
        return importer.plan(parsed, compare)
    with reading_apart(db.session()):
        return importer.plan(parsed, compare)


def take(kind: str, target: str, actor: Actor, content: bytes, filename: str) -> ImportRun:
    """Keep an uploaded file, to be planned in the background."""
    run = ImportRun(
        kind=kind,
        target=target,
        filename=_bare_name(filename),
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        plan={},
        state=ImportState.PLANNING,
        created_by=actor.account_id,
        created_at=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    return run


def _bare_name(filename: str) -> str:
    """Return a file's name without its folders and without signs that nobody sees, such as NUL."""
    visible = "".join(filter(str.isprintable, filename.replace("\\", "/")))
    return PurePath(visible).name[-LONGEST_FILENAME:]


def plan_run(importer: Importer[Parsed], actor: Actor, run_id: int, tell: Tell = silent) -> None:
    """Plan an uploaded file and keep the plan for the preview. A run that is planned already stays.

    Raises FileRefused.
    """
    content, filename = queries.get_file(run_id, importer.kind)
    plan = plan_file(importer, content, filename, tell=tell)
    run = queries.lock_run(run_id, importer.kind)
    if run.state is not ImportState.PLANNING:
        return
    importer.stow(plan, actor)
    run.plan, run.state = plan.summary(), ImportState.PLANNED
    db.session.flush()
    _keep_rows(run.id, plan, tell)
    log.record(actor, f"{importer.kind}.plan_import", f"import:{run.id}", _facts(importer, run.digest, plan))


def choose(run_id: int, kind: str, shown: Collection[int], skipped: Collection[int]) -> None:
    """Take down which of the flagged rows shown, by position, are left out. Raises NotPlanned."""
    run = queries.lock_run(run_id, kind)
    if run.state is not ImportState.PLANNED:
        raise NotPlanned
    for positions, choice in ((set(shown) - set(skipped), False), (set(shown) & set(skipped), True)):
        db.session.execute(
            update(ImportRow)
            .where(ImportRow.run_id == run.id, ImportRow.flag != "", ImportRow.position.in_(positions))
            .values(skipped=choice)
            .execution_options(synchronize_session=False)
        )


def confirm(run_id: int, kind: str, *, good_only: bool = False) -> None:
    """Let a previewed import be applied in the background; `good_only` leaves out what is refused.

    Raises AlreadyApplied, NotPlanned, RowsRefused.
    """
    run = queries.lock_run(run_id, kind)
    if run.state is ImportState.APPLIED:
        raise AlreadyApplied
    if run.state is not ImportState.PLANNED:
        raise NotPlanned
    if run.plan["counts"]["refused"] and not good_only:
        raise RowsRefused(run.plan["counts"]["refused"])
    run.state, run.failure, run.good_only = ImportState.APPLYING, None, good_only
    db.session.flush()


def apply_run(importer: Importer[Parsed], actor: Actor, run_id: int, tell: Tell = silent) -> None:
    """Apply a confirmed import, if planning it again gives just what the preview showed.

    Raises AlreadyApplied, PlanOutdated, RowsRefused.
    """
    content, filename = queries.get_file(run_id, importer.kind)
    plan = plan_file(importer, content, filename, to_apply=True, tell=tell)
    run = queries.lock_run(run_id, importer.kind)
    if run.state is not ImportState.APPLYING:
        raise AlreadyApplied
    if plan.digest != run.plan["digest"]:
        raise PlanOutdated
    tell(Step.WRITING, 0, 0)
    skipped = queries.skipped_positions(run_id)
    chosen = plan.leaving_out(skipped)
    apply_plan(
        importer,
        actor,
        chosen.good_rows_only() if run.good_only else chosen,
        digest=run.digest,
        choices={"skipped": len(skipped), "good_rows_only": run.good_only},
    )
    run.state = ImportState.APPLIED
    run.applied_at = clock.now()
    db.session.flush()


def forget_files(before: datetime) -> int:
    """Delete the files and rows of imports that were uploaded before a moment; return of how many.

    What they did stays on record; one that was not applied cannot be applied any more.
    """
    old = (ImportRun.created_at < before, ImportRun.content != b"")
    run_ids = list(db.session.scalars(select(ImportRun.id).where(*old)))
    for chunk in in_chunks(run_ids):
        without_sync = {"synchronize_session": False}
        db.session.execute(
            delete(ImportRow).where(ImportRow.run_id.in_(chunk)).execution_options(**without_sync)
        )
        mine = update(ImportRun).where(ImportRun.id.in_(chunk)).execution_options(**without_sync)
        db.session.execute(mine.values(content=b"", failure=[FORGOTTEN.text, FORGOTTEN.values]))
        unused = ImportRun.state != ImportState.APPLIED
        db.session.execute(mine.where(unused).values(state=ImportState.UNREADABLE))
    return len(run_ids)


def _keep_rows(run_id: int, plan: Plan, tell: Tell) -> None:
    rows = [
        {
            "run_id": run_id,
            "position": place,
            "fate": fate,
            "document": document,
            "flag": document.get("flag", ""),
            "skipped": False,
        }
        for place, (fate, document) in enumerate(plan.documents())
    ]
    for done, chunk in enumerate(in_chunks(rows)):
        tell(Step.KEEPING, done * len(chunk), len(rows))
        db.session.execute(insert(ImportRow), chunk)


def apply_plan(
    importer: Importer[Parsed],
    actor: Actor,
    plan: Plan,
    *,
    digest: str,
    choices: Mapping[str, object] = NO_CHOICES,
) -> None:
    """Apply a plan whole, or raise RowsRefused and write nothing; what the clerk chose goes on record."""
    if not plan.can_be_applied:
        raise RowsRefused(plan.count(Fate.REFUSED))
    importer.apply(plan, actor)
    log.record(
        actor,
        f"{importer.kind}.import",
        f"{importer.kind}:{importer.target}",
        {**_facts(importer, digest, plan), **choices},
    )


def _facts(importer: Importer[Parsed], digest: str, plan: Plan) -> dict[str, object]:
    return {
        "target": importer.target,
        "sha256": digest,
        "counts": {fate.value: plan.count(fate) for fate in Fate},
    }
