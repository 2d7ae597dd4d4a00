"""The territory, the enterprises in it, and who holds which post there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quizapp.database import BigKey, Moment, choice
from quizapp.directory.roles import EnterpriseState, JobRole, RegionKind, Scale
from quizapp.extensions import Model


class Region(Model):
    """A node of the territory tree; `path` names it from the top, as in ``wujin/hutang``."""

    __tablename__ = "regions"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    path: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[RegionKind] = mapped_column(choice(RegionKind, "kind"))
    position: Mapped[int] = mapped_column(default=0)


class MemberUnit(Model):
    """A department of the safety commission that is responsible for a trade."""

    __tablename__ = "member_units"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Enterprise(Model):
    """An industrial enterprise or self-employed industrial unit."""

    __tablename__ = "enterprises"
    __table_args__ = (
        CheckConstraint("length(uscc) = 18", "uscc_has_18_characters"),
        CheckConstraint("NOT self_employed OR scale = 'below'", "self_employed_is_below"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", "closed_at_when_closed"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    #: First letters of the name in pinyin, small, for the search: ``jsjxyxgs``.
    initials: Mapped[str] = mapped_column(String(120), index=True, default="")
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    member_unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_units.id"), index=True)
    scale: Mapped[Scale] = mapped_column(choice(Scale, "scale"))
    #: Yearly main-business revenue in 10,000 yuan.
    revenue_wan: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    self_employed: Mapped[bool] = mapped_column(default=False)
    #: Why the size was set by hand; None when it follows from the revenue.
    scale_reason: Mapped[str | None] = mapped_column(String(200))
    #: Section and division of GB/T 4754, such as C33.
    trade: Mapped[str | None] = mapped_column(String(3), index=True)
    state: Mapped[EnterpriseState] = mapped_column(
        choice(EnterpriseState, "state"), default=EnterpriseState.OPERATING
    )
    #: Why it is suspended or closed.
    state_reason: Mapped[str | None] = mapped_column(String(200))
    registered_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)

    region: Mapped[Region] = relationship(lazy="raise")
    member_unit: Mapped[MemberUnit | None] = relationship(lazy="raise")


class Placement(Model):
    """Where an operating enterprise counts, from … until …: its region, member unit and size.

    A change ends the row and begins the next, so that the past stays answerable; while an enterprise
    is suspended or closed it has none.
    """

    __tablename__ = "placements"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", "ends_after_beginning"),
        Index(
            "uq_placements_in_force",
            "enterprise_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("regions.id"), index=True)
    member_unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_units.id"), index=True)
    scale: Mapped[Scale] = mapped_column(choice(Scale, "scale"))
    since: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime | None] = mapped_column(Moment)


class Declaration(Model):
    """How many people of a role an enterprise says it has (底数); a new one supersedes the old."""

    __tablename__ = "declarations"
    __table_args__ = (
        CheckConstraint("people >= 0", "people_not_negative"),
        Index(
            "uq_declarations_in_force",
            "enterprise_id",
            "job_role",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    job_role: Mapped[JobRole] = mapped_column(choice(JobRole, "job_role"))
    people: Mapped[int]
    declared_at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)


class Post(Model):
    """An account holds a job role in an enterprise, from … until …."""

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", "ends_after_start"),
        Index(
            "uq_posts_held",
            "account_id",
            "enterprise_id",
            "job_role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    job_role: Mapped[JobRole] = mapped_column(choice(JobRole, "job_role"))
    #: What the enterprise calls it, such as 冲压车间主任.
    title: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
