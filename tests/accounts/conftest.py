"""A provider that runs beside the tests, the application with it, and somebody to sign in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from quizapp.accounts.models import Account
from quizapp.extensions import db
from tests import builders, providers, servers
from tests.providers import Provider


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with servers.identity_provider("oidc_provider_mock", "--require-registration") as address:
        yield providers.registered(address)


@pytest.fixture
def site(app: Flask, provider: Provider) -> Iterator[Flask]:
    """The application with the provider."""
    started = providers.app_with(app, provider)
    yield started
    providers.close(started)


@pytest.fixture
def account(app: Flask) -> Account:
    builders.make_account("旁人")
    account = builders.make_account()
    db.session.commit()
    return account
