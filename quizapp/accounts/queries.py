"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, exists, false, or_, select, true

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant, Identity, SecondFactor, SignIn
from quizapp.accounts.scopes import Scope
from quizapp.accounts.signed_in import HeldGrant, SignedIn
from quizapp.database import columns, in_chunks, reading_apart
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M

_accounts, _grants, _sign_ins = columns(Account), columns(Grant), columns(SignIn)
_factors = columns(SecondFactor)
_FACTOR_IN_FORCE = and_(_factors.account_id == _accounts.id, _factors.confirmed_at.is_not(None))
_BY_DIGEST = (
    select(
        _accounts.id,
        _accounts.phone,
        _accounts.name,
        _sign_ins.id.label("sign_in_id"),
        _accounts.password_set_at,
        _factors.confirmed_at.is_not(None),
        _sign_ins.seen_at,
        _grants.kind,
        _grants.region_path,
        _grants.member_unit_id,
        _grants.enterprise_id,
    )
    .join(SignIn.__table__, _sign_ins.account_id == _accounts.id)
    .outerjoin(Grant.__table__, and_(_grants.account_id == _accounts.id, _grants.withdrawn_at.is_(None)))
    .outerjoin(SecondFactor.__table__, _FACTOR_IN_FORCE)
    .where(
        _sign_ins.digest == bindparam("digest"),
        _sign_ins.ended_at.is_(None),
        _accounts.disabled_at.is_(None),
    )
    .order_by(_grants.id)
)
_BY_PHONE = select(Account).where(Account.phone == bindparam("phone"))
_TO_SIGN_IN = (
    select(Account, _factors.confirmed_at.is_not(None))
    .outerjoin(SecondFactor.__table__, _FACTOR_IN_FORCE)
    .where(Account.phone == bindparam("phone"))
)


def find_by_token(token: str, digest: str) -> SignedIn | None:
    """Return who is signed in with this token, unless that was ended or the account is disabled."""
    with reading_apart(db.session()):
        rows = db.session.execute(_BY_DIGEST, {"digest": digest}).all()
    if not rows:
        return None
    account_id, phone, name, sign_in_id, password_set_at, has_second_factor, seen_at, *_grant = rows[0]
    return SignedIn(
        id=account_id,
        phone=phone,
        name=name,
        grants=tuple(HeldGrant(*row[7:]) for row in rows if row.kind is not None),
        duty=None,
        withheld=(),
        has_second_factor=has_second_factor,
        password_set_at=password_set_at,
        sign_in_id=sign_in_id,
        seen_at=seen_at,
        token=token,
    )


def open_sign_ins(account_id: int, seen_since: datetime) -> list[SignIn]:
    """Return on which devices an account is signed in, the one seen last first."""
    wanted = (SignIn.account_id == account_id, SignIn.ended_at.is_(None), SignIn.seen_at > seen_since)
    return list(db.session.scalars(select(SignIn).where(*wanted).order_by(SignIn.seen_at.desc(), SignIn.id)))


def sign_ins_of(account_id: int) -> list[SignIn]:
    """Return on which devices an account has been signed in, the latest first."""
    wanted = select(SignIn).where(SignIn.account_id == account_id)
    return list(db.session.scalars(wanted.order_by(SignIn.seen_at.desc(), SignIn.id.desc())))


def idle_since(cutoff: datetime) -> list[int]:
    """Return the accounts that a moment finds without staff work, sign-in or any other trace after it."""
    works = exists().where(
        Grant.account_id == _accounts.id, or_(Grant.withdrawn_at.is_(None), Grant.withdrawn_at > cutoff)
    )
    signs_in = exists().where(SignIn.account_id == _accounts.id, SignIn.seen_at > cutoff)
    wanted = (_accounts.anonymised_at.is_(None), _accounts.created_at <= cutoff, ~works, ~signs_in)
    return list(db.session.scalars(select(_accounts.id).where(*wanted).order_by(_accounts.id)))


def find_by_phone(phone: str) -> Account | None:
    """Return the account with this phone number."""
    with reading_apart(db.session()):
        return db.session.scalar(_BY_PHONE, {"phone": phone})


def find_by_identity(issuer: str, subject: str) -> Account | None:
    """Return the account that an identity at a provider is linked to."""
    wanted = (Identity.issuer == issuer, Identity.subject == subject)
    return db.session.scalar(select(Account).join(Identity, Identity.account_id == Account.id).where(*wanted))


def find_identity(account_id: int, issuer: str) -> Identity | None:
    """Return what an account is linked to at a provider."""
    wanted = (Identity.account_id == account_id, Identity.issuer == issuer)
    return db.session.scalar(select(Identity).where(*wanted))


def identities_of(account_id: int) -> list[Identity]:
    """Return what an account is linked to, at every provider."""
    wanted = select(Identity).where(Identity.account_id == account_id)
    return list(db.session.scalars(wanted.order_by(Identity.id)))


