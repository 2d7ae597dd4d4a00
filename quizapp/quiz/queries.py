"""Reads of blueprints and attempts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select

from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.wording import accepted, filled, letters
from quizapp.campaigns.queries import enrolled_at
from quizapp.database import columns
from quizapp.errors import Conflict, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz.answers import to_shown
from quizapp.quiz.drawing import Section
from quizapp.quiz.models import Attempt, Blueprint, BlueprintSection, Regrade
from quizapp.quiz.papers import Item, part_of, revisions_on
from quizapp.quiz.reviews import ReviewedQuestion


class NoBlueprint(Conflict):
    """Nobody has said how this track's papers are drawn."""

    def __init__(self) -> None:
        super().__init__(M("答题还没有设置好，请联系区安委办。"))


@dataclass(frozen=True, slots=True)
class PaperSize:
    """How many questions a track's paper has and how many points they carry."""

    questions: int
    points: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptSummary:
    """An attempt without its paper."""

    id: int
    track_id: int
    number: int
    attempt_limit: int
    started_at: datetime
    deadline_at: datetime
    closed_at: datetime | None
    points: int | None
    total_points: int
    pass_mark: int
    passed: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SittingQuestion:
    """A question as it stands on the paper, with what was saved for it."""

    place: int
    type: QuestionType
    stem: str
    options: tuple[str, ...]
    points: int
    sequence: int
    chosen: tuple[int, ...]
    #: What fills the blanks so far, one text each; () for a question with options.
    texts: tuple[str, ...]
    #: The text that a case's question is on, "" for a question that stands alone.
    case: str

    @property
    def is_answered(self) -> bool:
        """Say whether something was chosen or filled in."""
        return bool(self.chosen) or any(self.texts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sitting:
    """An open attempt as its page needs it."""

    id: int
    track_id: int
    number: int
    attempt_limit: int
    deadline_at: datetime
    is_closed: bool
    questions: tuple[SittingQuestion, ...]

    @property
    def answered(self) -> int:
        """Return how many questions have an answer."""
        return sum(question.is_answered for question in self.questions)


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A closed attempt with every question, own and right answer."""

    summary: AttemptSummary
    took: timedelta
    questions: tuple[ReviewedQuestion, ...]

    @property
    def percent(self) -> int:
        """Return the score in whole percent, rounded down, so that it never shows a pass that is none."""
        return (self.summary.points or 0) * 100 // self.summary.total_points


_attempts, _blueprints, _sections = columns(Attempt), columns(Blueprint), columns(BlueprintSection)
_SUMMARY = (
    _attempts.id,
    _attempts.track_id,
    _attempts.number,
    _attempts.attempt_limit,
    _attempts.started_at,
    _attempts.deadline_at,
    _attempts.closed_at,
    _attempts.points,
    _attempts.total_points,
    _attempts.pass_mark,
    _attempts.passed,
)


_SECTION = (
    _sections.bank_id,
    _sections.type,
    _sections.tag,
    _sections.difficulty,
    _sections.question_count.label("count"),
    _sections.points,
    _sections.scoring,
)
_SECTIONS = (
    select(*_SECTION)
    .join(Blueprint.__table__, _blueprints.id == _sections.blueprint_id)
    .where(_blueprints.track_id == bindparam("track_id"))
    .order_by(_sections.position)
)
_ALL_SECTIONS = (
    select(_blueprints.track_id, *_SECTION)
    .join(Blueprint.__table__, _blueprints.id == _sections.blueprint_id)
    .order_by(_blueprints.track_id, _sections.position)
)
_PAPER_SIZES = (
    select(
        _blueprints.track_id,
        func.sum(_sections.question_count),
        func.sum(_sections.question_count * _sections.points),
    )
    .join(BlueprintSection.__table__, _sections.blueprint_id == _blueprints.id)
    .where(_blueprints.track_id.in_(bindparam("track_ids", expanding=True)))
    .group_by(_blueprints.track_id)
)
_OWN_ATTEMPTS = (
    select(*_SUMMARY).where(_attempts.account_id == bindparam("account_id")).order_by(_attempts.id.desc())
)
_OWN_ATTEMPTS_IN = _OWN_ATTEMPTS.where(_attempts.track_id == bindparam("track_id"))
_OWN_ATTEMPT = select(*_SUMMARY, _attempts.paper, _attempts.answers, _attempts.marks).where(
    _attempts.id == bindparam("attempt_id"), _attempts.account_id == bindparam("account_id")
)
_LAST_NUMBER = select(func.max(_attempts.number)).where(
    _attempts.account_id == bindparam("account_id"), _attempts.track_id == bindparam("track_id")
)


def sections(track_id: int) -> list[Section]:
    """Return the sections of a track's blueprint or raise NoBlueprint."""
    found = find_sections(track_id)
    if not found:
        raise NoBlueprint
    return found


def find_sections(track_id: int) -> list[Section]:
    """Return the sections of a track's blueprint, none when it has no blueprint."""
    rows = db.session.execute(_SECTIONS, {"track_id": track_id})
    return [Section(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def sections_by_track() -> dict[int, list[Section]]:
    """Return the sections of every blueprint."""
    found: dict[int, list[Section]] = {}
    for row in db.session.execute(_ALL_SECTIONS).mappings():
        values = dict(row)
        found.setdefault(values.pop("track_id"), []).append(Section(**values))
    return found


def paper_sizes(track_ids: Collection[int]) -> dict[int, PaperSize]:
    """Return the size of each track's paper; a track without a blueprint is left out."""
    if not track_ids:
        return {}
    rows = db.session.execute(_PAPER_SIZES, {"track_ids": list(track_ids)})
    return {track_id: PaperSize(int(questions), int(points)) for track_id, questions, points in rows}


def last_number(account_id: int, track_id: int) -> int:
    """Return the number of the account's last attempt in a track, 0 before the first."""
    return db.session.scalar(_LAST_NUMBER, {"account_id": account_id, "track_id": track_id}) or 0


def own_attempts(account_id: int, track_id: int | None = None) -> list[AttemptSummary]:
    """Return the account's attempts, the newest first."""
    if track_id is None:
        rows = db.session.execute(_OWN_ATTEMPTS, {"account_id": account_id})
    else:
        rows = db.session.execute(_OWN_ATTEMPTS_IN, {"account_id": account_id, "track_id": track_id})
    return [AttemptSummary(**row) for row in rows.mappings()]


def find_open_attempt(account_id: int, track_id: int) -> int | None:
    """Return the id of the account's open attempt in a track."""
    return db.session.scalar(
        select(Attempt.id).where(
            Attempt.account_id == account_id, Attempt.track_id == track_id, Attempt.closed_at.is_(None)
        )
    )


def passed_before(at: datetime) -> list[Row[int, int, int, datetime]]:
    """Return the first passed attempt of each who was enrolled at `at` without it being credited."""
    enrolled = enrolled_at(at)
    statement = (
        select(
            _attempts.account_id,
            _attempts.track_id,
            func.min(_attempts.id).label("id"),
            func.min(_attempts.closed_at).label("closed_at"),
        )
        .join(
            enrolled,
            and_(enrolled.c.account_id == _attempts.account_id, enrolled.c.track_id == _attempts.track_id),
        )
        .where(enrolled.c.passed_at.is_(None), _attempts.passed.is_(True))
        .group_by(_attempts.account_id, _attempts.track_id)
    )
    return list(db.session.execute(statement))


def overdue_attempts(before: datetime, most: int) -> list[int]:
    """Return ids of open attempts whose deadline was before this moment, the oldest first."""
    return list(
        db.session.scalars(
            select(Attempt.id)
            .where(Attempt.closed_at.is_(None), Attempt.deadline_at < before)
            .order_by(Attempt.deadline_at)
            .limit(most)
        )
    )


def get_sitting(account_id: int, attempt_id: int) -> Sitting:
    """Return the account's attempt as its page needs it, or raise NotFound."""
    row = _own_attempt(account_id, attempt_id)
    shown = bank_queries.shown_questions(revisions_on(row.paper))
    questions = tuple(
        _sitting_question(place, item, shown[item["revision_id"]], row.answers.get(str(place)))
        for place, item in enumerate(row.paper)
    )
    return Sitting(
        id=row.id,
        track_id=row.track_id,
        number=row.number,
        attempt_limit=row.attempt_limit,
        deadline_at=row.deadline_at,
        is_closed=row.closed_at is not None,
        questions=questions,
    )


def _own_attempt(account_id: int, attempt_id: int) -> Any:
    names = {"account_id": account_id, "attempt_id": attempt_id}
    row = db.session.execute(_OWN_ATTEMPT, names).one_or_none()
    if row is None:
        raise NotFound
    return row


def _sitting_question(
    place: int, item: Item, revision: bank_queries.ShownQuestion, saved: dict[str, Any] | None
) -> SittingQuestion:
    part, order, held = part_of(item), item["order"], saved["choice"] if saved else []
    question = revision if part is None else revision.parts[part]
    is_filled = question.type is QuestionType.FILL_IN
    return SittingQuestion(
        place=place,
        type=question.type,
        stem=question.stem,
        options=tuple(question.options[original] for original in order),
        points=item["points"],
        sequence=saved["sequence"] if saved else 0,
        chosen=() if is_filled else tuple(to_shown(order, held)),
        texts=tuple(held or [""] * item["blanks"]) if is_filled else (),
        case="" if part is None else revision.stem,
    )


def question_on_paper(account_id: int, attempt_id: int, place: int) -> tuple[int, int]:
    """Return question and revision at a place (from 0) of the account's closed attempt, or raise NotFound."""
    row = _own_attempt(account_id, attempt_id)
    if row.closed_at is None or not 0 <= place < len(row.paper):
        raise NotFound
    return row.paper[place]["question_id"], row.paper[place]["revision_id"]


def regrades_of(question_id: int) -> list[Regrade]:
    """Return the regrades that a question's corrected keys led to, the latest first."""
    wanted = select(Regrade).where(Regrade.question_id == question_id)
    return list(db.session.scalars(wanted.order_by(Regrade.id.desc())))


def get_review(account_id: int, attempt_id: int) -> Review | None:
    """Return the account's closed attempt with everything in it; None while it is open.

    Raises NotFound for another account's attempt. The keys are read only once it is closed.
    """
    attempt = _own_attempt(account_id, attempt_id)
    if attempt.closed_at is None:
        return None
    contents = bank_queries.contents(revisions_on(attempt.paper))
    questions = tuple(
        _reviewed(attempt, place, item, contents[item["revision_id"]])
        for place, item in enumerate(attempt.paper)
    )
    summary = AttemptSummary(**{column.key: getattr(attempt, column.key) for column in _SUMMARY})
    ended = min(attempt.closed_at, attempt.deadline_at)
    return Review(summary=summary, took=ended - attempt.started_at, questions=questions)


def _reviewed(attempt: Any, place: int, item: Item, content: QuestionContent) -> ReviewedQuestion:
    part, order, saved = part_of(item), item["order"], attempt.answers.get(str(place))
    question = content if part is None else content.parts[part]
    held = saved["choice"] if saved else []
    is_filled = question.type is QuestionType.FILL_IN
    return ReviewedQuestion(
        number=place + 1,
        type=question.type,
        case="" if part is None else content.stem,
        stem=question.stem,
        options=tuple(question.options[original] for original in order),
        chosen=filled(held) if is_filled else letters(to_shown(order, held)),
        right=accepted(question.blanks) if is_filled else letters(to_shown(order, question.key)),
        points=item["points"],
        earned=(attempt.marks or [])[place],
        explanation=question.explanation or content.explanation,
        source=content.source,
        topic=content.tags[0] if content.tags else "",
    )
