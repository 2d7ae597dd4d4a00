"""What a provider says is believed only as far as it proves it. See tests/false_provider.py for the lies."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from quizapp.accounts import oidc
from quizapp.accounts.models import Account, Identity
from quizapp.extensions import db
from tests import false_provider, providers, servers
from tests.providers import Provider, come_in, is_in, way_back

SIGNATURES = ("signed_by_another", "unsigned", "signed_with_what_all_know")
#: What is no answer at all, and so the provider's fault.
BROKEN = {
    "no_id_token",
    "an_endless_subject",
    *false_provider.ANSWERS,
}
#: What is no lie, or is tried by itself.
HARMLESS = {"number_in_userinfo", "verified_here_number_there"}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with servers.identity_provider("tests.false_provider") as address:
        yield address


@contextmanager
def site_of(app: Flask, address: str, client_id: str) -> Iterator[tuple[Flask, Provider]]:
    provider = Provider(address=address, issuer=f"{address}/{client_id}", client_id=client_id)
    site = providers.app_with(app, provider)
    yield site, provider
    providers.close(site)


def let_know(provider: Provider, subject: str, account: Account) -> None:
    """Every liar has the account's own number, verified: believed, the lie would open it."""
    provider.knows(subject, phone_number=account.phone, phone_number_verified=True)


@pytest.mark.parametrize("subject", ["honest", "number_in_userinfo"])
def test_the_truth_is_believed(app: Flask, address: str, account: Account, subject: str) -> None:
    with site_of(app, address, "honest") as (site, provider):
        let_know(provider, subject, account)
        client = site.test_client()

        assert come_in(client, provider, subject).status_code == 302
        assert is_in(client)


@pytest.mark.parametrize("client_id", ["honest", "careless"])
@pytest.mark.parametrize(
    "subject",
    sorted({*false_provider.CLAIMS, *SIGNATURES, "no_id_token", *false_provider.ANSWERS} - HARMLESS),
)
def test_a_lie_opens_nothing(
    app: Flask, address: str, account: Account, subject: str, client_id: str
) -> None:
    with site_of(app, address, client_id) as (site, provider):
        let_know(provider, subject, account)
        client = site.test_client()

        answer = come_in(client, provider, subject)

        assert answer.status_code == (502 if subject in BROKEN else 400)
        assert "身份平台" in answer.text
        assert not is_in(client)
        assert db.session.scalar(db.select(db.func.count(Identity.id))) == 0


def test_a_number_and_its_verification_are_of_one_document(
    app: Flask, address: str, account: Account
) -> None:
    with site_of(app, address, "honest") as (site, provider):
        client, subject = site.test_client(), "verified_here_number_there"
        let_know(provider, subject, account)
        back = way_back(client, provider, subject)

        assert client.get(back).status_code == 403
        assert not is_in(client)


@pytest.mark.parametrize(
    "client_id", sorted({*false_provider.DOCUMENTS, "not_there", "no_document"} - {"careless", "post_only"})
)
def test_a_document_that_cannot_be_trusted_sends_nobody_anywhere(
    app: Flask, address: str, client_id: str
) -> None:
    with site_of(app, address, client_id) as (site, _):
        answer = site.test_client().get("/sign-in/oidc")

        assert answer.status_code == 502
        assert "身份平台暂时无法使用" in answer.text


def test_a_document_of_almost_the_same_issuer_is_of_another(app: Flask, address: str) -> None:
    provider = Provider(address=address, issuer=f"{address}/honest/")
    site = providers.app_with(app, provider)

    assert site.test_client().get("/sign-in/oidc").status_code == 502
    providers.close(site)


def test_a_provider_that_wants_its_secret_in_the_form_gets_it_there(
    app: Flask, address: str, account: Account
) -> None:
    with site_of(app, address, "post_only") as (site, provider):
        let_know(provider, "honest", account)
        client = site.test_client()

        assert come_in(client, provider, "honest").status_code == 302


def test_keys_and_document_are_asked_for_anew_after_a_while(
    app: Flask, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers.identity_provider("tests.false_provider") as first, site_of(app, first, "honest") as (site, provider):  # fmt: skip
        let_know(provider, "honest", account)
        assert come_in(site.test_client(), provider, "honest").status_code == 302
        kept = site.extensions[oidc.EXTENSION].server_metadata
        assert kept["jwks"]
        site.test_client().get("/sign-in/oidc")
        assert site.extensions[oidc.EXTENSION].server_metadata is kept

        monkeypatch.setattr(oidc, "KEPT_SECONDS", -1)
        assert come_in(site.test_client(), provider, "honest").status_code == 302
        assert site.extensions[oidc.EXTENSION].server_metadata is not kept


def test_a_provider_that_is_silent_is_not_waited_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "TIMEOUT", (0.5, 0.5))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silence = f"http://127.0.0.1:{silent.getsockname()[1]}"
        site = providers.app_with(app, Provider(address=silence, issuer=silence))

        assert site.test_client().get("/sign-in/oidc").status_code == 502
        providers.close(site)
