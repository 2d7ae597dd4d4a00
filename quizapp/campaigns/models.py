"""The campaign, what each job role must do in it, and who must be covered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.database import BigKey, Moment, choice
from quizapp.directory.roles import JobRole, Scale
from quizapp.extensions import Model


class Campaign(Model):
    """A period with its modules, quizzes and rules."""

    __tablename__ = "campaigns"
    __table_args__ = (CheckConstraint("closes_at > opens_at", "closes_after_opening"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    #: The line above the name, such as 武进区 · 2026 安全生产专题.
    heading: Mapped[str] = mapped_column(String(120))
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    #: Made-up enterprises and people; every page says so.
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    tracks: Mapped[list[Track]] = relationship(lazy="raise", back_populates="campaign")


class Track(Model):
    """What one job role must do in one campaign: modules and a quiz."""

    __tablename__ = "tracks"
    __table_args__ = (
        UniqueConstraint("campaign_id", "job_role"),
        CheckConstraint("pass_mark BETWEEN 1 AND 100", "pass_mark_is_percent"),
        CheckConstraint("attempt_limit >= 1", "attempt_limit_at_least_one"),
        CheckConstraint("minutes >= 1", "minutes_at_least_one"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    job_role: Mapped[JobRole] = mapped_column(choice(JobRole, "job_role"))
    #: Percent of the paper's points.
    pass_mark: Mapped[int]
    attempt_limit: Mapped[int]
    #: Length of one sitting.
    minutes: Mapped[int]
    #: The quiz opens only when every module is done.
    study_first: Mapped[bool] = mapped_column(default=True)

    campaign: Mapped[Campaign] = relationship(lazy="raise", back_populates="tracks")


class Enrolment(Model):
    """The fact table: in this campaign this post must be covered, and how far it has come.

    Nothing in it is overwritten: a change of enterprise, size or post withdraws the row and a new
    one takes over, so that any moment T in the past can be asked again with
    ``enrolled_at <= T < withdrawn_at`` and ``completed_at <= T``.
    """

    __tablename__ = "enrolments"
    __table_args__ = (
        Index(
            "uq_enrolments_in_force",
            "campaign_id",
            "post_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= enrolled_at", "withdrawn_after_enrolled"),
        CheckConstraint(
            "(completed_at IS NOT NULL) = (studied_at IS NOT NULL AND passed_at IS NOT NULL)",
            "completed_when_studied_and_passed",
        ),
        CheckConstraint("(passed_at IS NULL) = (attempt_id IS NULL)", "passed_by_an_attempt"),
        Index("ix_enrolments_account_id_track_id", "account_id", "track_id"),
        Index("ix_enrolments_campaign_id_region_id", "campaign_id", "region_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    member_unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_units.id"), index=True)
    scale: Mapped[Scale] = mapped_column(choice(Scale, "scale"))
    job_role: Mapped[JobRole] = mapped_column(choice(JobRole, "job_role"))
    enrolled_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    studied_at: Mapped[datetime | None] = mapped_column(Moment)
    passed_at: Mapped[datetime | None] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    #: The attempt that proves the pass.
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id"))

    track: Mapped[Track] = relationship(lazy="raise")
