"""The browser's side of signing in by an OpenID Connect provider that runs beside the tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizapp.accounts import identities
from quizapp.accounts.models import Account, Identity
from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.models import AuditEntry
from quizapp.extensions import db
from quizapp.factory import create_app
from tests.conftest import FreshClient
from tests.pages import token

CALLBACK = "http://localhost/sign-in/oidc/callback"
SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider that runs, and what it knows this installation by."""

    address: str
    issuer: str
    client_id: str = "honest"
    client_secret: str = "known to two"

    def knows(self, subject: str, **claims: Any) -> None:
        """Let somebody have an identity there."""
        answer = requests.put(f"{self.address}/users/{subject}", json=claims, timeout=SECONDS)
        assert answer.status_code == HTTPStatus.NO_CONTENT

    def press(self, page: str, **form: str) -> str:
        """Press a button on the page that the browser was sent to; return where that sends it."""
        assert page.startswith(self.address)
        answer = requests.post(page, data=form, timeout=SECONDS, allow_redirects=False)
        assert answer.status_code == HTTPStatus.FOUND
        return answer.headers["Location"]


def registered(address: str) -> Provider:
    """Register with a provider that serves whom it knows only."""
    answer = requests.post(
        f"{address}/oauth2/clients", json={"redirect_uris": [CALLBACK]}, timeout=SECONDS
    ).json()
    return Provider(
        address=address,
        issuer=address,
        client_id=answer["client_id"],
        client_secret=answer["client_secret"],
    )


def app_with(app: Flask, provider: Provider, **values: Any) -> Flask:
    """Return the application, on the same database, as it starts with this provider."""
    settings = replace(
        app.config["SETTINGS"],
        oidc_issuer=provider.issuer,
        oidc_client_id=provider.client_id,
        oidc_client_secret=provider.client_secret,
        **values,
    )
    started = create_app(settings)
    started.test_client_class = FreshClient
    return started


def close(app: Flask) -> None:
    """Give the application's connections back."""
    with app.app_context():
        db.engine.dispose()


def way_back(client: FlaskClient, provider: Provider, subject: str, start: str = "/sign-in/oidc") -> str:
    """Go to the provider and say yes there; return the address, on this site, that the browser is sent to."""
    to = client.get(start)
    assert to.status_code == HTTPStatus.FOUND, to.text
    return on_site(provider.press(to.location, sub=subject))


def on_site(address: str) -> str:
    """Return the path and query of an address that must be the one to come back to."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    return f"{parts.path}?{parts.query}"


def come_in(
    client: FlaskClient, provider: Provider, subject: str, start: str = "/sign-in/oidc"
) -> TestResponse:
    """Go to the provider, say yes there, and come back."""
    return client.get(way_back(client, provider, subject, start))


def is_in(client: FlaskClient) -> bool:
    """Say whether somebody is signed in."""
    return client.get("/me").status_code == HTTPStatus.OK


def verified(account: Account) -> dict[str, object]:
    """Return the claims of somebody whose number the provider has verified."""
    return {"phone_number": f"+86 {account.phone}", "phone_number_verified": True}


def links() -> list[tuple[int, str, str]]:
    """Return which account is linked to which issuer and subject."""
    db.session.rollback()
    rows = db.session.execute(db.select(Identity.account_id, Identity.issuer, Identity.subject))
    return [(row.account_id, row.issuer, row.subject) for row in rows]


def acts(account: Account | None) -> list[str]:
    """What the log says was done to an account, None: to one that is not known."""
    db.session.rollback()
    subject = f"account:{account.id if account else 'unknown'}"
    query = db.select(AuditEntry.action).where(AuditEntry.subject == subject).order_by(AuditEntry.sequence)
    return list(db.session.scalars(query))


def link_to(account: Account, provider: Provider, subject: str) -> None:
    """Link an account beforehand."""
    identities.link(COMMAND_LINE, account.id, provider.issuer, subject)
    db.session.commit()


def cookie(client: FlaskClient) -> str:
    """Return what the session cookie holds."""
    held = client.get_cookie("session")
    assert held
    return held.value


def post(client: FlaskClient, page: str, action: str = "", **form: str) -> TestResponse:
    """Send a form of a page."""
    return client.post(action or page, data={"csrf_token": token(client.get(page).text), **form})
