"""Reads of banks and questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, cast, func, or_, select

from quizapp.bank.documents import key_from, parts_from, shapes_of
from quizapp.bank.models import Bank, KeyCorrection, Question, QuestionRevision
from quizapp.bank.questions import (
    ActiveQuestion,
    AnswerKey,
    Difficulty,
    QuestionContent,
    QuestionState,
    QuestionType,
    normalise,
)
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
_corrections = columns(KeyCorrection)
#: The last correction of each revision's key: the revision whose key counts.
_LAST_CORRECTION = (
    select(_corrections.key_revision_id)
    .where(_corrections.revision_id == _revisions.id)
    .order_by(_corrections.id.desc())
    .limit(1)
    .scalar_subquery()
)
_right = QuestionRevision.__table__.alias("right_one")
_KEYS = (
    select(_revisions.id, _right.c.type, _right.c.parts, _right.c.key)
    .select_from(QuestionRevision.__table__)
    .join(_right, _right.c.id == func.coalesce(_LAST_CORRECTION, _revisions.id))
    .where(_ids)
)
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


def get_bank_by_id(bank_id: int) -> Bank:
    """Return a bank or raise NotFound."""
    bank = db.session.get(Bank, bank_id)
    if bank is None:
        raise NotFound
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
    """Return what is right of these revisions, corrections included, for grading."""
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


def get_question(question_id: int) -> Question:
    """Return a question or raise NotFound."""
    question = db.session.get(Question, question_id)
    if question is None:
        raise NotFound
    return question


def get_revision(question_id: int, number: int) -> QuestionRevision:
    """Return a revision of a question or raise NotFound."""
    wanted = (QuestionRevision.question_id == question_id, QuestionRevision.number == number)
    revision = db.session.scalar(select(QuestionRevision).where(*wanted))
    if revision is None:
        raise NotFound
    return revision


def history(question_id: int) -> list[QuestionRevision]:
    """Return all revisions of a question, the newest first."""
    wanted = select(QuestionRevision).where(QuestionRevision.question_id == question_id)
    return list(db.session.scalars(wanted.order_by(QuestionRevision.number.desc())))


def corrected_by(revision_id: int) -> list[int]:
    """Return the revisions whose answers are graded by this one's key, because their own was wrong."""
    last = select(func.max(KeyCorrection.id)).group_by(KeyCorrection.revision_id)
    wanted = (KeyCorrection.key_revision_id == revision_id, KeyCorrection.id.in_(last))
    return list(db.session.scalars(select(KeyCorrection.revision_id).where(*wanted)))


def questions_among(bank_id: int, question_ids: Collection[int]) -> list[tuple[Question, QuestionRevision]]:
    """Return those of these questions that are a bank's, with the revision in force."""
    rows = db.session.execute(
        select(Question, QuestionRevision)
        .join(QuestionRevision, _in_force)
        .where(Question.bank_id == bank_id, Question.id.in_(question_ids))
        .order_by(Question.id)
    )
    return [(question, revision) for question, revision in rows]


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


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionFilter:
    """Which questions of a bank a list shows; "" and None do not narrow it."""

    #: In the stem, the number or the source.
    text: str = ""
    type: QuestionType | None = None
    difficulty: Difficulty | None = None
    state: QuestionState | None = None
    tag: str = ""
    role: str = ""
    source: str = ""


def page_of_questions(
    bank_id: int, asked: QuestionFilter, number: int
) -> Page[tuple[Question, QuestionRevision]]:
    """Return a page of a bank's questions, in the order they came."""
    conditions = [Question.bank_id == bank_id]
    if asked.text:
        conditions.append(
            or_(
                QuestionRevision.stem.contains(asked.text, autoescape=True),
                Question.code.contains(asked.text, autoescape=True),
                QuestionRevision.source.contains(asked.text, autoescape=True),
            )
        )
    if asked.source:
        conditions.append(QuestionRevision.source.startswith(asked.source, autoescape=True))
    for column, value in (
        (QuestionRevision.type, asked.type),
        (QuestionRevision.difficulty, asked.difficulty),
        (Question.state, asked.state),
    ):
        if value is not None:
            conditions.append(column == value)
    statement = select(Question, QuestionRevision).join(QuestionRevision, _in_force).where(*conditions)
    rows = [
        (question, revision)
        for question, revision in db.session.execute(statement.order_by(Question.id))
        if _bears(revision, asked)
    ]
    start = (number - 1) * PER_PAGE
    return Page(rows[start : start + PER_PAGE], len(rows), number)


def _bears(revision: QuestionRevision, asked: QuestionFilter) -> bool:
    """Say whether a revision has the tag and suits the role that are asked for."""
    has_tag = not asked.tag or normalise(asked.tag) in map(normalise, revision.tags)
    return has_tag and (not asked.role or not revision.roles or asked.role in revision.roles)


def sources_of(bank_id: int) -> list[str]:
    """Return the laws that a bank's questions cite, without the articles."""
    statement = select(QuestionRevision.source).join(Question, _in_force).where(Question.bank_id == bank_id)
    laws = {source.split("第", 1)[0].strip() for source in db.session.scalars(statement.distinct())}
    return sorted(laws - {""})


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
