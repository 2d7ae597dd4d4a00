"""Somebody from the roster gets a slip, sets a password and is in; nobody gets into another's account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizapp.accounts import activations, codes
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, ActivationCode
from quizapp.audit.actors import COMMAND_LINE
from quizapp.directory.models import Enterprise
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.roster import rosters
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

PHONE = "13800000001"
GOOD = "chongya-banzhang-77"


@pytest.fixture
def enterprise(app: Flask) -> Enterprise:
    enterprise = builders.make_enterprise(builders.make_region("wujin/hutang"))
    rosters.add_person(
        COMMAND_LINE, enterprise.id, phone=PHONE, name="周立安", role=JobRole.KEY_POST, title=""
    )
    db.session.commit()
    return enterprise


@pytest.fixture
def contact(app: Flask, enterprise: Enterprise) -> FlaskClient:
    account = builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise.id)
    db.session.commit()
    return sign_in(app, account)


def slips(client: FlaskClient, enterprise: Enterprise, **form: object) -> tuple[list[str], str]:
    csrf = token(client.get(f"/enterprises/{enterprise.id}").text)
    page = client.post(f"/enterprises/{enterprise.id}/slips", data={"csrf_token": csrf, **form}).text
    return re.findall(r'class="code mb-1">([0-9A-Z-]+)<', page), page


def activate(client: FlaskClient, code: str, password: str = GOOD, phone: str = PHONE) -> TestResponse:
    form = {
        "csrf_token": token(client.get("/activate").text),
        "phone": phone,
        "code": code,
        "password": password,
    }
    return client.post("/activate", data=form)


def person() -> Account:
    db.session.rollback()
    db.session.expire_all()
    account: Account = db.session.scalars(db.select(Account).where(Account.phone == PHONE)).one()
    return account


def test_a_slip_opens_the_account_once(app: Flask, contact: FlaskClient, enterprise: Enterprise) -> None:
    (code,), _ = slips(contact, enterprise)
    phone = app.test_client()

    answer = activate(phone, code.lower().replace("-", " "))

    assert answer.status_code == 302
    assert phone.get("/me").status_code == 200
    assert activate(app.test_client(), code).status_code == 403
    assert slips(contact, enterprise)[0] == []


def test_what_is_kept_of_a_code_does_not_say_it(contact: FlaskClient, enterprise: Enterprise) -> None:
    (code,), _ = slips(contact, enterprise)

    kept = db.session.scalars(db.select(ActivationCode)).one()

    assert code.replace("-", "") not in str(vars(kept))


def test_a_newer_code_voids_the_older(app: Flask, contact: FlaskClient, enterprise: Enterprise) -> None:
    (old,), (new,) = slips(contact, enterprise)[0], slips(contact, enterprise)[0]

    assert activate(app.test_client(), old).status_code == 403
    assert activate(app.test_client(), new).status_code == 302


def test_a_code_ends_after_two_weeks(app: Flask, contact: FlaskClient, enterprise: Enterprise, moved_clock: MovableClock) -> None:  # fmt: skip
    (code,), _ = slips(contact, enterprise)
    moved_clock.forward(days=14)

    assert activate(app.test_client(), code).status_code == 403


def test_ten_wrong_tries_and_the_code_is_dead(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, moved_clock: MovableClock
) -> None:
    (code,), _ = slips(contact, enterprise)
    thief = app.test_client()
    for _ in range(activations.MOST_FAILURES):
        moved_clock.forward(minutes=31)
        assert activate(thief, "AAAA-AAAA").status_code == 403
    moved_clock.forward(minutes=31)

    assert activate(app.test_client(), code).status_code == 403


def test_a_stranger_is_not_told_who_is_on_the_roster(
    app: Flask, contact: FlaskClient, enterprise: Enterprise
) -> None:
    slips(contact, enterprise)

    known = activate(app.test_client(), "AAAA-AAAA")
    unknown = activate(app.test_client(), "AAAA-AAAA", phone="13900000009")

    def seen(answer: TestResponse) -> str:
        return re.sub(r'value="[^"]*"', "", answer.text)

    assert (known.status_code, seen(known)) == (unknown.status_code, seen(unknown))


@pytest.mark.parametrize("password", ["short", "password1", "12345678", PHONE, "周立安周立安周立安"])
def test_a_password_that_is_easily_guessed_is_refused_and_the_code_stays(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, password: str
) -> None:
    (code,), _ = slips(contact, enterprise)

    assert activate(app.test_client(), code, password).status_code == 422
    assert activate(app.test_client(), code).status_code == 302


def test_a_forgotten_password_ends_every_sign_in(
    app: Flask, contact: FlaskClient, enterprise: Enterprise
) -> None:
    (code,), _ = slips(contact, enterprise)
    old = app.test_client()
    activate(old, code)
    post_id = re.search(r'name="post" value="(\d+)"', contact.get(f"/enterprises/{enterprise.id}").text)
    assert post_id

    (again,), _ = slips(contact, enterprise, post=post_id[1])
    activate(app.test_client(), again, "another-quite-long-one")

    assert old.get("/me").status_code == 302
    assert person().password_set_at is not None


def test_a_contact_cannot_take_over_who_works_elsewhere_too(
    app: Flask, contact: FlaskClient, enterprise: Enterprise
) -> None:
    elsewhere = builders.make_enterprise(builders.make_region("wujin/lijia"))
    rosters.add_person(
        COMMAND_LINE, elsewhere.id, phone=PHONE, name="周立安", role=JobRole.PRINCIPAL, title=""
    )
    db.session.commit()

    codes_shown, page = slips(contact, enterprise)

    assert codes_shown == []
    assert "周立安 在其他企业也有任职" in page


def test_a_contact_cannot_take_over_an_administrator(
    app: Flask, contact: FlaskClient, enterprise: Enterprise
) -> None:
    administrator = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    csrf = token(contact.get(f"/enterprises/{enterprise.id}").text)
    form = {"csrf_token": csrf, "phone": administrator.phone, "name": administrator.name, "role": "principal"}
    assert contact.post(f"/enterprises/{enterprise.id}/people", data=form).status_code == 302
    shown = contact.get(f"/enterprises/{enterprise.id}").text

    for post_id in re.findall(r'name="post" value="(\d+)"', shown):
        slips(contact, enterprise, post=post_id)

    issued = db.session.scalars(db.select(ActivationCode.account_id)).all()
    assert administrator.id not in issued


def test_codes_are_long_enough_and_easy_to_read() -> None:
    made = {codes.make_code() for _ in range(200)}

    assert len(made) == 200
    assert all(codes.typed(codes.printed(code)) == code for code in made)
    assert len(codes.ALPHABET) ** codes.LENGTH > 4 * 10**11
    assert timedelta(days=14) == activations.VALID_FOR
