"""How a paper is drawn, and each sitting of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.bank.questions import Difficulty, QuestionType
from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model
from quizapp.quiz.grading import Scoring


class ClosedBy(StrEnum):
    """What ended an attempt."""

    LEARNER = "learner"
    DEADLINE = "deadline"


class Blueprint(Model):
    """How the papers of a track are drawn."""

    __tablename__ = "blueprints"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), unique=True)

    sections: Mapped[list[BlueprintSection]] = relationship(
        lazy="raise", order_by="BlueprintSection.position"
    )


class BlueprintSection(Model):
    """So many questions of one type (and tag and difficulty) from one bank, at so many points each."""

    __tablename__ = "blueprint_sections"
    __table_args__ = (
        UniqueConstraint("blueprint_id", "position"),
        CheckConstraint("question_count >= 1", "draws_at_least_one"),
        CheckConstraint("points >= 1", "points_at_least_one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprints.id"))
    position: Mapped[int]
    bank_id: Mapped[int] = mapped_column(ForeignKey("banks.id"))
    type: Mapped[QuestionType] = mapped_column(choice(QuestionType, "type"))
    #: "" draws from every tag.
    tag: Mapped[str] = mapped_column(String(60), default="")
    #: None draws every difficulty.
    difficulty: Mapped[Difficulty | None] = mapped_column(choice(Difficulty, "difficulty"))
    question_count: Mapped[int]
    points: Mapped[int]
    scoring: Mapped[Scoring] = mapped_column(choice(Scoring, "scoring"), default=Scoring.ALL_OR_NOTHING)


class Regrade(Model):
    """A wrong key was corrected, and what that did to the results."""

    __tablename__ = "regrades"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    #: The revision whose key counts from now on.
    key_revision_id: Mapped[int] = mapped_column(ForeignKey("question_revisions.id"))
    reason: Mapped[str] = mapped_column(String(200))
    regraded_at: Mapped[datetime] = mapped_column(Moment)
    regraded_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: Closed attempts with the question on their paper, and how many of their results changed.
    attempts: Mapped[int]
    changed: Mapped[int]
    passes_gained: Mapped[int]
    #: Passes that the new result would not give; they stand until a person takes them away.
    passes_kept: Mapped[int]


class RegradedAttempt(Model):
    """How one result changed by a regrade."""

    __tablename__ = "regraded_attempts"

    regrade_id: Mapped[int] = mapped_column(ForeignKey("regrades.id"), primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"), primary_key=True, index=True)
    marks_before: Mapped[list[int]] = mapped_column(Document)
    marks_after: Mapped[list[int]] = mapped_column(Document)
    points_before: Mapped[int]
    points_after: Mapped[int]
    passed_before: Mapped[bool]
    passed_after: Mapped[bool]


class Attempt(Model):
    """One sitting: the paper as drawn, the answers as saved, the result once closed.

    ``paper``: a list of `quizapp.quiz.drawing.PaperItem`; its `order` lists the original option indices as
    shown. ``answers``: {place: {sequence, choice, at}} with original option indices, or a text for each
    blank; ``at`` is when the place was first saved, where that is known.
    ``marks``: points earned by place, once closed.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        Index(
            "uq_attempts_open",
            "account_id",
            "track_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        UniqueConstraint("account_id", "track_id", "number"),
        CheckConstraint("number BETWEEN 1 AND attempt_limit", "number_within_limit"),
        CheckConstraint("deadline_at > started_at", "deadline_after_start"),
        CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)"
            " AND (closed_at IS NULL) = (points IS NULL)"
            " AND (closed_at IS NULL) = (passed IS NULL)",
            "result_when_closed",
        ),
        Index(
            "ix_attempts_open_deadline",
            "deadline_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), index=True)
    #: First, second, … sitting of this account in this track.
    number: Mapped[int]
    #: The track's rules as they stood at the start.
    attempt_limit: Mapped[int]
    pass_mark: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    paper: Mapped[list[dict[str, Any]]] = mapped_column(Document)
    answers: Mapped[dict[str, dict[str, Any]]] = mapped_column(Document, default=dict)
    started_at: Mapped[datetime] = mapped_column(Moment)
    deadline_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[ClosedBy | None] = mapped_column(choice(ClosedBy, "closed_by"))
    total_points: Mapped[int]
    points: Mapped[int | None]
    marks: Mapped[list[int] | None] = mapped_column(Document)
    passed: Mapped[bool | None]


class ItemAnalysis(Model):
    """How the items of a bank did on closed papers, as last counted; never added to, always counted anew.

    ``items``: a list of `quizapp.quiz.analysis_listing.ItemRow`.
    """

    __tablename__ = "item_analyses"

    bank_id: Mapped[int] = mapped_column(ForeignKey("banks.id"), primary_key=True, autoincrement=False)
    computed_at: Mapped[datetime] = mapped_column(Moment)
    #: Closed papers that had an item of the bank.
    papers: Mapped[int]
    items: Mapped[list[dict[str, Any]]] = mapped_column(Document)
