"""What learners report about questions, and what they are answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.authoring.kinds import ReportKind, ReportState
from quizapp.database import BigKey, Moment, choice
from quizapp.extensions import Model

LONGEST_TEXT = 500


class QuestionReport(Model):
    """A learner says that something about a question is wrong; an editor looks and answers."""

    __tablename__ = "question_reports"
    __table_args__ = (
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", "answered_at_when_answered"),
        Index("ix_question_reports_state_id", "state", "id"),
        Index(
            "uq_question_reports_open",
            "account_id",
            "question_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    #: As it stood on the learner's paper.
    revision_id: Mapped[int] = mapped_column(ForeignKey("question_revisions.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[ReportKind] = mapped_column(choice(ReportKind, "kind"))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    reported_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[ReportState] = mapped_column(choice(ReportState, "state"), default=ReportState.OPEN)
    answer: Mapped[str] = mapped_column(String(LONGEST_TEXT), default="")
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
