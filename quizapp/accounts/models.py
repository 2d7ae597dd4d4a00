"""Who signs in, and what staff work they were granted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.signed_in import session_id
from quizapp.database import BigKey, Moment, choice
from quizapp.extensions import Model


class Account(Model):
    """One person who signs in."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("length(phone) = 11", "phone_has_11_digits"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    phone: Mapped[str] = mapped_column(String(11), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(120))
    #: Stands in every sign-in cookie; raising it ends them all.
    session_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Say whether the account may sign in."""
        return self.disabled_at is None

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the cookie."""
        return session_id(self.id, self.session_version)


class Grant(Model):
    """An account may do staff work of one kind in one region and all below it (None: everywhere)."""

    __tablename__ = "grants"
    __table_args__ = (
        Index(
            "uq_grants_in_region",
            "account_id",
            "kind",
            "region_path",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL AND region_path IS NOT NULL"),
            postgresql_where=text("withdrawn_at IS NULL AND region_path IS NOT NULL"),
        ),
        Index(
            "uq_grants_everywhere",
            "account_id",
            "kind",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL AND region_path IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL AND region_path IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[GrantKind] = mapped_column(choice(GrantKind, "kind"))
    region_path: Mapped[str | None] = mapped_column(ForeignKey("regions.path"))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
