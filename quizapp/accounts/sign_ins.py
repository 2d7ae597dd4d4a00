"""Being signed in on a device: begun, seen again, ended. The cookie's token is kept as a digest alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta

from flask import current_app
from sqlalchemy import insert, select, update

from quizapp import clock
from quizapp.accounts import queries
from quizapp.accounts.models import Account, SignIn
from quizapp.accounts.signed_in import Duty, SignedIn
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import writing_apart
from quizapp.errors import NotFound
from quizapp.extensions import db

LONGEST_DEVICE = 300
#: "Seen" is brought up to date after this part of the time that a sign-in may rest.
FRESHNESS = 30


def begin(account: Account, *, address: str, device: str) -> SignedIn:
    """Sign an account in on a device, with a token that nobody had before."""
    now, token = clock.now(), secrets.token_urlsafe(24)
    sign_in_id = db.session.scalar(
        insert(SignIn)
        .values(
            account_id=account.id,
            digest=_digest(token),
            device=device[:LONGEST_DEVICE],
            address=address,
            began_at=now,
            seen_at=now,
        )
        .returning(SignIn.id)
    )
    return SignedIn(
        id=account.id,
        phone=account.phone,
        name=account.name,
        grants=(),  # the next request reads them
        duty=None,
        withheld=(),
        has_second_factor=False,
        password_set_at=account.password_set_at,
        sign_in_id=sign_in_id or 0,
        seen_at=now,
        token=token,
    )


def load(token: object) -> SignedIn | None:
    """Return who is signed in with a cookie's token, unless that was ended or has rested too long.

    An older version's cookie may hold something else in its place: that is nobody.
    """
    if not isinstance(token, str):
        return None
    found = queries.find_by_token(token, _digest(token))
    if found is None:
        return None
    now, most = clock.now(), longest_rest(is_staff=bool(found.grants))
    rested = now - found.seen_at
    if rested > most:
        return None
    if rested > most / FRESHNESS:
        with writing_apart(db.session()):
            db.session.execute(
                update(SignIn)
                .where(SignIn.id == found.sign_in_id)
                .values(seen_at=now)
                .execution_options(synchronize_session=False)
            )
    duty = _duty(found)
    return replace(found, duty=duty, withheld=found.grants, grants=()) if duty else found


def _duty(account: SignedIn) -> Duty | None:
    """Return what staff must do before their grants count, by the settings."""
    settings = current_app.config["SETTINGS"]
    kinds = {grant.kind.value for grant in account.grants}
    if not account.has_second_factor and not kinds.isdisjoint(settings.second_factor_for):
        return Duty.SET_UP_SECOND_FACTOR
    if settings.password_days and kinds and account.password_set_at is not None:
        oldest = clock.now() - timedelta(days=settings.password_days)
        return Duty.CHANGE_PASSWORD if account.password_set_at < oldest else None
    return None


def longest_rest(*, is_staff: bool) -> timedelta:
    """Return how long a sign-in may go unused: minutes for staff, days for learners."""
    settings = current_app.config["SETTINGS"]
    if is_staff:
        return timedelta(minutes=settings.staff_idle_minutes)
    return timedelta(days=settings.session_days)


def end(actor: Actor, account_id: int, sign_in_id: int) -> None:
    """Sign an account out on one of its devices; again changes nothing. Raises NotFound for another's."""
    wanted = select(SignIn).where(SignIn.id == sign_in_id, SignIn.account_id == account_id)
    held = db.session.scalar(wanted.with_for_update())
    if held is None:
        raise NotFound
    if held.ended_at is not None:
        return
    held.ended_at = clock.now()
    db.session.flush()
    log.record(actor, "account.sign_out", f"account:{account_id}", {"sign_in": sign_in_id})


def end_all(account_id: int) -> None:
    """Sign an account out everywhere. Whoever calls records why."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.ended_at.is_(None))
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
