"""The second factor is asked for, fits once, and cannot be walked around."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, SecondFactor
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

STEP = timedelta(seconds=30)


@pytest.fixture
def auditor(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Account:
    account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    settings = replace(app.config["SETTINGS"], second_factor_for=("auditor",))
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return account


def post(client: FlaskClient, page: str, action: str = "", **form: str) -> TestResponse:
    return client.post(action or page, data={"csrf_token": token(client.get(page).text), **form})


def set_up(client: FlaskClient) -> tuple[pyotp.TOTP, list[str]]:
    post(client, "/me/second-factor", "/me/second-factor/begin")
    match = re.search(r'class="secret">(\w+)<', client.get("/me/second-factor").text)
    assert match
    app = pyotp.TOTP(match[1])
    page = post(client, "/me/second-factor", "/me/second-factor/confirm", code=app.at(clock.now())).text
    return app, re.findall(r"<li>([0-9A-Z]{4}-[0-9A-Z]{4})</li>", page)


def give_password(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    answer = post(client, "/sign-in", phone=account.phone, password=builders.PASSWORD)
    assert answer.location == "/sign-in/code"
    return client


def test_whose_work_demands_it_works_only_after_setting_it_up(app: Flask, auditor: Account) -> None:
    client = sign_in(app, auditor)
    assert client.get("/enterprises").location == "/me/second-factor"
    assert client.get("/").location == "/me/second-factor"
    form = {"csrf_token": token(client.get("/me").text), "format": "csv"}
    assert client.post("/coverage/list/export", data=form).status_code == 403

    _, recovery = set_up(client)

    assert len(recovery) == 10
    assert client.get("/enterprises").status_code == 200


def test_the_password_alone_opens_nothing(app: Flask, auditor: Account) -> None:
    set_up(sign_in(app, auditor))

    client = give_password(app, auditor)

    assert client.get("/me").status_code == 302
    assert client.get("/enterprises").location.startswith("/sign-in")


def test_a_code_signs_in_once(app: Flask, auditor: Account, moved_clock: MovableClock) -> None:
    authenticator, _ = set_up(sign_in(app, auditor))
    moved_clock.forward(seconds=30)
    code = authenticator.at(clock.now())

    client = give_password(app, auditor)
    assert post(client, "/sign-in/code", code=f"{code[:3]} {code[3:]}").status_code == 302
    assert client.get("/enterprises").status_code == 200

    thief = give_password(app, auditor)
    assert post(thief, "/sign-in/code", code=code).status_code == 403
    assert thief.get("/enterprises").status_code == 302


def test_a_phone_may_be_half_a_minute_off_but_no_more(
    app: Flask, auditor: Account, moved_clock: MovableClock
) -> None:
    authenticator, _ = set_up(sign_in(app, auditor))
    moved_clock.forward(minutes=10)

    late = give_password(app, auditor)
    assert post(late, "/sign-in/code", code=authenticator.at(clock.now() - STEP * 2)).status_code == 403
    assert post(late, "/sign-in/code", code=authenticator.at(clock.now() - STEP)).status_code == 302


def test_a_recovery_code_signs_in_once(app: Flask, auditor: Account) -> None:
    _, recovery = set_up(sign_in(app, auditor))

    assert post(give_password(app, auditor), "/sign-in/code", code=recovery[3].lower()).status_code == 302
    assert post(give_password(app, auditor), "/sign-in/code", code=recovery[3]).status_code == 403
    assert post(give_password(app, auditor), "/sign-in/code", code=recovery[4]).status_code == 302


def test_guessing_is_slowed_down(app: Flask, auditor: Account, moved_clock: MovableClock) -> None:
    authenticator, _ = set_up(sign_in(app, auditor))
    moved_clock.forward(minutes=1)
    thief = give_password(app, auditor)
    answers = [post(thief, "/sign-in/code", code="000000").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]

    assert post(thief, "/sign-in/code", code=authenticator.at(clock.now())).status_code == 429


def test_the_password_counts_for_five_minutes(
    app: Flask, auditor: Account, moved_clock: MovableClock
) -> None:
    authenticator, _ = set_up(sign_in(app, auditor))
    client = give_password(app, auditor)
    moved_clock.forward(minutes=6)

    answer = client.post("/sign-in/code", data={"csrf_token": token(client.get("/sign-in").text),
                                                "code": authenticator.at(clock.now())})  # fmt: skip

    assert answer.location == "/sign-in"
    assert client.get("/me").status_code == 302


def test_what_is_demanded_cannot_be_taken_away(
    app: Flask, auditor: Account, moved_clock: MovableClock
) -> None:
    client = sign_in(app, auditor)
    authenticator, _ = set_up(client)
    moved_clock.forward(minutes=1)

    answer = post(client, "/me/second-factor", "/me/second-factor/remove", code=authenticator.at(clock.now()))

    assert answer.status_code == 409


def test_what_was_chosen_freely_is_taken_away_against_a_code(app: Flask, moved_clock: MovableClock) -> None:
    town = builders.make_staff(GrantKind.TOWN_STAFF, builders.make_region("wujin/hutang").path)
    db.session.commit()
    client = sign_in(app, town)
    authenticator, _ = set_up(client)
    moved_clock.forward(minutes=1)

    remove = "/me/second-factor/remove"
    assert post(client, "/me/second-factor", remove, code="000000").status_code == 403
    code = authenticator.at(clock.now())
    assert post(client, "/me/second-factor", remove, code=code).status_code == 302
    assert sign_in(app, town).get("/me").status_code == 200


def test_the_secret_is_kept_encrypted(app: Flask, auditor: Account) -> None:
    authenticator, recovery = set_up(sign_in(app, auditor))
    kept = str(vars(db.session.scalars(db.select(SecondFactor)).one()))

    assert authenticator.secret not in kept
    assert not any(code.replace("-", "") in kept for code in recovery)


def test_an_activation_code_does_not_walk_around_it(app: Flask, auditor: Account) -> None:
    from quizapp.accounts import activations
    from quizapp.audit.actors import COMMAND_LINE

    set_up(sign_in(app, auditor))
    code = activations.issue_code(COMMAND_LINE, auditor.id)
    db.session.commit()
    client = app.test_client()

    answer = post(client, "/activate", phone=auditor.phone, code=code, password="chongya-banzhang-77")

    assert answer.location == "/sign-in"
    assert client.get("/me").status_code == 302
