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

from quizapp.extensions import db
from quizapp.factory import create_app
from tests.conftest import FreshClient

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
