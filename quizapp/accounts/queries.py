"""Reads of accounts."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from quizapp.accounts.models import Account, Grant
from quizapp.database import reading_apart
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M

_ACCOUNTS = select(Account).options(joinedload(Account.grants.and_(Grant.withdrawn_at.is_(None))))
_BY_SESSION = _ACCOUNTS.where(
    Account.id == bindparam("account_id"),
    Account.session_version == bindparam("version"),
    Account.disabled_at.is_(None),
)
_BY_PHONE = _ACCOUNTS.where(Account.phone == bindparam("phone"))


def find_by_session(session_id: str) -> Account | None:
    """Return the account that a sign-in cookie names, unless the cookie was revoked or it is disabled."""
    account_id, _, version = session_id.partition(".")
    if not (account_id.isdecimal() and version.isdecimal()):
        return None
    names = {"account_id": int(account_id), "version": int(version)}
    with reading_apart(db.session()):
        account = db.session.scalars(_BY_SESSION, names).unique().one_or_none()
    if account is not None:
        # A plain value for the whole request, also on the error page after a rollback.
        for loaded in (account, *account.grants):
            db.session.expunge(loaded)
    return account


def find_by_phone(phone: str) -> Account | None:
    """Return the account with this phone number."""
    with reading_apart(db.session()):
        return db.session.scalars(_BY_PHONE, {"phone": phone}).unique().one_or_none()


def get_by_phone(phone: str) -> Account:
    """Return the account with this phone number or raise NotFound."""
    account = find_by_phone(phone)
    if account is None:
        raise NotFound(M("没有手机号为 %(phone)s 的账号。", phone=phone))
    return account
