"""Signing in by an identity provider: against a provider that runs, over loopback HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from flask import Flask, has_request_context
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from quizapp import clock
from quizapp.accounts import anonymising, identities, second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Identity, SignIn
from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.models import AuditEntry
from quizapp.extensions import db
from tests import builders, providers, servers
from tests.conftest import MovableClock
from tests.pages import sign_in, token
from tests.providers import Provider, come_in, is_in, on_site, way_back


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


def verified(account: Account) -> dict[str, object]:
    return {"phone_number": f"+86 {account.phone}", "phone_number_verified": True}


def links() -> list[tuple[int, str, str]]:
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
    identities.link(COMMAND_LINE, account.id, provider.issuer, subject)
    db.session.commit()


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("session")
    assert held
    return held.value


def post(client: FlaskClient, page: str, action: str = "", **form: str) -> TestResponse:
    return client.post(action or page, data={"csrf_token": token(client.get(page).text), **form})


# Without a provider


def test_without_a_provider_there_is_nothing_of_it(app: Flask, account: Account) -> None:
    stranger, client = app.test_client(), sign_in(app, account)

    for address in ("/sign-in/oidc", "/sign-in/oidc/callback?code=a&state=b"):
        assert stranger.get(address).status_code == 404
    for address in ("/me/identity/begin", "/me/identity"):
        assert client.get(address).status_code == 404
    assert "oidc" not in stranger.get("/sign-in").text
    assert "identity" not in client.get("/me/security").text


# Who it is


def test_a_verified_number_signs_in_and_is_linked_once(
    site: Flask, provider: Provider, account: Account
) -> None:
    provider.knows("anna", **verified(account))
    client = site.test_client()
    assert '<a class="btn btn-quiet wide mt-2" href="/sign-in/oidc">' in client.get("/sign-in").text

    answer = come_in(client, provider, "anna")

    assert (answer.status_code, answer.location) == (302, "/")
    assert account.phone[-4:] in client.get("/me").text
    assert links() == [(account.id, provider.issuer, "anna")]
    assert acts(account) == ["account.link_identity", "account.sign_in"]
    come_in(site.test_client(), provider, "anna")
    assert acts(account) == ["account.link_identity", "account.sign_in", "account.sign_in"]


def test_whom_the_provider_knows_comes_in_with_another_number_too(
    site: Flask, provider: Provider, account: Account
) -> None:
    other = builders.make_account()
    db.session.commit()
    provider.knows("berta", **verified(account))
    come_in(site.test_client(), provider, "berta")

    for claims in ({}, verified(other), {**verified(other), "phone_number_verified": False}):
        provider.knows("berta", **claims)
        client = site.test_client()
        assert come_in(client, provider, "berta").status_code == 302
        assert account.phone[-4:] in client.get("/me").text
    assert links() == [(account.id, provider.issuer, "berta")]


@pytest.mark.parametrize("says", [False, None, "true", 1, [True]])
def test_a_number_that_is_not_verified_opens_nothing(
    site: Flask, provider: Provider, account: Account, says: object
) -> None:
    provider.knows("clara", **{**verified(account), "phone_number_verified": says, "email_verified": True})
    client = site.test_client()

    answer = come_in(client, provider, "clara")

    assert answer.status_code == 403
    assert "没有提供已核验的手机号" in answer.text
    assert not is_in(client)
    assert links() == []
    assert acts(None) == ["account.refuse_sign_in"]


def test_a_number_that_is_on_no_roster_makes_no_account(
    site: Flask, provider: Provider, account: Account
) -> None:
    before = db.session.scalar(db.select(db.func.count(Account.id)))
    provider.knows("dora", phone_number="+86 199 9999 9999", phone_number_verified=True, name=account.name)
    client = site.test_client()

    assert come_in(client, provider, "dora").status_code == 403

    assert not is_in(client)
    assert db.session.scalar(db.select(db.func.count(Account.id))) == before
    assert links() == []


def test_a_number_links_one_identity_only(site: Flask, provider: Provider, account: Account) -> None:
    link_to(account, provider, "the rightful one")
    provider.knows("frieda", **verified(account))
    client = site.test_client()

    assert come_in(client, provider, "frieda").status_code == 403

    assert not is_in(client)
    assert links() == [(account.id, provider.issuer, "the rightful one")]


@pytest.mark.parametrize("linked", [True, False])
def test_a_disabled_account_stays_shut(
    site: Flask, provider: Provider, account: Account, moved_clock: MovableClock, linked: bool
) -> None:
    provider.knows("gerda", **verified(account))
    if linked:
        link_to(account, provider, "gerda")
    db.session.get_one(Account, account.id).disabled_at = moved_clock.moment
    db.session.commit()
    client = site.test_client()

    answer = come_in(client, provider, "gerda")

    assert answer.status_code == 403
    assert "已停用" in answer.text
    assert not is_in(client)
    assert len(links()) == linked
    assert acts(account)[-1] == "account.refuse_sign_in"
    assert db.session.scalar(db.select(db.func.count(SignIn.id))) == 0


# Coming in


def test_the_session_is_a_new_one(site: Flask, provider: Provider, account: Account) -> None:
    provider.knows("hanna", **verified(account))
    client = site.test_client()
    client.get("/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    back = way_back(client, provider, "hanna")
    before = cookie(client)

    client.get(back)

    assert cookie(client) != before
    with client.session_transaction() as session:
        assert not {"planted", "csrf_token"} & set(session)
    old = site.test_client()
    old.set_cookie("session", before)
    assert not is_in(old)
    assert is_in(client)


@pytest.mark.parametrize(
    ("wanted", "reached"), [("/me", "/me"), ("//example.cn/", "/"), ("https://example.cn/", "/")]
)
def test_one_comes_to_the_page_that_was_asked_for(
    site: Flask, provider: Provider, account: Account, wanted: str, reached: str
) -> None:
    provider.knows("ida", **verified(account))

    assert come_in(site.test_client(), provider, "ida", f"/sign-in/oidc?next={wanted}").location == reached


def test_the_link_keeps_the_page_that_was_asked_for(site: Flask) -> None:
    assert 'href="/sign-in/oidc?next=/me"' in site.test_client().get("/sign-in?next=/me").text


def test_who_is_signed_in_is_not_sent_away(site: Flask, account: Account) -> None:
    assert sign_in(site, account).get("/sign-in/oidc").location == "/"


def test_the_second_factor_is_asked_for_before_anything_is_linked(
    site: Flask, provider: Provider, moved_clock: MovableClock
) -> None:
    account = builders.make_staff(GrantKind.AUDITOR)
    authenticator = pyotp.TOTP(second_factors.begin(account.id, account.phone).secret)
    second_factors.confirm(COMMAND_LINE, account.id, account.phone, authenticator.at(clock.now()))
    db.session.commit()
    moved_clock.forward(seconds=30)
    provider.knows("jutta", **verified(account))
    client = site.test_client()

    assert come_in(client, provider, "jutta", "/sign-in/oidc?next=/coverage").location == "/sign-in/code"
    assert not is_in(client)
    assert post(client, "/sign-in/code", code="000000").status_code == 403
    assert links() == []

    answer = post(client, "/sign-in/code", code=authenticator.at(clock.now()))
    assert answer.location == "/coverage"
    assert is_in(client)
    assert links() == [(account.id, provider.issuer, "jutta")]
    assert acts(account)[-2:] == ["account.link_identity", "account.sign_in"]


# The protocol


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


# What goes wrong


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


# Linking by hand


def test_an_account_is_linked_against_its_password_and_unlinked(
    site: Flask, provider: Provider, account: Account
) -> None:
    provider.knows("ulla", name="乌<拉>")
    client = sign_in(site, account)
    assert 'href="/me/identity/begin"' in client.get("/me/security").text

    assert come_in(client, provider, "ulla", "/me/identity/begin").location == "/me/identity"
    assert "乌&lt;拉&gt;" in client.get("/me/identity").text
    assert links() == []
    assert post(client, "/me/identity", current="not the password").status_code == 422
    assert post(client, "/me/identity", current="").status_code == 422
    assert links() == []
    assert post(client, "/me/identity", current=builders.PASSWORD).location == "/me/security"

    assert links() == [(account.id, provider.issuer, "ulla")]
    page = client.get("/me/security").text
    assert "可以用统一身份认证登录本账号" in page
    assert client.get("/me/identity").location == "/me/security"
    elsewhere = site.test_client()
    assert come_in(elsewhere, provider, "ulla").status_code == 302
    assert account.phone[-4:] in elsewhere.get("/me").text

    post(client, "/me/security", "/me/identity/unlink")
    post(client, "/me/security", "/me/identity/unlink")
    assert links() == []
    assert come_in(site.test_client(), provider, "ulla").status_code == 403
    assert acts(account).count("account.link_identity") == acts(account).count("account.unlink_identity") == 1


def test_what_is_linked_is_told_to_the_person_and_goes_with_the_name(
    site: Flask, provider: Provider, account: Account
) -> None:
    link_to(builders.make_account(), provider, "somebody else")
    link_to(account, provider, "zita")
    client = sign_in(site, account)
    page = client.get("/me/data").text
    copy = json.loads(client.post("/me/data", data={"csrf_token": token(page)}).text)

    assert f"{provider.issuer} · zita" in page
    assert "somebody else" not in page
    assert [(one["issuer"], one["subject"]) for one in copy["identities"]] == [(provider.issuer, "zita")]

    anonymising.anonymise(COMMAND_LINE, [account.id])
    db.session.commit()
    assert [subject for _, _, subject in links()] == ["somebody else"]


def test_somebody_elses_identity_is_not_linked(site: Flask, provider: Provider, account: Account) -> None:
    other = builders.make_account()
    link_to(other, provider, "vera")
    client = sign_in(site, account)
    come_in(client, provider, "vera", "/me/identity/begin")

    answer = post(client, "/me/identity", current=builders.PASSWORD)

    assert answer.status_code == 409
    assert "已关联到另一个账号" in answer.text
    assert links() == [(other.id, provider.issuer, "vera")]


def test_a_second_identity_is_not_linked(site: Flask, provider: Provider, account: Account) -> None:
    link_to(account, provider, "the first")
    client = sign_in(site, account)
    come_in(client, provider, "wilma", "/me/identity/begin")

    assert post(client, "/me/identity", current=builders.PASSWORD).status_code == 409
    assert links() == [(account.id, provider.issuer, "the first")]


def test_linking_is_for_the_account_that_began_it(site: Flask, provider: Provider, account: Account) -> None:
    other = builders.make_account()
    db.session.commit()
    client = sign_in(site, account)
    back = way_back(client, provider, "xenia", "/me/identity/begin")
    theirs = sign_in(site, other)
    with client.session_transaction() as ours, theirs.session_transaction() as session:
        session.update({key: value for key, value in ours.items() if key.startswith("_state_")})

    assert theirs.get(back).status_code == 400

    assert come_in(client, provider, "xenia", "/me/identity/begin").location == "/me/identity"
    with client.session_transaction() as ours, theirs.session_transaction() as session:
        session["linking"] = ours["linking"]
    assert theirs.get("/me/identity").location == "/me/security"
    form = {"csrf_token": token(theirs.get("/me").text), "current": builders.PASSWORD}
    assert theirs.post("/me/identity", data=form).location == "/me/security"
    assert links() == []


def test_what_came_back_waits_five_minutes(
    site: Flask, provider: Provider, account: Account, moved_clock: MovableClock
) -> None:
    client = sign_in(site, account)
    come_in(client, provider, "yvonne", "/me/identity/begin")
    form = {"csrf_token": token(client.get("/me/identity").text), "current": builders.PASSWORD}
    moved_clock.forward(minutes=6)

    assert client.post("/me/identity", data=form).location == "/me/security"
    assert links() == []


def test_linking_needs_somebody_signed_in(site: Flask) -> None:
    client = site.test_client()

    assert client.get("/me/identity/begin").location.startswith("/sign-in?")
    assert client.get("/me/identity").location.startswith("/sign-in?")
    form = {"csrf_token": token(client.get("/sign-in").text)}
    assert client.post("/me/identity", data=form).location.startswith("/sign-in?")
    assert client.post("/me/identity/unlink", data=form).location.startswith("/sign-in?")