def get_account(account_id: int) -> Account:
    """Return an account or raise NotFound."""
    with reading_apart(db.session()):
        account = db.session.get(Account, account_id)
    if account is None:
        raise NotFound
    return account


def find_to_sign_in(phone: str) -> tuple[Account, bool] | None:
    """Return the account with this phone number, and whether it asks for a second factor."""
    with reading_apart(db.session()):
        row = db.session.execute(_TO_SIGN_IN, {"phone": phone}).one_or_none()
    return (row[0], row[1]) if row else None


def people() -> Subquery:
    """Return who stands behind account ids, for use inside another question."""
    return select(
        _accounts.id,
        _accounts.phone,
        _accounts.name,
        _accounts.password_hash.is_not(None).label("has_password"),
    ).subquery("people")


class Known(NamedTuple):
    """Whose phone number it is."""

    id: int
    name: str
    has_password: bool


def names_by_phone(phones: Iterable[str]) -> dict[str, Known]:
    """Return the accounts that have one of these phone numbers."""
    found: dict[str, Known] = {}
    for chunk in in_chunks(phones):
        rows = db.session.execute(
            select(_accounts.phone, _accounts.id, _accounts.name, _accounts.password_hash.is_not(None)).where(
                _accounts.phone.in_(chunk)
            )
        )
        found.update({phone: Known(*known) for phone, *known in rows})
    return found


def names_by_id(account_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of accounts."""
    found: dict[int, str] = {}
    for chunk in in_chunks(account_ids):
        rows = db.session.execute(select(_accounts.id, _accounts.name).where(_accounts.id.in_(chunk)))
        found.update({row.id: row.name for row in rows})
    return found


def staff_among(account_ids: Iterable[int]) -> set[int]:
    """Return which of these accounts hold a grant."""
    found: set[int] = set()
    for chunk in in_chunks(account_ids):
        found.update(
            db.session.scalars(
                select(_grants.account_id).where(
                    _grants.account_id.in_(chunk), _grants.withdrawn_at.is_(None)
                )
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class GrantHolder:
    """A grant in force with who holds it."""

    grant: Grant
    name: str
    phone: str


def granted_within(scope: Scope, enterprises: Select[Any]) -> ColumnElement[bool]:
    """Return that a grant's place lies wholly within a scope; `enterprises` asks for the ids in it."""
    if scope.everything:
        return true()
    regions = (
        or_(Grant.region_path == path, Grant.region_path.startswith(f"{path}/", autoescape=True))
        for path in scope.paths
    )
    return or_(false(), *regions, Grant.enterprise_id.in_(enterprises))


def grants_in_force(
    *wanted_too: ColumnElement[bool],
    enterprise_id: int | None = None,
    kind: GrantKind | None = None,
    text: str = "",
    most: int | None = None,
) -> list[GrantHolder]:
    """Return the grants in force, contacts last; `text` is part of a name or a whole phone number."""
    wanted = [Grant.withdrawn_at.is_(None), *wanted_too]
    if enterprise_id is not None:
        wanted.append(Grant.enterprise_id == enterprise_id)
    if kind is not None:
        wanted.append(Grant.kind == kind)
    if text:
        wanted.append(or_(_accounts.name.contains(text, autoescape=True), _accounts.phone == text))
    rows = db.session.execute(
        select(Grant, _accounts.name, _accounts.phone)
        .join(Account.__table__, _accounts.id == Grant.account_id)
        .where(*wanted)
        .order_by(Grant.kind == GrantKind.ENTERPRISE_CONTACT, Grant.id)
        .limit(most)
    )
    return [GrantHolder(*row) for row in rows]


def grants_of(account_id: int) -> tuple[HeldGrant, ...]:
    """Return what an account is granted."""
    wanted = (_grants.account_id == account_id, _grants.withdrawn_at.is_(None))
    rows = db.session.execute(
        select(_grants.kind, _grants.region_path, _grants.member_unit_id, _grants.enterprise_id)
        .where(*wanted)
        .order_by(_grants.id)
    )
    return tuple(HeldGrant(*row) for row in rows)


def grant_history(account_id: int) -> list[Grant]:
    """Return what an account is and was granted, the latest first."""
    wanted = select(Grant).where(Grant.account_id == account_id)
    return list(db.session.scalars(wanted.order_by(Grant.granted_at.desc(), Grant.id.desc())))


def get_grant(grant_id: int) -> Grant:
    """Return a grant or raise NotFound."""
    grant = db.session.get(Grant, grant_id)
    if grant is None:
        raise NotFound
    return grant


def get_by_phone(phone: str) -> Account:
    """Return the account with this phone number or raise NotFound."""
    account = find_by_phone(phone)
    if account is None:
        raise NotFound(M("没有手机号为 %(phone)s 的账号。", phone=phone))
    return account
