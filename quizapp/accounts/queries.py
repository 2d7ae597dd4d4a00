"""Reads of accounts."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from quizapp.accounts.models import Account, Grant
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M


def _accounts() -> Select[Account]:
    grants = Account.grants.and_(Grant.withdrawn_at.is_(None))
    return select(Account).options(joinedload(grants))


def find_by_session(session_id: str) -> Account | None:
    """Return the account that a sign-in cookie names, unless the cookie was revoked or it is disabled."""
    account_id, _, version = session_id.partition(".")
    if not (account_id.isdecimal() and version.isdecimal()):
        return None
    statement = _accounts().where(
        Account.id == int(account_id),
        Account.session_version == int(version),
        Account.disabled_at.is_(None),
    )
    account = db.session.scalars(statement).unique().one_or_none()
    if account is not None:
        # A plain value for the whole request, also on the error page after a rollback.
        for loaded in (account, *account.grants):
            db.session.expunge(loaded)
    return account


def find_by_phone(phone: str) -> Account | None:
    """Return the account with this phone number."""
    return db.session.scalars(_accounts().where(Account.phone == phone)).unique().one_or_none()


def get_by_phone(phone: str) -> Account:
    """Return the account with this phone number or raise NotFound."""
    account = find_by_phone(phone)
    if account is None:
        raise NotFound(M("没有手机号为 %(phone)s 的账号。", phone=phone))
    return account
