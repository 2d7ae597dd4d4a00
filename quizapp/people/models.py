"""An enterprise's link (on a poster as a QR code), and who applied through it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.database import BigKey, Moment, choice
from quizapp.directory.roles import JobRole
from quizapp.extensions import Model


class JoinLink(Model):
    """Where the people of one enterprise come in; a new link ends the one before."""

    __tablename__ = "join_links"
    __table_args__ = (
        Index(
            "uq_join_links_in_force",
            "enterprise_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class ApplicationState(StrEnum):
    """What became of an application."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Application(Model):
    """Somebody who says they work in an enterprise, until its contact says yes or no."""

    __tablename__ = "applications"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_at IS NULL)", "decided_when_not_waiting"),
        CheckConstraint("state = 'waiting' OR password_hash IS NULL", "no_password_once_decided"),
        Index("ix_applications_enterprise_id_state", "enterprise_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    #: Stands on the applicant's screen; the contact compares it.
    number: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(11))
    job_role: Mapped[JobRole] = mapped_column(choice(JobRole, "job_role"))
    title: Mapped[str] = mapped_column(String(60), default="")
    #: Of the password that the applicant chose; becomes the account's with the yes.
    password_hash: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[ApplicationState] = mapped_column(choice(ApplicationState, "state"))
    applied_at: Mapped[datetime] = mapped_column(Moment)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
