"""Signing in by an identity provider: against a provider that runs, over loopback HTTP."""

from __future__ import annotations

import pyotp
import pytest
from flask import Flask

from quizapp import clock
from quizapp.accounts import second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, SignIn
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in
from tests.providers import (
    Provider,
    acts,
    come_in,
    cookie,
    is_in,
    link_to,
    links,
    post,
    verified,
    way_back,
)


def test_without_a_provider_there_is_nothing_of_it(app: Flask, account: Account) -> None:
    stranger, client = app.test_client(), sign_in(app, account)

    for address in ("/sign-in/oidc", "/sign-in/oidc/callback?code=a&state=b"):
        assert stranger.get(address).status_code == 404
    for address in ("/me/identity/begin", "/me/identity"):
        assert client.get(address).status_code == 404
    assert "oidc" not in stranger.get("/sign-in").text
    assert "identity" not in client.get("/me/security").text


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
