"""Somebody scans the poster's code, the contact says yes, and they are in; a stranger learns nothing."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.audit.actors import COMMAND_LINE, Actor
from quizapp.directory.models import Enterprise, Post
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.people.models import Application
from quizapp.roster import rosters
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

PHONE = "13800000001"
GOOD = "chongya-banzhang-77"


@pytest.fixture
def enterprise(app: Flask) -> Enterprise:
    enterprise = builders.make_enterprise(builders.make_region("wujin/hutang"))
    enterprise.name = "常州金源机械厂"
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


@pytest.fixture
def link(contact: FlaskClient, enterprise: Enterprise) -> str:
    return new_link(contact, enterprise)


def new_link(contact: FlaskClient, enterprise: Enterprise) -> str:
    poster = f"/enterprises/{enterprise.id}/poster"
    form = {"csrf_token": token(contact.get(poster).text)}
    contact.post(f"/enterprises/{enterprise.id}/join-link", data=form)
    match = re.search(r"http://localhost(/join/[\w-]+)", contact.get(poster).text)
    assert match
    return match[1]


def apply(client: FlaskClient, link: str, **changes: str) -> TestResponse:
    form = {"name": "周立安", "phone": PHONE, "role": "key_post", "password": GOOD, **changes}
    return client.post(link, data={"csrf_token": token(client.get(f"{link}?again=1").text), **form})


def decide(contact: FlaskClient, enterprise: Enterprise, act: str = "accept") -> str:
    address = f"/enterprises/{enterprise.id}/applications"
    page = contact.get(address).text
    ids = re.findall(r'name="application" value="(\d+)"', page)
    form = {"csrf_token": token(page), "application": ids, "act": act}
    return contact.get(contact.post(address, data=form).location).text


def signs_in(app: Flask, phone: str = PHONE, password: str = GOOD) -> bool:
    client = app.test_client()
    form = {"phone": phone, "password": password, "csrf_token": token(client.get("/sign-in").text)}
    return client.post("/sign-in", data=form).status_code == 302


def account(phone: str = PHONE) -> Account:
    db.session.rollback()
    db.session.expire_all()
    found: Account = db.session.scalars(db.select(Account).where(Account.phone == phone)).one()
    return found


def test_who_is_on_the_roster_comes_in_with_the_contacts_yes(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    phone = app.test_client()
    apply(phone, link)
    page = phone.get(link).text
    number = re.search(r'join-number mb-2">(\d{4})<', page)
    assert number
    assert not signs_in(app)

    listed = contact.get(f"/enterprises/{enterprise.id}/applications").text
    assert number[1] in listed
    assert "名册中有" in listed
    assert PHONE not in listed
    decide(contact, enterprise)

    assert "已确认" in phone.get(link).text
    assert signs_in(app)


def test_who_is_not_on_the_roster_is_added_to_it(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    apply(app.test_client(), link, name="新来的", phone="13800000002", role="principal", title="厂长")

    decide(contact, enterprise)

    assert signs_in(app, "13800000002")
    post = db.session.scalars(
        db.select(Post).join(Account, Account.id == Post.account_id).where(Account.phone == "13800000002")
    ).one()
    assert (post.enterprise_id, post.job_role, post.title) == (enterprise.id, JobRole.PRINCIPAL, "厂长")


def test_a_no_lets_nobody_in(app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str) -> None:
    phone = app.test_client()
    apply(phone, link)

    assert "已拒绝 1 人" in decide(contact, enterprise, "refuse")

    assert "未通过" in phone.get(link).text
    assert not signs_in(app)


def test_a_stranger_sees_the_same_whoever_they_claim_to_be(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    def seen(**changes: str) -> tuple[int, str, str]:
        client = app.test_client()
        answer = apply(client, link, **changes)
        return (
            answer.status_code,
            answer.location,
            re.sub(r">\d{4}<|value=\"[^\"]*\"", "", client.get(link).text),
        )

    answers = {
        seen(), seen(name="别的人"), seen(phone="13800000009"), seen(phone="13800000009", name="别的人"),
    }  # fmt: skip

    assert len(answers) == 1


def test_a_yes_does_not_change_a_password_that_is_there(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    apply(app.test_client(), link)
    decide(contact, enterprise)
    apply(app.test_client(), link, password="a-thief-wants-this-99")

    page = decide(contact, enterprise)

    assert "密码未改动" in page
    assert signs_in(app)
    assert not signs_in(app, password="a-thief-wants-this-99")


def test_a_contact_cannot_take_over_staff_or_people_of_other_enterprises(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    elsewhere = builders.make_enterprise(builders.make_region("wujin/lijia"))
    rosters.add_person(
        COMMAND_LINE, elsewhere.id, phone="13800000003", name="两边跑", role=JobRole.PRINCIPAL, title=""
    )
    administrator = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    administrator.password_hash = None
    db.session.commit()
    apply(app.test_client(), link, name="两边跑", phone="13800000003")
    apply(app.test_client(), link, name=administrator.name, phone=administrator.phone)

    decide(contact, enterprise)

    assert account("13800000003").password_hash is None
    assert account(administrator.phone).password_hash is None


def test_a_number_of_another_name_is_shown_and_cannot_be_confirmed(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    apply(app.test_client(), link, name="冒名的")
    page = contact.get(f"/enterprises/{enterprise.id}/applications").text
    assert "手机号是别人的" in page

    assert "未确认" in decide(contact, enterprise)

    assert account().password_hash is None
    assert account().name == "周立安"


def test_another_contact_cannot_decide(app: Flask, enterprise: Enterprise, link: str) -> None:
    elsewhere = builders.make_enterprise(builders.make_region("wujin/lijia"))
    stranger = builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=elsewhere.id)
    db.session.commit()
    apply(app.test_client(), link)
    waiting = db.session.scalars(db.select(Application.id)).one()
    client = sign_in(app, stranger)
    form = {"csrf_token": token(client.get("/me").text), "application": str(waiting), "act": "accept"}

    assert client.post(f"/enterprises/{enterprise.id}/applications", data=form).status_code == 404
    assert client.post(f"/enterprises/{elsewhere.id}/applications", data=form).status_code == 302
    assert not signs_in(app)


def test_a_replaced_link_leads_nowhere(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str
) -> None:
    fresh = new_link(contact, enterprise)

    assert app.test_client().get(link).status_code == 404
    assert app.test_client().get(fresh).status_code == 200


def test_an_application_waits_two_weeks(
    app: Flask, contact: FlaskClient, enterprise: Enterprise, link: str, moved_clock: MovableClock
) -> None:
    apply(app.test_client(), link)
    waiting = db.session.scalars(db.select(Application.id)).one()
    address = f"/enterprises/{enterprise.id}/applications"
    moved_clock.forward(days=15)
    owner = builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise.id)
    db.session.commit()
    client = sign_in(app, owner)
    assert "没有人在等待确认" in client.get(address).text

    form = {"csrf_token": token(client.get("/me").text), "application": str(waiting), "act": "accept"}
    client.post(address, data=form)

    assert not signs_in(app)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("phone", "12", "手机号应为"),
        ("role", "", "请选择岗位类别"),
        ("name", "", "请填写姓名"),
        ("password", "12345678", "太常见"),
        ("password", "zhoulian1", "太常见"),
        ("password", "jinyuanjixie", "太常见"),
        ("password", "short", "至少 8 个字符"),
    ],
)
def test_what_cannot_be_used_is_named(app: Flask, link: str, field: str, value: str, said: str) -> None:
    answer = apply(app.test_client(), link, **{field: value})

    assert answer.status_code == 422
    assert said in answer.text


def test_somebody_who_floods_must_wait(app: Flask, link: str) -> None:
    client = app.test_client()
    answers = [apply(client, link).status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]


def test_five_hundred_people_of_one_address_register_within_ten_minutes(
    app: Flask, link: str, monkeypatch: pytest.MonkeyPatch, moved_clock: MovableClock
) -> None:
    from quizapp.people import applications

    monkeypatch.setattr(applications, "hash_password", lambda _password: "x")
    for number in range(500):
        moved_clock.forward(seconds=1)
        actor = Actor(None, "203.0.113.7")
        applicant = applications.Applicant(
            name="班组长", phone=f"139{number:08d}", job_role=JobRole.KEY_POST, title="", password=GOOD
        )
        enterprise_id = db.session.scalars(db.select(Enterprise.id)).one()
        applications.apply(actor, enterprise_id, "常州金源机械厂", applicant)
    db.session.commit()

    assert db.session.scalars(db.select(db.func.count(Application.id))).one() == 500
