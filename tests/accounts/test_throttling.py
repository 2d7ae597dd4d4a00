"""Guessing gets slower and slower; a workshop behind one address does not feel it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from quizapp.accounts import throttling
from quizapp.accounts.models import Account
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import token


@pytest.fixture
def account(app: Flask) -> Account:
    account = builders.make_account()
    db.session.commit()
    return account


WRONG = "not the password"


def attempt(app: Flask, phone: str, password: str = WRONG) -> TestResponse:
    client = app.test_client()
    form = {"csrf_token": token(client.get("/sign-in").text), "phone": phone, "password": password}
    return client.post("/sign-in", data=form)


def statuses(app: Flask, phone: str, times: int) -> list[int]:
    return [attempt(app, phone).status_code for _ in range(times)]


def test_the_sixth_try_has_to_wait_even_with_the_right_password(app: Flask, account: Account) -> None:
    assert statuses(app, account.phone, 6) == [403] * 5 + [429]
    assert attempt(app, account.phone, builders.PASSWORD).status_code == 429


def test_each_failure_doubles_the_wait(app: Flask, account: Account, moved_clock: MovableClock) -> None:
    statuses(app, account.phone, 5)
    for minutes in (1, 2, 4, 8, 16, 30, 30):
        moved_clock.forward(minutes=minutes, seconds=-1)
        assert attempt(app, account.phone).status_code == 429
        moved_clock.forward(seconds=1)
        assert attempt(app, account.phone).status_code == 403


def test_the_right_password_forgets_the_failures(
    app: Flask, account: Account, moved_clock: MovableClock
) -> None:
    statuses(app, account.phone, 5)
    moved_clock.forward(minutes=1)

    assert attempt(app, account.phone, builders.PASSWORD).status_code == 302
    assert statuses(app, account.phone, 5) == [403] * 5


def test_a_number_without_account_is_answered_just_the_same(app: Flask, account: Account) -> None:
    def seen(answer: TestResponse) -> str:
        return re.sub(r'value="[^"]*"', "", answer.text)

    known = [attempt(app, account.phone) for _ in range(7)]
    unknown = [attempt(app, "13900000009") for _ in range(7)]

    assert [(a.status_code, seen(a)) for a in known] == [(a.status_code, seen(a)) for a in unknown]


def test_five_hundred_colleagues_behind_one_address_all_get_in(app: Flask, moved_clock: MovableClock) -> None:
    people = [builders.make_account() for _ in range(500)]
    db.session.commit()
    for number, person in enumerate(people):
        if number % 2 == 0:
            assert attempt(app, person.phone).status_code == 403
        assert attempt(app, person.phone, builders.PASSWORD).status_code == 302
        moved_clock.forward(seconds=1)


def test_an_address_that_only_fails_is_stopped(
    app: Flask, account: Account, moved_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttling.MOST_BY_ADDRESS, "sign_in", 8)

    answers = [attempt(app, f"139000000{number:02d}").status_code for number in range(10)]

    assert answers == [403] * 8 + [429] * 2
    moved_clock.forward(minutes=10)
    assert attempt(app, account.phone, builders.PASSWORD).status_code == 302


def test_what_is_kept_names_nobody(app: Flask, account: Account) -> None:
    attempt(app, account.phone)

    kept = str(db.session.execute(db.text("SELECT * FROM failed_tries")).all())

    assert account.phone not in kept
    assert "127.0.0.1" not in kept
