"""Item analysis of a bank: counted from all closed papers in the background, kept until the next count."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries as bank_queries
from quizapp.bank.queries import HeldRevision
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.database import columns, lock_for_transaction, reading
from quizapp.extensions import db
from quizapp.jobs import progress, queue
from quizapp.jobs.progress import Progress, Step, Tell, silent
from quizapp.quiz.analysis_listing import ItemRow, row_document, row_from
from quizapp.quiz.item_analysis import Tally, eras, figures
from quizapp.quiz.models import Attempt, ItemAnalysis
from quizapp.quiz.sightings import ItemKey, sightings

JOB = "analyse_bank"
#: So many papers are in memory at a time.
CHUNK = 500

_attempts = columns(Attempt)
_CLOSED = (
    select(_attempts.paper, _attempts.answers, _attempts.marks, _attempts.started_at)
    .where(_attempts.closed_at.is_not(None))
    .order_by(_attempts.id)
    .execution_options(yield_per=CHUNK)
)


@dataclass(frozen=True, slots=True)
class Analysis:
    """The items of a bank with their figures, from how many papers, and when they were counted."""

    computed_at: datetime
    papers: int
    rows: tuple[ItemRow, ...]


def find_analysis(bank_id: int) -> Analysis | None:
    """Return what was last counted for a bank, None before the first time."""
    kept = db.session.get(ItemAnalysis, bank_id)
    if kept is None:
        return None
    return Analysis(kept.computed_at, kept.papers, tuple(map(row_from, kept.items)))


def ask(bank_id: int) -> None:
    """Ask for the analysis to be counted anew, unless that is under way."""
    so_far = progress_of(bank_id)
    if so_far is None or so_far.is_silent:
        progress.begin(_key(bank_id))
        queue.enqueue(JOB, bank_id=bank_id)


def progress_of(bank_id: int) -> Progress | None:
    """Return how far the count is, None when none is under way."""
    return progress.read(_key(bank_id))


def analyse_bank(*, bank_id: int) -> None:
    """Count and keep the analysis of a bank. A job."""
    try:
        analyse(bank_id, progress.teller(_key(bank_id)))
        db.session.commit()
    except Exception:
        db.session.rollback()
        logging.getLogger("quizapp").exception("analysing bank %s failed", bank_id)
    finally:
        progress.end(_key(bank_id))


JOBS: Mapping[str, queue.Job] = {JOB: analyse_bank}


def analyse(bank_id: int, tell: Tell = silent) -> Analysis:
    """Count the analysis of a bank from all closed papers and keep it in place of the last one."""
    at = clock.now()
    with reading():
        revisions = bank_queries.all_revisions(bank_id)
        papers, tallies = _count(revisions, tell)
        db.session.rollback()
    rows = tuple(_rows(revisions, tallies))
    lock_for_transaction(db.session, _key(bank_id))
    db.session.merge(
        ItemAnalysis(
            bank_id=bank_id, computed_at=at, papers=papers, items=[row_document(row) for row in rows]
        )
    )
    db.session.flush()
    return Analysis(at, papers, rows)


def _count(revisions: Sequence[HeldRevision], tell: Tell) -> tuple[int, dict[ItemKey, Tally]]:
    """Return how many papers had an item of these revisions, and what they say of each."""
    tallies = {
        (revision.id, part): Tally(len(content.options))
        for revision in revisions
        for part, content in _items(revision.content)
    }
    closed = _attempts.closed_at.is_not(None)
    of = db.session.scalar(select(func.count()).select_from(Attempt).where(closed)) or 0
    papers = 0
    for done, attempt in enumerate(db.session.execute(_CLOSED)):
        tell(Step.COUNTING, done, of)
        own = False
        for key, seen in sightings(attempt.paper, attempt.answers, attempt.marks, attempt.started_at):
            if tally := tallies.get(key):
                tally.add(seen)
                own = True
        papers += own
    return papers, tallies


def _items(content: QuestionContent) -> Iterator[tuple[int | None, QuestionContent]]:
    if content.type is QuestionType.CASE:
        yield from enumerate(content.parts)
    else:
        yield None, content


def _rows(revisions: Sequence[HeldRevision], tallies: Mapping[ItemKey, Tally]) -> Iterator[ItemRow]:
    """Yield the items of each question that papers may draw or have drawn."""
    by_item: dict[tuple[int, int | None], list[tuple[HeldRevision, QuestionContent]]] = defaultdict(list)
    for revision in revisions:
        for part, content in _items(revision.content):
            by_item[revision.question_id, part].append((revision, content))
    for (question_id, part), held in by_item.items():
        row = _row(question_id, part, held, tallies)
        if held[-1][0].is_active or any(found.used for found in row.by_revision.values()):
            yield row


def _row(
    question_id: int,
    part: int | None,
    held: Sequence[tuple[HeldRevision, QuestionContent]],
    tallies: Mapping[ItemKey, Tally],
) -> ItemRow:
    revision, content = held[-1]
    latest = eras([(one.id, asked) for one, asked in held])[-1]
    summed = Tally(len(content.options))
    for revision_id in latest:
        summed.absorb(tallies[revision_id, part])
    return ItemRow(
        question_id=question_id,
        part=part,
        code=revision.content.code,
        type=content.type.value,
        stem=content.stem,
        revisions=tuple(one.number for one, _ in held if one.id in latest),
        figures=figures(summed, content.key),
        by_revision={one.number: figures(tallies[one.id, part], asked.key) for one, asked in held},
    )


def record_export(actor: Actor, slug: str, *, kind: str, given: Mapping[str, Any]) -> None:
    """Record that a bank's analysis leaves as a file of this kind."""
    log.record(actor, "analysis.export", f"bank:{slug}", {"format": kind, "filter": dict(given)})


def _key(bank_id: int) -> str:
    return f"analysis:{bank_id}"
