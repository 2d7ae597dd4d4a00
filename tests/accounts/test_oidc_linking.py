"""Linking the own account with an identity, by hand."""

from __future__ import annotations

import json

from flask import Flask

from quizapp.accounts import anonymising
from quizapp.accounts.models import Account
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token
from tests.providers import (
    Provider,
    acts,
    come_in,
    link_to,
    links,
    post,
    way_back,
)


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
