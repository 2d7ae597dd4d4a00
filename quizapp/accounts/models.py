"""Who signs in, and what staff work they were granted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.accounts.kinds import GrantKind
from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model

#: The columns of a grant that say where it holds.
PLACES = ("region_path", "member_unit_id", "enterprise_id")


class Account(Model):
    """One person who signs in."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("length(phone) = 11", "phone_has_11_digits"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    phone: Mapped[str] = mapped_column(String(11), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(120))
    password_set_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    #: Since when name and number say nothing any more.
    anonymised_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def is_active(self) -> bool:
        """Say whether the account may sign in."""
        return self.disabled_at is None


def _once(name: str, *places: str) -> Index:
    """A grant in force stands once in each place."""
    empty = [place for place in PLACES if place not in places]
    in_force = " AND ".join(
        ["withdrawn_at IS NULL", *(f"{p} IS NOT NULL" for p in places), *(f"{p} IS NULL" for p in empty)]
    )
    return Index(
        f"uq_grants_{name}",
        "account_id",
        "kind",
        *places,
        unique=True,
        sqlite_where=text(in_force),
        postgresql_where=text(in_force),
    )


class Grant(Model):
    """An account may do staff work of one kind in one place.

    The place is a region and all below it, the trade of a member unit, or one enterprise; None of
    them: everywhere.
    """

    __tablename__ = "grants"
    __table_args__ = (
        _once("everywhere"),
        _once("in_region", "region_path"),
        _once("in_member_unit", "member_unit_id"),
        _once("in_enterprise", "enterprise_id"),
        CheckConstraint(
            "(kind = 'enterprise_contact') = (enterprise_id IS NOT NULL)"
            " AND (kind = 'member_unit_staff') = (member_unit_id IS NOT NULL)"
            " AND (kind <> 'town_staff' OR region_path IS NOT NULL)"
            " AND (region_path IS NULL OR (enterprise_id IS NULL AND member_unit_id IS NULL))",
            "place_fits_kind",
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[GrantKind] = mapped_column(choice(GrantKind, "kind"))
    region_path: Mapped[str | None] = mapped_column(ForeignKey("regions.path"))
    member_unit_id: Mapped[int | None] = mapped_column(ForeignKey("member_units.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"), index=True)
    granted_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class ActivationCode(Model):
    """A one-time code by which somebody sets their password; of the code itself only a digest is kept."""

    __tablename__ = "activation_codes"
    __table_args__ = (
        CheckConstraint("used_at IS NULL OR ended_at IS NOT NULL", "used_is_ended"),
        Index(
            "uq_activation_codes_in_force",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    failures: Mapped[int] = mapped_column(default=0)
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    issued_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    #: Used, or void because a newer one was issued.
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignIn(Model):
    """A device on which somebody signed in; its cookie holds a token, of which only a digest stands here."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    #: The browser's own description of itself.
    device: Mapped[str] = mapped_column(String(300))
    address: Mapped[str] = mapped_column(String(45))
    began_at: Mapped[datetime] = mapped_column(Moment)
    #: Brought up to date now and then, not with every request.
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SecondFactor(Model):
    """A secret shared with an authenticator app (TOTP, RFC 6238), encrypted, with codes for its loss."""

    __tablename__ = "second_factors"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    #: Digests of the recovery codes that are left.
    recovery: Mapped[list[str]] = mapped_column(Document)
    #: The time step of the code used last; an older or equal one is refused.
    last_step: Mapped[int | None] = mapped_column(BigKey)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    #: Since when it is asked for; None while it is being set up.
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)


class Identity(Model):
    """Who an account is at an OpenID Connect provider: the subject that this issuer calls the person by."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("account_id", "issuer"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    issuer: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(255))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    linked_at: Mapped[datetime] = mapped_column(Moment)


class FailedTry(Model):
    """A sign-in or a code that did not fit; `key` stands for the number or the address, unreadably."""

    __tablename__ = "failed_tries"
    __table_args__ = (Index("ix_failed_tries_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
