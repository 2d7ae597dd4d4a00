"""To the provider and back: nothing waits, nothing leaks, and what goes wrong is a page."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event

from quizapp.accounts.models import Account
from quizapp.extensions import db
from tests import providers, servers
from tests.conftest import MovableClock
from tests.pages import sign_in
from tests.providers import (
    Provider,
    come_in,
    cookie,
    is_in,
    on_site,
    verified,
    way_back,
)


def test_the_browser_carries_a_challenge_and_the_server_its_answer(
    app: Flask, provider: Provider, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = watch(monkeypatch)
    site = providers.app_with(app, provider)
    provider.knows("klara", **verified(account))
    client = site.test_client()

    to = client.get("/sign-in/oidc").location
    client.get(on_site(provider.press(to, sub="klara")))

    assert is_in(client)
    asked = query_of(to)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["redirect_uri"] == providers.CALLBACK
    assert min(len(asked["state"]), len(asked["nonce"])) >= 20
    (trade,) = (call for call in sent if call["method"] == "POST")
    verifier = parse_qs(trade["body"])["code_verifier"][0]
    assert len(verifier) >= 43  # RFC 7636, 4.1
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert asked["code_challenge"] == digest.rstrip(b"=").decode()
    providers.close(site)


def query_of(address: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}


def watch(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note down what the application asks the provider, and what it holds meanwhile."""
    sent: list[dict[str, Any]] = []
    send = requests.Session.send

    def noted(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        answer = send(session, request, **options)
        if has_request_context():
            call = {"method": request.method, "url": request.url, "body": request.body, "text": answer.text}
            sent.append({**call, **options, "in_transaction": db.session().in_transaction()})
        return answer

    monkeypatch.setattr(requests.Session, "send", noted)
    return sent


def test_no_transaction_waits_for_the_provider_and_nothing_waits_for_ever(
    app: Flask, provider: Provider, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = watch(monkeypatch)
    site = providers.app_with(app, provider)
    provider.knows("lotte", phone_number_verified=True)
    client = sign_in(site, account)

    come_in(client, provider, "lotte", "/me/identity/begin")
    come_in(site.test_client(), provider, "lotte")

    paths = [urlsplit(call["url"]).path for call in sent]
    trade = ["/oauth2/token", "/jwks", "/userinfo"]
    assert paths == ["/.well-known/openid-configuration", *trade, trade[0], trade[2]]
    assert not any(call["in_transaction"] for call in sent)
    assert all(0 < seconds <= 10 for call in sent for seconds in call["timeout"])
    providers.close(site)


def test_nothing_that_opens_the_door_is_logged(
    app: Flask,
    provider: Provider,
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = watch(monkeypatch)
    site = providers.app_with(app, provider)
    provider.knows("maria", **verified(account))
    client = site.test_client()
    to = client.get("/sign-in/oidc").location
    ours = caplog.text
    back = on_site(provider.press(to, sub="maria"))
    caplog.clear()  # of what the browser's side has logged
    client.get(back)
    ours += caplog.text
    assert is_in(client)

    (trade,) = (call for call in sent if call["method"] == "POST")
    tokens, traded, brought = json.loads(trade["text"]), parse_qs(trade["body"]), query_of(back)
    secrets = {tokens["access_token"], tokens["id_token"], traded["code_verifier"][0], brought["code"]}
    secrets |= {brought["state"], provider.client_secret, account.phone}
    assert len(secrets) == 7
    assert ours
    assert not [secret for secret in secrets if secret in ours]
    providers.close(site)


def test_the_way_back_writes_in_a_transaction_that_was_begun_for_writing(
    site: Flask, provider: Provider, account: Account
) -> None:
    provider.knows("quirina", **verified(account))
    client, said = site.test_client(), []
    back = way_back(client, provider, "quirina")
    with site.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: said.append(call[2]))

    client.get(back)

    begun = [words for words in said if words.startswith(("BEGIN", "INSERT INTO sign_ins"))]
    place = next(place for place, words in enumerate(begun) if words.startswith("INSERT"))
    if engine.dialect.name == "sqlite":
        assert begun[place - 1] == "BEGIN IMMEDIATE"


def refused(client: FlaskClient, address: str, status: int, sentence: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, sentence in answer.text) == (status, True), answer.text
    assert not is_in(client)


def test_another_state_is_refused(site: Flask, provider: Provider, account: Account) -> None:
    provider.knows("nora", **verified(account))
    client = site.test_client()
    back = way_back(client, provider, "nora")
    query = query_of(back)

    for state in ("another", "", query["state"][:-1]):
        refused(client, f"/sign-in/oidc/callback?code={query['code']}&state={state}", 400, "已过期或已用过")
    refused(client, f"/sign-in/oidc/callback?code={query['code']}", 400, "已过期或已用过")
    refused(client, f"/sign-in/oidc/callback?state={query['state']}", 400, "已过期或已用过")
    refused(client, "/sign-in/oidc/callback", 400, "已过期或已用过")
    assert client.get(back).status_code == 302


def test_a_code_brought_by_another_browser_is_refused(
    site: Flask, provider: Provider, account: Account
) -> None:
    provider.knows("olga", **verified(account))
    back = way_back(site.test_client(), provider, "olga")

    refused(site.test_client(), back, 400, "已过期或已用过")


def test_coming_back_twice_is_refused(site: Flask, provider: Provider, account: Account) -> None:
    provider.knows("paula", **verified(account))
    client = site.test_client()
    back = way_back(client, provider, "paula")
    kept = cookie(client)
    assert client.get(back).status_code == 302

    again = site.test_client()
    again.set_cookie("session", kept)
    refused(again, back, 400, "没有确认您的身份")
    assert client.get(back).status_code == 400


def test_who_stays_away_for_long_begins_again(
    site: Flask, provider: Provider, account: Account, moved_clock: MovableClock
) -> None:
    provider.knows("rosa", **verified(account))
    client = site.test_client()
    back = way_back(client, provider, "rosa")
    moved_clock.forward(minutes=31)

    refused(client, back, 400, "已过期或已用过")


def test_cancelling_there_is_no_fault(site: Flask, provider: Provider) -> None:
    client = site.test_client()
    back = on_site(provider.press(client.get("/sign-in/oidc").location, action="deny"))

    refused(client, back, 400, "取消了登录")
    refused(
        client, "/sign-in/oidc/callback?error=server_error&error_description=<b>", 400, "没有确认您的身份"
    )


def test_going_there_again_and_again_does_not_outgrow_the_cookie(
    site: Flask, provider: Provider, account: Account
) -> None:
    provider.knows("sofia", **verified(account))
    client = site.test_client()
    for _ in range(12):
        client.get("/sign-in/oidc?next=/me")

    back = way_back(client, provider, "sofia")

    assert len(cookie(client)) < 1000  # browsers keep 4096 characters
    assert client.get(back).status_code == 302


def test_a_provider_that_does_not_run_is_a_page_and_passwords_still_work(
    app: Flask, account: Account
) -> None:
    nobody = f"http://127.0.0.1:{servers.free_port()}"
    site = providers.app_with(app, Provider(address=nobody, issuer=nobody))

    refused(site.test_client(), "/sign-in/oidc", 502, "身份平台暂时无法使用")
    assert is_in(sign_in(site, account))
    providers.close(site)


def test_a_provider_that_stops_meanwhile_is_a_page(app: Flask, account: Account) -> None:
    with servers.identity_provider() as address:
        provider = Provider(address=address, issuer=address)
        site = providers.app_with(app, provider)
        provider.knows("tanja", **verified(account))
        client = site.test_client()
        back = way_back(client, provider, "tanja")

    refused(client, back, 502, "身份平台暂时无法使用")
    providers.close(site)
