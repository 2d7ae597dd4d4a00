"""Reads of banks and questions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from quizapp.bank.models import Bank, Question, QuestionRevision, QuestionState
from quizapp.bank.questions import ActiveQuestion, QuestionType, normalise
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.web.pages import PER_PAGE, Page

_in_force = and_(QuestionRevision.question_id == Question.id, QuestionRevision.number == Question.revision)


_ids = QuestionRevision.id.in_(bindparam("ids", expanding=True))
_SHOWN = select(
    QuestionRevision.id, QuestionRevision.type, QuestionRevision.stem, QuestionRevision.options
).where(_ids)
_KEYS = select(QuestionRevision.id, QuestionRevision.key).where(_ids)
_REVIEWED = select(
    QuestionRevision.id,
    QuestionRevision.type,
    QuestionRevision.stem,
    QuestionRevision.options,
    QuestionRevision.key,
    QuestionRevision.explanation,
    QuestionRevision.source,
    QuestionRevision.tags,
).where(_ids)


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """What a learner sees of a question while answering: nothing from which the key could be told."""

    type: QuestionType
    stem: str
    options: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BankSummary:
    """A bank with the number of its active questions by type."""

    slug: str
    name: str
    counts: dict[QuestionType, int]

    @property
    def total(self) -> int:
        """Return the number of all active questions."""
        return sum(self.counts.values())


def get_bank(slug: str) -> Bank:
    """Return the bank with this slug or raise NotFound."""
    bank = db.session.scalar(select(Bank).where(Bank.slug == slug))
    if bank is None:
        raise NotFound(M("没有这个题库：%(slug)s", slug=slug))
    return bank


def list_banks() -> list[BankSummary]:
    """Return all banks by name."""
    rows = db.session.execute(
        select(Bank.slug, Bank.name, QuestionRevision.type, func.count(Question.id))
        .outerjoin(Question, and_(Question.bank_id == Bank.id, Question.state == QuestionState.ACTIVE))
        .outerjoin(QuestionRevision, _in_force)
        .group_by(Bank.slug, Bank.name, QuestionRevision.type)
        .order_by(Bank.name)
    )
    found: dict[str, BankSummary] = {}
    for slug, name, kind, count in rows:
        summary = found.setdefault(slug, BankSummary(slug=slug, name=name, counts={}))
        if kind is not None:
            summary.counts[kind] = count
    return list(found.values())


def active_questions(bank_ids: Collection[int]) -> list[ActiveQuestion]:
    """Return everything that papers may draw from these banks."""
    rows = db.session.execute(
        select(
            Question.id,
            QuestionRevision.id,
            Question.bank_id,
            QuestionRevision.type,
            QuestionRevision.tags,
            QuestionRevision.roles,
            func.json_array_length(QuestionRevision.options)
            if db.engine.dialect.name == "sqlite"
            else func.jsonb_array_length(QuestionRevision.options),
        )
        .join(QuestionRevision, _in_force)
        .where(Question.bank_id.in_(bank_ids), Question.state == QuestionState.ACTIVE)
    )
    return [
        ActiveQuestion(question_id, revision_id, bank_id, kind, tuple(tags), tuple(roles), options)
        for question_id, revision_id, bank_id, kind, tags, roles, options in rows
    ]


def shown_questions(revision_ids: Collection[int]) -> dict[int, ShownQuestion]:
    """Return what learners see of these revisions. The key is not even read."""
    rows = db.session.execute(_SHOWN, {"ids": list(revision_ids)})
    return {row.id: ShownQuestion(row.type, row.stem, tuple(row.options)) for row in rows}


def keys(revision_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the keys of these revisions, for grading."""
    return {row.id: row.key for row in db.session.execute(_KEYS, {"ids": list(revision_ids)})}


def revisions(revision_ids: Collection[int]) -> dict[int, Any]:
    """Return these revisions as reviews show them, keys and explanations included."""
    return {row.id: row for row in db.session.execute(_REVIEWED, {"ids": list(revision_ids)})}


def revisions_in_force(bank_id: int) -> list[tuple[Question, QuestionRevision]]:
    """Return every question of a bank with its revision in force, in the order they came."""
    rows = db.session.execute(
        select(Question, QuestionRevision)
        .join(QuestionRevision, _in_force)
        .where(Question.bank_id == bank_id)
        .order_by(Question.id)
    )
    return [(question, revision) for question, revision in rows]


def page_of_questions(
    bank_id: int, *, text: str, kind: QuestionType | None, tag: str, number: int
) -> Page[tuple[Question, QuestionRevision]]:
    """Return a page of a bank's questions whose stem, code or source has the text."""
    statement = (
        select(Question, QuestionRevision)
        .join(QuestionRevision, _in_force)
        .where(Question.bank_id == bank_id)
    )
    if text:
        statement = statement.where(
            QuestionRevision.stem.contains(text, autoescape=True)
            | Question.code.contains(text, autoescape=True)
            | QuestionRevision.source.contains(text, autoescape=True)
        )
    if kind is not None:
        statement = statement.where(QuestionRevision.type == kind)
    rows = db.session.execute(statement.order_by(Question.id)).all()
    if tag:
        rows = [row for row in rows if normalise(tag) in map(normalise, row[1].tags)]
    start = (number - 1) * PER_PAGE
    return Page([(row[0], row[1]) for row in rows[start : start + PER_PAGE]], len(rows), number)


def tags_of(bank_id: int) -> list[str]:
    """Return the tags that the bank's questions bear."""
    statement: Select[list[str]] = (
        select(QuestionRevision.tags).join(Question, _in_force).where(Question.bank_id == bank_id)
    )
    return sorted({tag for tags in db.session.scalars(statement) for tag in tags})
