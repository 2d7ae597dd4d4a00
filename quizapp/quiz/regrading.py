"""A wrong key was corrected: the results that used it follow, on record, and no pass is taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries as bank_queries
from quizapp.bank import revising
from quizapp.bank.questions import AnswerKey
from quizapp.campaigns.enrolments import record_passed
from quizapp.database import columns, in_chunks, lock_for_transaction
from quizapp.errors import Invalid
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz.answers import answers_by_place
from quizapp.quiz.attempts import KEYS_LOCK
from quizapp.quiz.grading import earned
from quizapp.quiz.models import Attempt, Regrade, RegradedAttempt
from quizapp.quiz.papers import gradables

CHUNK = 1000
LONGEST_REASON = 200
_attempts = columns(Attempt)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How one result would change."""

    attempt_id: int
    account_id: int
    track_id: int
    marks_before: list[int]
    marks_after: list[int]
    points_before: int
    points_after: int
    passed_before: bool
    #: By the new result alone.
    would_pass: bool

    @property
    def passed_after(self) -> bool:
        """Say whether it counts as passed: a pass once given stays."""
        return self.passed_before or self.would_pass


@dataclass(slots=True)
class Effect:
    """What a corrected key does to the results."""

    attempts: int = 0
    changed: int = 0
    passes_gained: int = 0
    passes_kept: int = 0

    def count(self, change: Change) -> None:
        """Take one changed result down."""
        self.changed += 1
        self.passes_gained += change.would_pass and not change.passed_before
        self.passes_kept += change.passed_before and not change.would_pass


def preview(revision_id: int, key: AnswerKey) -> Effect:
    """Say what grading the answers to a revision, and those graded by its key, by this key would do."""
    touched = [revision_id, *bank_queries.corrected_by(revision_id)]
    effect = Effect(attempts=count_attempts(touched))
    for change in _changes(touched, key):
        effect.count(change)
    return effect


def regrade(actor: Actor, question_id: int, *, wrong: int, right: int, reason: str) -> Regrade:
    """Grade all closed attempts that used a revision with a wrong key by another's, both by number.

    Each result that changes is recorded. Attempts that close meanwhile wait and are graded by the right
    key. Raises Invalid, NotFound and AnotherQuestion.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(M("请写明更正答案的理由，最多 %(most)s 字。", most=LONGEST_REASON))
    lock_for_transaction(db.session, KEYS_LOCK)
    corrected = revising.correct_key(question_id, wrong=wrong, right=right)
    made = Regrade(
        question_id=question_id,
        key_revision_id=corrected.key_revision_id,
        reason=reason,
        regraded_at=clock.now(),
        regraded_by=actor.account_id,
        **_counts(Effect()),
    )
    db.session.add(made)
    db.session.flush()
    effect = Effect(attempts=count_attempts(corrected.touched))
    for changes in in_chunks(_changes(corrected.touched, corrected.key), CHUNK):
        _write(made, changes)
        for change in changes:
            effect.count(change)
    for name, number in _counts(effect).items():
        setattr(made, name, number)
    db.session.flush()
    log.record(actor, "question.regrade", f"question:{question_id}", {"reason": reason, **_counts(effect)})
    return made


def _counts(effect: Effect) -> dict[str, int]:
    return {
        "attempts": effect.attempts,
        "changed": effect.changed,
        "passes_gained": effect.passes_gained,
        "passes_kept": effect.passes_kept,
    }


def _write(made: Regrade, changes: list[Change]) -> None:
    without_sync = {"synchronize_session": False}
    db.session.execute(
        update(Attempt).execution_options(**without_sync),
        [
            {
                "id": change.attempt_id,
                "marks": change.marks_after,
                "points": change.points_after,
                "passed": change.passed_after,
            }
            for change in changes
        ],
    )
    db.session.execute(
        insert(RegradedAttempt),
        [
            {
                "regrade_id": made.id,
                "attempt_id": change.attempt_id,
                "marks_before": change.marks_before,
                "marks_after": change.marks_after,
                "points_before": change.points_before,
                "points_after": change.points_after,
                "passed_before": change.passed_before,
                "passed_after": change.passed_after,
            }
            for change in changes
        ],
    )
    for change in changes:
        if change.passed_after and not change.passed_before:
            # From now on, not from then: what was true of a day in the past stays true of it.
            record_passed(change.account_id, change.track_id, change.attempt_id, made.regraded_at)


def count_attempts(revision_ids: Collection[int]) -> int:
    """Return how many closed attempts have one of these revisions on their paper."""
    wanted = (_attempts.closed_at.is_not(None), _has_on_paper(revision_ids))
    return db.session.scalar(select(func.count()).select_from(Attempt.__table__).where(*wanted)) or 0


def _changes(revision_ids: Collection[int], key: AnswerKey) -> Iterator[Change]:
    """Yield the results that grading these revisions by a key changes."""
    last = 0
    while rows := _page_of_attempts(revision_ids, last):
        for row in rows:
            change = _change(row, set(revision_ids), key)
            if change is not None:
                yield change
        last = rows[-1].id


def _page_of_attempts(revision_ids: Collection[int], after: int) -> list[Row[Any]]:
    wanted = (_attempts.id > after, _attempts.closed_at.is_not(None), _has_on_paper(revision_ids))
    statement = select(Attempt.__table__).where(*wanted).order_by(_attempts.id).limit(CHUNK)
    return list(db.session.execute(statement))


def _has_on_paper(revision_ids: Collection[int]) -> ColumnElement[bool]:
    """Return that a paper holds one of these revisions."""
    if db.engine.dialect.name == "postgresql":
        paper = type_coerce(_attempts.paper, JSONB)
        return or_(*(paper.contains([{"revision_id": one}]) for one in revision_ids))
    item = func.json_each(_attempts.paper).table_valued("value")
    found = cast(func.json_extract(item.c.value, "$.revision_id"), Integer)
    return exists(select(true()).select_from(item).where(found.in_(revision_ids)))


def _change(row: Row[Any], revision_ids: set[int], key: AnswerKey) -> Change | None:
    answers = answers_by_place(row.answers)
    marks = list(row.marks)
    places = [place for place, item in enumerate(row.paper) if item["revision_id"] in revision_ids]
    right = gradables([row.paper[place] for place in places], dict.fromkeys(revision_ids, key))
    for place, item in zip(places, right, strict=True):
        marks[place] = earned(item, answers.get(place, ()))
    if marks == row.marks:
        return None
    return Change(
        attempt_id=row.id,
        account_id=row.account_id,
        track_id=row.track_id,
        marks_before=row.marks,
        marks_after=marks,
        points_before=row.points,
        points_after=sum(marks),
        passed_before=row.passed,
        would_pass=sum(marks) * 100 >= row.pass_mark * row.total_points,
    )
