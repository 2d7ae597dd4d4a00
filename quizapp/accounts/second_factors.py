"""The second factor: one-time passwords by time (TOTP, RFC 6238) from an app, recovery codes for its loss."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet
from flask import current_app
from sqlalchemy import delete, select

from quizapp import clock
from quizapp.accounts import codes, sign_ins, throttling
from quizapp.accounts.models import SecondFactor
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.errors import Conflict, NotAllowed
from quizapp.extensions import db
from quizapp.messages import M

RECOVERY_CODES = 10
STEP_SECONDS = 30
#: A phone's clock may be one step off either way.
DRIFT = (0, -1, 1)
ISSUER = "学重要论述、促安全发展"


class WrongFactor(NotAllowed):
    """The code does not fit, was used before, or is too old."""

    def __init__(self) -> None:
        super().__init__(M("验证码不正确或已用过。请等下一个验证码再试。"))


class FactorInForce(Conflict):
    """There is a second factor already."""

    def __init__(self) -> None:
        super().__init__(M("已启用两步验证。要更换手机，请先停用。"))


class FactorDemanded(Conflict):
    """The account's work demands a second factor."""

    def __init__(self) -> None:
        super().__init__(M("您的权限要求两步验证，不能停用。更换手机请联系区安委办管理员重置。"))


@dataclass(frozen=True, slots=True)
class Enrolling:
    """What an authenticator app needs: the secret to type in, or the address in its QR code."""

    secret: str
    address: str


def begin(account_id: int, phone: str) -> Enrolling:
    """Make a new secret, to be confirmed by a first code. Raises FactorInForce."""
    factor = db.session.get(SecondFactor, account_id)
    if factor is not None and factor.confirmed_at is not None:
        raise FactorInForce
    if factor is None:
        factor = SecondFactor(account_id=account_id)
        db.session.add(factor)
    factor.secret = _cipher().encrypt(pyotp.random_base32().encode()).decode()
    factor.recovery, factor.last_step, factor.begun_at = [], None, clock.now()
    db.session.flush()
    return _enrolling(factor, phone)


def enrolling(account_id: int, phone: str) -> Enrolling | None:
    """Return what was begun and is not confirmed yet."""
    factor = db.session.get(SecondFactor, account_id)
    return _enrolling(factor, phone) if factor is not None and factor.confirmed_at is None else None


def confirm(actor: Actor, account_id: int, phone: str, code: str) -> list[str]:
    """Put the factor in force by a first code; return the recovery codes, as printed, this once.

    Ends the account's sign-ins, which were begun without it. Raises TooManyTries, WrongFactor
    and FactorInForce.
    """
    throttling.check("second_factor", phone, actor.address)
    factor = _locked(account_id)
    if factor is None:
        raise WrongFactor
    if factor.confirmed_at is not None:
        raise FactorInForce
    _use_step(factor, code)
    fresh = [codes.make_code() for _ in range(RECOVERY_CODES)]
    factor.recovery = [_digest(account_id, one) for one in fresh]
    factor.confirmed_at = clock.now()
    db.session.flush()
    sign_ins.end_all(account_id)
    log.record(actor, "account.add_second_factor", f"account:{account_id}")
    return [codes.printed(one) for one in fresh]


def prove(actor: Actor, account_id: int, phone: str, code: str) -> None:
    """Take a code of the app, or use up a recovery code. Raises TooManyTries and WrongFactor."""
    throttling.check("second_factor", phone, actor.address)
    factor = _locked(account_id)
    if factor is None or factor.confirmed_at is None:
        raise WrongFactor
    digest = _digest(account_id, codes.typed(code))
    if digest in factor.recovery:
        factor.recovery = [one for one in factor.recovery if one != digest]
        log.record(actor, "account.use_recovery_code", f"account:{account_id}")
    else:
        _use_step(factor, code)
    throttling.forget("second_factor", phone)
    db.session.flush()


def record_failure(actor: Actor, account_id: int, phone: str) -> None:
    """Count and record a code that did not fit."""
    throttling.count_failure("second_factor", phone, actor.address)
    log.record(actor, "account.refuse_second_factor", f"account:{account_id}")


def remove(actor: Actor, account_id: int) -> bool:
    """Take the second factor away and end the account's sign-ins; False when there was none.

    Whoever calls has made sure of the right.
    """
    gone = (
        delete(SecondFactor).where(SecondFactor.account_id == account_id).returning(SecondFactor.account_id)
    )
    if db.session.scalar(gone) is None:
        return False
    sign_ins.end_all(account_id)
    log.record(actor, "account.remove_second_factor", f"account:{account_id}")
    return True


def is_in_force(account_id: int) -> bool:
    """Say whether an account asks for a second factor."""
    wanted = (SecondFactor.account_id == account_id, SecondFactor.confirmed_at.is_not(None))
    return db.session.scalar(select(SecondFactor.account_id).where(*wanted)) is not None


def recovery_codes_left(account_id: int) -> int:
    """Return how many recovery codes are unused."""
    factor = db.session.get(SecondFactor, account_id)
    return len(factor.recovery) if factor else 0


def _use_step(factor: SecondFactor, code: str) -> None:
    """Accept a code once: each belongs to a time step, and steps only go forward."""
    typed = "".join(sign for sign in code if sign.isdecimal() and sign.isascii())
    app = pyotp.TOTP(_cipher().decrypt(factor.secret.encode()).decode(), interval=STEP_SECONDS)
    now = int(clock.now().timestamp()) // STEP_SECONDS
    for step in (now + drift for drift in DRIFT):
        if hmac.compare_digest(app.at(step * STEP_SECONDS), typed):
            if factor.last_step is not None and step <= factor.last_step:
                raise WrongFactor
            factor.last_step = step
            return
    raise WrongFactor


def _locked(account_id: int) -> SecondFactor | None:
    wanted = select(SecondFactor).where(SecondFactor.account_id == account_id)
    return db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))


def _enrolling(factor: SecondFactor, phone: str) -> Enrolling:
    secret = _cipher().decrypt(factor.secret.encode()).decode()
    return Enrolling(secret, pyotp.TOTP(secret).provisioning_uri(name=phone, issuer_name=ISSUER))


def _cipher() -> Fernet:
    key = hmac.new(current_app.config["SECRET_KEY"].encode(), b"second factor", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _digest(account_id: int, code: str) -> str:
    return codes.digest(current_app.config["SECRET_KEY"], account_id, f"recovery:{code}")
