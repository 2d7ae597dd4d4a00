"""Reads of accounts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Subquery, and_, bindparam, select

from quizapp.accounts.models import Account, Grant
from quizapp.accounts.signed_in import HeldGrant, SignedIn, read_session_id
from quizapp.database import columns, in_chunks, reading_apart
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M

_accounts, _grants = columns(Account), columns(Grant)
_BY_SESSION = (
    select(
        _accounts.id,
        _accounts.phone,
        _accounts.name,
        _accounts.session_version,
        _grants.kind,
        _grants.region_path,
        _grants.member_unit_id,
        _grants.enterprise_id,
    )
    .outerjoin(Grant.__table__, and_(_grants.account_id == _accounts.id, _grants.withdrawn_at.is_(None)))
    .where(
        _accounts.id == bindparam("account_id"),
        _accounts.session_version == bindparam("version"),
        _accounts.disabled_at.is_(None),
    )
    .order_by(_grants.id)
)
_BY_PHONE = select(Account).where(Account.phone == bindparam("phone"))


def find_by_session(session_id: str) -> SignedIn | None:
    """Return the account that a sign-in cookie names, unless the cookie was revoked or it is disabled."""
    named = read_session_id(session_id)
    if named is None:
        return None
    account_id, version = named
    with reading_apart(db.session()):
        rows = db.session.execute(_BY_SESSION, {"account_id": account_id, "version": version}).all()
    if not rows:
        return None
    grants = tuple(HeldGrant(*row[4:]) for row in rows if row.kind is not None)
    return SignedIn(*rows[0][:4], grants)


def find_by_phone(phone: str) -> Account | None:
    """Return the account with this phone number."""
    with reading_apart(db.session()):
        return db.session.scalar(_BY_PHONE, {"phone": phone})


def people() -> Subquery:
    """Return who stands behind account ids, for use inside another question."""
    return select(
        _accounts.id,
        _accounts.phone,
        _accounts.name,
        _accounts.password_hash.is_not(None).label("has_password"),
    ).subquery("people")


def names_by_phone(phones: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return id and name of the accounts that have one of these phone numbers."""
    found: dict[str, tuple[int, str]] = {}
    for chunk in in_chunks(phones):
        rows = db.session.execute(
            select(_accounts.phone, _accounts.id, _accounts.name).where(_accounts.phone.in_(chunk))
        )
        found.update({phone: (account_id, name) for phone, account_id, name in rows})
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


def get_by_phone(phone: str) -> Account:
    """Return the account with this phone number or raise NotFound."""
    account = find_by_phone(phone)
    if account is None:
        raise NotFound(M("没有手机号为 %(phone)s 的账号。", phone=phone))
    return account
