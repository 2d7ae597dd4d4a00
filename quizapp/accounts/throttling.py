"""Slowing down who guesses: failures are counted by number and by network address, successes never.

The counts stand in the database, so that all workers and nodes see the same ones. A number is counted
whether or not it has an account, so the answer says nothing about that. A whole workshop comes from one
address in the same minutes: the limit by address is far above what its mistypings make.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, func, insert, select

from quizapp import clock
from quizapp.accounts.models import FailedTry
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.messages import M

#: So many failures of a number are free; each further one doubles the wait, from a minute on.
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=30)
COUNTED_FOR = timedelta(hours=24)
#: Failures from one address within the window; who applies for an enterprise counts as one each time.
MOST_BY_ADDRESS = {"sign_in": 300, "activate": 300, "second_factor": 300, "join": 1000}
ADDRESS_WINDOW = timedelta(minutes=10)


class TooManyTries(AppError):
    """Wait before the next try."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        super().__init__(M("尝试次数过多，请 %(minutes)s 分钟后再试。", minutes=minutes))


def check(what: str, phone: str, address: str) -> bool:
    """Raise TooManyTries when this number or this address must wait; say whether the number has failures.

    `what` is tried, such as ``sign_in``.
    """
    now = clock.now()
    mine, theirs = _keys(what, phone, address)
    rows = db.session.execute(
        select(FailedTry.key, func.count(), func.max(FailedTry.at))
        .where(
            ((FailedTry.key == mine) & (FailedTry.at > now - COUNTED_FOR))
            | ((FailedTry.key == theirs) & (FailedTry.at > now - ADDRESS_WINDOW))
        )
        .group_by(FailedTry.key)
    )
    has_failures = False
    for key, failures, latest in rows:
        has_failures = has_failures or key == mine
        wait = _wait(failures) if key == mine else _address_wait(what, failures)
        # Without a wait the latest may well lie ahead: a colleague mistypes in this very moment.
        if wait and latest + wait > now:
            raise TooManyTries(latest + wait - now)
    return has_failures


def _wait(failures: int) -> timedelta:
    if failures < FREE_FAILURES:
        return timedelta()
    return min(LONGEST_WAIT, timedelta(minutes=2 ** min(failures - FREE_FAILURES, 10)))


def _address_wait(what: str, failures: int) -> timedelta:
    return timedelta() if failures < MOST_BY_ADDRESS[what] else ADDRESS_WINDOW


def count_failure(what: str, phone: str, address: str) -> None:
    """Take a failure down, and forget the old ones of the same number and address."""
    now = clock.now()
    keys = _keys(what, phone, address)
    db.session.execute(
        delete(FailedTry)
        .where(FailedTry.key.in_(keys), FailedTry.at <= now - COUNTED_FOR)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(insert(FailedTry), [{"key": key, "at": now} for key in keys])


def forget(what: str, phone: str) -> None:
    """Forget a number's failures: it succeeded, or staff let it in again."""
    db.session.execute(
        delete(FailedTry)
        .where(FailedTry.key == _key(what, "phone", phone))
        .execution_options(synchronize_session=False)
    )


def forget_old() -> int:
    """Forget all failures that count no more; return how many."""
    gone = delete(FailedTry).where(FailedTry.at <= clock.now() - COUNTED_FOR).returning(FailedTry.id)
    return len(db.session.scalars(gone.execution_options(synchronize_session=False)).all())


def _keys(what: str, phone: str, address: str) -> tuple[str, str]:
    return _key(what, "phone", phone), _key(what, "address", address)


def _key(*parts: str) -> str:
    """Return what stands for a number or address: without the server's secret it says nothing."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()
