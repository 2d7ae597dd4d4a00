"""A sign-in begins with a new cookie, rests only so long, and ends for good."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts import accounts
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, SignIn
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from quizapp.web.devices import device_name
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

NEW = "chongya-banzhang-77"


@pytest.fixture
def account(app: Flask) -> Account:
    account = builders.make_account()
    db.session.commit()
    return account


def is_in(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("session")
    assert held
    return held.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("session", value)
    return client


def change_password(client: FlaskClient, current: str, new: str) -> int:
    form = {"csrf_token": token(client.get("/me/security").text), "current": current, "new": new}
    return client.post("/me/password", data=form).status_code


def test_a_new_password_ends_every_other_device_and_renews_this_one(app: Flask, account: Account) -> None:
    client, other = sign_in(app, account), sign_in(app, account)
    before = cookie(client)

    assert change_password(client, builders.PASSWORD, NEW) == 302

    assert is_in(client)
    assert not is_in(other)
    assert not is_in(with_cookie(app, before))


def test_a_password_is_changed_only_by_who_knows_it(app: Flask, account: Account) -> None:
    client = sign_in(app, account)

    assert change_password(client, "not the password", NEW) == 422
    assert change_password(client, builders.PASSWORD, "12345678") == 422
    assert change_password(client, builders.PASSWORD, builders.PASSWORD) == 422
    assert is_in(client)


def test_guessing_the_current_password_is_slowed_down(app: Flask, account: Account) -> None:
    client = sign_in(app, account)
    for number in range(6):
        change_password(client, f"wrong guess {number}", NEW)

    form = {"csrf_token": token(client.get("/me/security").text), "current": builders.PASSWORD, "new": NEW}
    assert "尝试次数过多" in client.post("/me/password", data=form).text


def test_signing_out_everywhere_ends_all_devices(app: Flask, account: Account) -> None:
    clients = [sign_in(app, account) for _ in range(3)]
    form = {"csrf_token": token(clients[0].get("/me/security").text)}

    clients[0].post("/me/sign-ins/end", data=form)

    assert not any(is_in(client) for client in clients)


def test_one_device_can_be_signed_out_from_another(app: Flask, account: Account) -> None:
    lost, client = sign_in(app, account), sign_in(app, account)
    page = client.get("/me/security").text
    (address,) = re.findall(r'action="(/me/sign-ins/\d+/end)"', page)

    client.post(address, data={"csrf_token": token(page)})

    assert not is_in(lost)
    assert is_in(client)


def test_staff_rest_half_an_hour_and_learners_a_week(
    app: Flask, account: Account, moved_clock: MovableClock
) -> None:
    auditor = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    learner, staff = sign_in(app, account), sign_in(app, auditor)

    for _ in range(3):
        moved_clock.forward(minutes=29)
        assert is_in(staff)
    moved_clock.forward(minutes=31)
    assert not is_in(staff)
    assert is_in(learner)

    for _ in range(3):
        moved_clock.forward(days=6)
        assert is_in(learner)
    moved_clock.forward(days=7, minutes=1)
    assert not is_in(learner)


def test_being_seen_costs_a_write_now_and_then_only(
    app: Flask, account: Account, moved_clock: MovableClock
) -> None:
    client = sign_in(app, account)
    before = db.session.scalars(db.select(SignIn.seen_at)).one()
    moved_clock.forward(hours=1)
    is_in(client)
    db.session.rollback()
    assert db.session.scalars(db.select(SignIn.seen_at)).one() == before

    moved_clock.forward(hours=6)
    is_in(client)
    db.session.rollback()
    assert db.session.scalars(db.select(SignIn.seen_at)).one() > before


def test_what_is_kept_of_a_cookie_does_not_open_it(app: Flask, account: Account) -> None:
    client = sign_in(app, account)
    with client.session_transaction() as session:
        held = session["_user_id"]
    kept = db.session.scalars(db.select(SignIn)).one()

    assert held not in str(vars(kept))


def test_composition_and_rotation_are_settings(
    app: Flask, monkeypatch: pytest.MonkeyPatch, moved_clock: MovableClock
) -> None:
    auditor = builders.make_staff(GrantKind.AUDITOR)
    accounts.set_password(COMMAND_LINE, auditor, builders.PASSWORD)
    db.session.commit()
    with_setting(app, monkeypatch, password_classes=3, password_days=90)
    client = sign_in(app, auditor)
    assert client.get("/enterprises").status_code == 200
    moved_clock.forward(days=91)
    client = sign_in(app, auditor)

    assert client.get("/enterprises").location == "/me/security"
    assert "90 天未更换" in client.get("/me/security").text
    assert change_password(client, builders.PASSWORD, "only small letters here") == 422
    assert change_password(client, builders.PASSWORD, "Chongya-banzhang-77") == 302
    assert client.get("/enterprises").status_code == 200


def with_setting(app: Flask, monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    from dataclasses import replace

    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **values))


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 Chrome/80.0 Mobile Safari/537.36 MicroMessenger/8.0", "微信 WeChat · Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) Version/15.0 Mobile Safari/604.1", "Safari · iPhone"),
        ("", "? · ?"),
    ],
)  # fmt: skip
def test_a_device_is_named_in_few_words(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
