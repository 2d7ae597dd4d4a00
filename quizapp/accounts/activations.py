"""The first password, or a new one for who forgot it: by a one-time code that staff hand over."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update

from quizapp import clock
from quizapp.accounts import accounts, codes, queries, throttling
from quizapp.accounts.models import Account, ActivationCode
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.errors import NotAllowed
from quizapp.extensions import db
from quizapp.messages import M

VALID_FOR = timedelta(days=14)
#: So many wrong tries and the code is dead: 29**8 codes cannot be guessed in ten.
MOST_FAILURES = 10


class WrongCode(NotAllowed):
    """Phone number and code do not belong together, or the code is used, old or dead; which, is not told."""

    def __init__(self) -> None:
        super().__init__(M("手机号或激活码不正确，或激活码已失效。请核对，或向发码人员重新索取。"))


def issue_code(actor: Actor, account_id: int) -> str:
    """Return a new one-time code for an account; the one before is void. Only its digest is kept."""
    now, code = clock.now(), codes.make_code()
    db.session.execute(
        update(ActivationCode)
        .where(ActivationCode.account_id == account_id, ActivationCode.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.add(
        ActivationCode(
            account_id=account_id,
            digest=_digest(account_id, code),
            issued_by=actor.account_id,
            issued_at=now,
            expires_at=now + VALID_FOR,
        )
    )
    db.session.flush()
    log.record(actor, "account.issue_code", f"account:{account_id}")
    return code


def activate(actor: Actor, *, phone: str, code: str, password: str) -> Account:
    """Give the account that phone number and code name its password; the code is used up.

    Ends the account's sign-ins elsewhere. Raises TooManyTries, WrongCode and, with the code left
    as it is, Invalid.
    """
    throttling.check("activate", phone, actor.address)
    now = clock.now()
    row = _in_force(phone, now)
    if row is None:
        raise WrongCode
    account, held = row
    if not hmac.compare_digest(held.digest, _digest(account.id, codes.typed(code))):
        raise WrongCode
    acting = Actor(account.id, actor.address)
    accounts.set_password(acting, account, password)
    held.ended_at = held.used_at = now
    for what in ("activate", "sign_in"):
        throttling.forget(what, phone)
    db.session.flush()
    log.record(acting, "account.activate", f"account:{account.id}")
    return account


def record_failure(actor: Actor, phone: str) -> None:
    """Count a wrong try, also against the code in force if there is one, and record it.

    The same statements for every number: what is known of it does not show in the time it takes.
    """
    throttling.count_failure("activate", phone, actor.address)
    account = queries.find_by_phone(phone)
    db.session.execute(
        update(ActivationCode)
        .where(ActivationCode.account_id == (account.id if account else 0), ActivationCode.ended_at.is_(None))
        .values(failures=ActivationCode.failures + 1)
        .execution_options(synchronize_session=False)
    )
    log.record(actor, "account.refuse_code", f"account:{account.id}" if account else "account:unknown")


def _in_force(phone: str, at: datetime) -> tuple[Account, ActivationCode] | None:
    row = db.session.execute(
        select(Account, ActivationCode)
        .join(ActivationCode, ActivationCode.account_id == Account.id)
        .where(
            Account.phone == phone,
            Account.disabled_at.is_(None),
            ActivationCode.ended_at.is_(None),
            ActivationCode.expires_at > at,
            ActivationCode.failures < MOST_FAILURES,
        )
        .with_for_update(of=ActivationCode)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def _digest(account_id: int, code: str) -> str:
    return codes.digest(current_app.config["SECRET_KEY"], account_id, code)
