"""The edges of every page: what guards it, and where it sends people on to."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.extensions import db
from tests import builders
from tests.pages import sign_in, token


@pytest.fixture
def learner(app: Flask) -> FlaskClient:
    track = builders.make_track(builders.make_campaign())
    builders.make_quiz(track)
    builders.make_module(track)
    enrolment = builders.make_learner(track)
    db.session.commit()
    return sign_in(app, db.session.get_one(Account, enrolment.account_id))


@pytest.fixture
def staff(app: Flask, learner: FlaskClient) -> FlaskClient:
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    return sign_in(app, account)


def test_every_answer_carries_the_guards(app: Flask, staff: FlaskClient) -> None:
    for path in ("/", "/coverage", "/nowhere", "/static/css/app.css", "/sign-in"):
        with staff.get(path) as answer:
            headers = answer.headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_holds_what_the_policy_for_scripts_forbids(
    app: Flask, staff: FlaskClient, learner: FlaskClient
) -> None:
    for client, paths in (
        (staff, ["/coverage", "/coverage/list", "/banks", "/me"]),
        (learner, ["/", "/me", "/modules/1"]),
    ):
        for path in paths:
            page = client.get(path).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", page), path


def test_the_cookie_is_secure_behind_https_and_never_readable_by_scripts(app: Flask) -> None:
    plain = app.test_client().get("/sign-in").headers["Set-Cookie"]
    secure = app.test_client().get("/sign-in", base_url="https://localhost")

    assert "Secure" not in plain
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "HttpOnly" in secure.headers["Set-Cookie"]
    assert secure.headers["Strict-Transport-Security"]


def test_a_foreign_host_name_is_refused(app: Flask) -> None:
    assert app.test_client().get("/sign-in", base_url="http://evil.example").status_code == 400


def test_signing_in_goes_on_to_where_somebody_was_heading(app: Flask) -> None:
    account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    client = app.test_client()
    asked = client.get("/coverage/list?status=complete")
    form = {
        "phone": account.phone,
        "password": builders.PASSWORD,
        "csrf_token": token(client.get(asked.location).text),
    }

    answer = client.post(asked.location, data=form)

    assert answer.location == "/coverage/list?status=complete"


def test_signing_out_is_a_post_and_ends_the_sign_in_in_the_same_language(app: Flask) -> None:
    account = builders.make_account()
    db.session.commit()
    client = sign_in(app, account)
    assert client.get("/sign-out").status_code == 405
    form = {"csrf_token": token(client.get("/me").text), "language": "en"}
    client.post("/language", data=form)

    answer = client.post("/sign-out", data=form)

    assert "You have signed out." in client.get(answer.location).text
    assert client.get("/me").status_code == 302


def test_an_error_of_ours_says_nothing_of_its_inside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a secret detail")

    client = app.test_client()
    monkeypatch.setitem(app.view_functions, "accounts.sign_in_form", fail)
    fail.policy_action = "sign_in"  # type: ignore[attr-defined]  # functions take attributes

    answer = client.get("/sign-in")

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "系统出错了" in answer.text
