"""Reads of banks and questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, cast, func, select

from quizapp.bank.documents import key_from, parts_from, shapes_of
from quizapp.bank.models import Bank, Question, QuestionRevision, QuestionState
from quizapp.bank.questions import ActiveQuestion, AnswerKey, QuestionContent, QuestionType, normalise
from quizapp.database import columns
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.web.pages import PER_PAGE, Page

_questions, _revisions = columns(Question), columns(QuestionRevision)
_in_force = and_(_revisions.question_id == _questions.id, _revisions.number == _questions.revision)
_ids = _revisions.id.in_(bindparam("ids", expanding=True))
_SHOWN = select(_revisions.id, _revisions.type, _revisions.stem, _revisions.options, _revisions.parts).where(
    _ids
)
_KEYS = select(_revisions.id, _revisions.type, _revisions.parts, _revisions.key).where(_ids)
_REVIEWED = select(
    _revisions.id,
    _revisions.type,
    _revisions.stem,
    _revisions.options,
    _revisions.key,
    _revisions.parts,
    _revisions.explanation,
    _revisions.source,
    _revisions.tags,
    _revisions.difficulty,
    _revisions.roles,
).where(_ids)


def _active(length_of: Callable[[Any], Any]) -> Select[Any]:
    return (
        select(
            _questions.id,
            _revisions.id,
            _questions.bank_id,
            _revisions.type,
            _revisions.difficulty,
            cast(_revisions.tags, Text),
            cast(_revisions.roles, Text),
            length_of(_revisions.options),
            length_of(_revisions.key),
            cast(_revisions.parts, Text),
        )
        .join(QuestionRevision.__table__, _in_force)
        .where(
            _questions.bank_id.in_(bindparam("bank_ids", expanding=True)),
            _questions.state == QuestionState.ACTIVE,
        )
    )


_ACTIVE = {"sqlite": _active(func.json_array_length), "postgresql": _active(func.jsonb_array_length)}


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """What a learner sees of a question while answering: nothing from which the key could be told."""

    type: QuestionType
    stem: str
    options: tuple[str, ...]
    #: The questions on a case, whose text is the stem.
    parts: tuple[ShownQuestion, ...] = ()


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


@dataclass(frozen=True, slots=True)
class BankName:
    """What a bank is called, in addresses and on pages."""

    slug: str
    name: str


def bank_names() -> dict[int, BankName]:
    """Return all banks by id, in the order of their names."""
    rows = db.session.execute(select(Bank.id, Bank.slug, Bank.name).order_by(Bank.name))
    return {bank_id: BankName(slug, name) for bank_id, slug, name in rows}


def active_questions(bank_ids: Collection[int]) -> list[ActiveQuestion]:
    """Return everything that papers may draw from these banks."""
    rows = db.session.execute(_ACTIVE[db.engine.dialect.name], {"bank_ids": list(bank_ids)})
    return [
        ActiveQuestion(
            question_id=question_id,
            revision_id=revision_id,
            bank_id=bank_id,
            type=kind,
            difficulty=difficulty,
            tags=_words(tags),
            roles=_words(roles),
            shapes=shapes_of(kind, options, keys, json.loads(parts) if kind is QuestionType.CASE else ()),
        )
        for question_id, revision_id, bank_id, kind, difficulty, tags, roles, options, keys, parts in rows
    ]


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """Return a JSON list of words; many questions bear the same."""
    return tuple(json.loads(text))


def shown_questions(revision_ids: Collection[int]) -> dict[int, ShownQuestion]:
    """Return what learners see of these revisions. The key is not even read."""
    rows = db.session.execute(_SHOWN, {"ids": list(revision_ids)})
    return {
        row.id: ShownQuestion(row.type, row.stem, tuple(row.options), tuple(map(_shown_part, row.parts)))
        for row in rows
    }


def _shown_part(part: dict[str, Any]) -> ShownQuestion:
    return ShownQuestion(QuestionType(part["type"]), part["stem"], tuple(part["options"]))


def keys(revision_ids: Collection[int]) -> dict[int, AnswerKey]:
    """Return what is right of these revisions, for grading."""
    rows = db.session.execute(_KEYS, {"ids": list(revision_ids)})
    return {row.id: key_from(row.type, row.parts, row.key) for row in rows}


def content_of(revision: Any, code: str = "") -> QuestionContent:
    """Return everything that a revision fixes."""
    is_case = revision.type is QuestionType.CASE
    right = AnswerKey() if is_case else key_from(revision.type, (), revision.key)
    return QuestionContent(
        type=revision.type,
        stem=revision.stem,
        options=tuple(revision.options),
        key=right.choice,
        blanks=right.blanks,
        parts=parts_from(revision.parts, revision.key) if is_case else (),
        explanation=revision.explanation,
        source=revision.source,
        tags=tuple(revision.tags),
        difficulty=revision.difficulty,
        roles=tuple(revision.roles),
        code=code,
    )


def contents(revision_ids: Collection[int]) -> dict[int, QuestionContent]:
    """Return these revisions as reviews show them, keys and explanations included."""
    return {row.id: content_of(row) for row in db.session.execute(_REVIEWED, {"ids": list(revision_ids)})}


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRevision:
    """A revision with the question that it belongs to."""

    id: int
    number: int
    question_id: int
    is_active: bool
    content: QuestionContent


def all_revisions(bank_id: int, question_id: int | None = None) -> list[HeldRevision]:
    """Return every revision of a bank's questions, or of one of them: by question, the first in front."""
    statement = (
        select(QuestionRevision, Question.code, Question.state)
        .join(Question, Question.id == QuestionRevision.question_id)
        .where(Question.bank_id == bank_id)
        .order_by(Question.id, QuestionRevision.number)
    )
    if question_id is not None:
        statement = statement.where(Question.id == question_id)
    return [
        HeldRevision(
            id=revision.id,
            number=revision.number,
            question_id=revision.question_id,
            is_active=state is QuestionState.ACTIVE,
            content=content_of(revision, code),
        )
        for revision, code, state in db.session.execute(statement)
    ]


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


def all_tags() -> list[str]:
    """Return the tags that active questions bear, in any bank."""
    statement: Select[str] = (
        select(cast(_revisions.tags, Text))
        .join(Question.__table__, _in_force)
        .where(_questions.state == QuestionState.ACTIVE)
        .distinct()
    )
    return sorted({tag for tags in db.session.scalars(statement) for tag in _words(tags)})
