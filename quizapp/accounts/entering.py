"""Coming in: what the cookie holds between the first step and the second, and how a sign-in begins."""

from __future__ import annotations

from typing import Any

from flask import g, request, session
from flask_login import login_user

from quizapp import clock
from quizapp.accounts import accounts, identities, policy
from quizapp.accounts.claims import Proved
from quizapp.accounts.models import Account
from quizapp.audit.actors import Actor
from quizapp.extensions import db

#: Where the cookie keeps, for a few minutes, who has taken the first step and not yet the second factor.
PROVED = "proved"
PROVED_SECONDS = 300


def remember_proved(account: Account, ahead: str | None, identity: Proved | None = None) -> None:
    """Remember who has given a password, or an identity that is to be linked, and where they are heading."""
    forget_session()
    session[PROVED] = {
        "account": account.id,
        "at": clock.now().timestamp(),
        "next": ahead,
        "identity": [identity.issuer, identity.subject] if identity else None,
    }


def proved() -> dict[str, Any] | None:
    """Return who has taken the first step, None after a few minutes."""
    held: dict[str, Any] | None = session.get(PROVED)
    if held is None or clock.now().timestamp() - held["at"] > PROVED_SECONDS:
        return None
    return held


def enter(account: Account, identity: tuple[str, str] | None = None) -> None:
    """Sign in on this device, in a session that has nothing of the one before but the language.

    An identity, issuer and subject, that has just proved to be the account's is linked to it. Raises
    IdentityTaken and OtherIdentityLinked.
    """
    actor = policy.actor()
    if identity is not None:
        identities.link(Actor(account.id, actor.address), account.id, *identity)
    entered = accounts.sign_in(actor, account, request.user_agent.string)
    db.session.commit()
    forget_session()
    session.permanent = True
    login_user(entered)


def forget_session() -> None:
    """Leave nothing of who was there before but the language."""
    language = session.get("language")
    session.clear()
    g.pop("csrf_token", None)  # Flask-WTF keeps the token of the session that ends
    if language:
        session["language"] = language
