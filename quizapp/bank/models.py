"""Banks, their questions, and the revisions that never change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.bank.questions import Difficulty, QuestionState, QuestionType
from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model


class Bank(Model):
    """A named collection of questions."""

    __tablename__ = "banks"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Question(Model):
    """A question through all its revisions; `revision` is the number of the one in force."""

    __tablename__ = "questions"
    __table_args__ = (
        UniqueConstraint("bank_id", "fingerprint"),
        Index(
            "uq_questions_code",
            "bank_id",
            "code",
            unique=True,
            sqlite_where=text("code <> ''"),
            postgresql_where=text("code <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("banks.id"))
    code: Mapped[str] = mapped_column(String(60), default="")
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[QuestionState] = mapped_column(choice(QuestionState, "state"))
    revision: Mapped[int] = mapped_column(default=1)


class KeyCorrection(Model):
    """Answers to a revision whose key was wrong are graded by another revision's; the latest row counts."""

    __tablename__ = "key_corrections"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("question_revisions.id"), index=True)
    key_revision_id: Mapped[int] = mapped_column(ForeignKey("question_revisions.id"), index=True)
    corrected_at: Mapped[datetime] = mapped_column(Moment)


class QuestionRevision(Model):
    """A question as it stood from one edit to the next. A trigger refuses to change or delete it."""

    __tablename__ = "question_revisions"
    __table_args__ = (
        UniqueConstraint("question_id", "number"),
        CheckConstraint("number >= 1", "number_at_least_one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"))
    number: Mapped[int]
    type: Mapped[QuestionType] = mapped_column(choice(QuestionType, "type"))
    stem: Mapped[str] = mapped_column(Text)
    options: Mapped[list[str]] = mapped_column(Document)
    #: What is right: see `quizapp.bank.documents.key_document`.
    key: Mapped[list[Any]] = mapped_column(Document)
    #: What learners see of a case's questions.
    parts: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    explanation: Mapped[str] = mapped_column(Text)
    #: Law and article.
    source: Mapped[str] = mapped_column(String(240))
    tags: Mapped[list[str]] = mapped_column(Document)
    difficulty: Mapped[Difficulty] = mapped_column(choice(Difficulty, "difficulty"))
    roles: Mapped[list[str]] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
