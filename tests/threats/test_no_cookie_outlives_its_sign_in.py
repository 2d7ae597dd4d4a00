"""A cookie from before does not become a sign-in, and none outlives what ended it (threat 13)."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
import pytest
from flask import Flask, sessions
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from quizapp import clock
from quizapp.accounts import activations, second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

NEW = "chongya-banzhang-77"


def cookie(client: FlaskClient) -> str:
    held = client.get_cookie("session")
    assert held
    return held.value


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie("session", value)
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/me").status_code == 200


def post(client: FlaskClient, page: str, action: str = "", **form: object) -> TestResponse:
    return client.post(action or page, data={"csrf_token": token(client.get(page).text), **form})


@dataclass
class Scene:
    """Somebody on one device, a copy of that cookie elsewhere, and an administrator."""

    app: Flask
    clock: MovableClock
    account_id: int
    phone: str
    enterprise_id: int
    client: FlaskClient
    administrator: FlaskClient
    authenticator: pyotp.TOTP | None = None

    @property
    def account(self) -> Account:
        return db.session.get_one(Account, self.account_id)

    def command(self, *arguments: str, **more: Any) -> None:
        db.session.rollback()
        result = self.app.test_cli_runner().invoke(args=[*arguments, "--phone", self.phone], **more)
        assert result.exit_code == 0, result.output

    def grant_id(self) -> int:
        wanted = db.select(Grant.id).where(Grant.account_id == self.account_id, Grant.withdrawn_at.is_(None))
        return int(db.session.scalars(wanted).one())

    def next_code(self) -> str:
        assert self.authenticator
        self.clock.forward(minutes=1)
        return str(self.authenticator.at(clock.now()))


@pytest.fixture
def scene(app: Flask, moved_clock: MovableClock) -> Scene:
    builders.make_region("wujin")
    enterprise = builders.make_enterprise(builders.make_region("wujin/hutang"))
    account, administrator = builders.make_account(), builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    known = account.id, account.phone, enterprise.id
    db.session.commit()
    return Scene(app, moved_clock, *known, sign_in(app, account), sign_in(app, administrator))


def as_town_staff(scene: Scene) -> None:
    """Let the person do staff work before the scene begins."""
    db.session.add(
        Grant(
            account_id=scene.account_id,
            kind=GrantKind.TOWN_STAFF,
            region_path="wujin/hutang",
            granted_at=clock.now(),
        )
    )
    db.session.commit()


def as_contact(scene: Scene) -> None:
    db.session.add(
        Grant(
            account_id=scene.account_id, kind=GrantKind.ENTERPRISE_CONTACT, enterprise_id=scene.enterprise_id,
            granted_at=clock.now(),
        )
    )  # fmt: skip
    db.session.commit()


def with_factor(scene: Scene) -> None:
    as_town_staff(scene)
    enrolling = second_factors.begin(scene.account_id, scene.phone)
    scene.authenticator = pyotp.TOTP(enrolling.secret)
    second_factors.confirm(COMMAND_LINE, scene.account_id, scene.phone, scene.authenticator.at(clock.now()))
    db.session.commit()
    scene.client = scene.app.test_client()
    post(scene.client, "/sign-in", phone=scene.phone, password=builders.PASSWORD)
    post(scene.client, "/sign-in/code", code=scene.next_code())
    assert is_in(scene.client)


def sign_out(scene: Scene) -> None:
    post(scene.client, "/me", "/sign-out")


def sign_out_everywhere(scene: Scene) -> None:
    post(sign_in(scene.app, scene.account), "/me/security", "/me/sign-ins/end")


def change_password(scene: Scene) -> None:
    answer = post(scene.client, "/me/security", "/me/password", current=builders.PASSWORD, new=NEW)
    assert answer.status_code == 302


def reset_by_code(scene: Scene) -> None:
    code = activations.issue_code(COMMAND_LINE, scene.account_id)
    db.session.commit()
    answer = post(scene.app.test_client(), "/activate", phone=scene.phone, code=code, password=NEW)
    assert answer.status_code == 302


def reset_by_command(scene: Scene) -> None:
    scene.command("accounts", "reset", "--password", NEW)


def disable(scene: Scene) -> None:
    scene.account.disabled_at = clock.now()
    db.session.commit()


def give_grant(scene: Scene) -> None:
    form = {
        "name": "周立安",
        "phone": scene.phone,
        "kind": "auditor",
        "region_path": "",
        "member_unit_id": "0",
        "uscc": "",
    }
    assert post(scene.administrator, "/grants", **form).status_code == 302


def give_grant_by_command(scene: Scene) -> None:
    scene.command("accounts", "grant", "--kind", "auditor")


def appoint_contact(scene: Scene) -> None:
    path = f"/enterprises/{scene.enterprise_id}/contacts"
    assert post(scene.administrator, "/me", path, phone=scene.phone, name="周立安").status_code == 302


def withdraw_grant(scene: Scene) -> None:
    assert post(scene.administrator, "/grants", f"/grants/{scene.grant_id()}/withdraw").status_code == 302


def dismiss_contact(scene: Scene) -> None:
    path = f"/enterprises/{scene.enterprise_id}/contacts/{scene.grant_id()}/dismiss"
    assert post(scene.administrator, "/me", path).status_code == 302


def set_up_factor(scene: Scene) -> None:
    post(scene.client, "/me/second-factor", "/me/second-factor/begin")
    enrolling = second_factors.enrolling(scene.account_id, scene.phone)
    assert enrolling
    code = pyotp.TOTP(enrolling.secret).at(clock.now())
    db.session.rollback()
    page = post(scene.client, "/me/second-factor", "/me/second-factor/confirm", code=code)
    assert page.status_code == 200
    # The page that shows the recovery codes goes on to work in the session that it began.
    form = {"csrf_token": token(page.text), "language": "zh"}
    assert scene.client.post("/language", data=form).status_code == 302
    assert "/enterprises" in page.text, "staff see their pages at once"


def remove_factor(scene: Scene) -> None:
    answer = post(scene.client, "/me/second-factor", "/me/second-factor/remove", code=scene.next_code())
    assert answer.status_code == 302


def reset_factor(scene: Scene) -> None:
    path = f"/grants/{scene.grant_id()}/reset-second-factor"
    assert post(scene.administrator, "/grants", path).status_code == 302


def reset_factor_by_command(scene: Scene) -> None:
    scene.command("accounts", "reset-second-factor")


Step = Callable[[Scene], None]


def as_is(_scene: Scene) -> None:
    """Nothing to prepare."""


#: What ends a sign-in, what must stand before, and whether the device that does it stays signed in, anew.
ENDINGS: dict[str, tuple[Step, Step, bool]] = {
    "signing out": (as_is, sign_out, False),
    "signing out everywhere": (as_is, sign_out_everywhere, False),
    "a new password": (as_is, change_password, True),
    "a new password by code": (as_is, reset_by_code, False),
    "a new password by command": (as_is, reset_by_command, False),
    "disabling": (as_is, disable, False),
    "a grant": (as_is, give_grant, False),
    "a grant by command": (as_is, give_grant_by_command, False),
    "becoming a contact": (as_is, appoint_contact, False),
    "a grant withdrawn": (as_town_staff, withdraw_grant, False),
    "a contact dismissed": (as_contact, dismiss_contact, False),
    "a second factor": (as_town_staff, set_up_factor, True),
    "a second factor removed": (with_factor, remove_factor, True),
    "a second factor reset": (with_factor, reset_factor, False),
    "a second factor reset by command": (with_factor, reset_factor_by_command, False),
}


@pytest.mark.parametrize("what", ENDINGS)
def test_a_copied_cookie_is_nobody_after(scene: Scene, what: str) -> None:
    prepare, end, stays = ENDINGS[what]
    prepare(scene)
    copied, others = cookie(scene.client), scene.administrator
    assert is_in(with_cookie(scene.app, copied)), "the copy is a sign-in until then"

    end(scene)

    for path in ("/me", "/", "/me/security", "/enterprises", "/coverage"):
        answer = with_cookie(scene.app, copied).get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in"), path
    replayed = with_cookie(scene.app, copied)
    form = {"csrf_token": token(replayed.get("/sign-in").text)}
    assert replayed.post("/me/sign-ins/end", data=form).location.startswith("/sign-in")
    assert is_in(scene.client) is stays
    assert is_in(others)


def test_a_grant_counts_from_the_next_sign_in_on(scene: Scene) -> None:
    give_grant(scene)

    assert sign_in(scene.app, scene.account).get("/enterprises").status_code == 200


def test_what_stood_in_the_cookie_before_does_not_stand_in_it_after(app: Flask, scene: Scene) -> None:
    planted = app.test_client()
    planted_token = token(planted.get("/sign-in").text)
    before = cookie(planted)
    victim = with_cookie(app, before)
    form = {"csrf_token": planted_token, "phone": scene.phone, "password": builders.PASSWORD}
    assert victim.post("/sign-in", data=form).status_code == 302

    assert cookie(victim) != before
    assert not is_in(with_cookie(app, before))
    with planted.session_transaction() as was, victim.session_transaction() as now:
        assert was["csrf_token"] != now.get("csrf_token")
    assert victim.post("/language", data={"csrf_token": planted_token, "language": "en"}).status_code == 400


def test_no_two_sign_ins_share_a_token(app: Flask, scene: Scene) -> None:
    tokens = set()
    for _ in range(20):
        with sign_in(app, scene.account).session_transaction() as session:
            tokens.add(session["_user_id"])

    assert len(tokens) == 20
    assert all(len(held) >= 32 for held in tokens)


def test_a_cookie_from_between_the_two_steps_is_nobody_and_ends_with_the_password(scene: Scene) -> None:
    with_factor(scene)
    waiting = scene.app.test_client()
    assert (
        post(waiting, "/sign-in", phone=scene.phone, password=builders.PASSWORD).location == "/sign-in/code"
    )
    halfway = cookie(waiting)
    assert not is_in(with_cookie(scene.app, halfway))
    assert post(waiting, "/sign-in/code", code=scene.next_code()).status_code == 302
    assert is_in(waiting)
    assert not is_in(with_cookie(scene.app, halfway))

    reset_by_command(scene)

    late = with_cookie(scene.app, halfway)
    form = {"csrf_token": token(late.get("/sign-in").text), "code": scene.next_code()}
    assert late.post("/sign-in/code", data=form).location == "/sign-in"
    assert not is_in(late)


def test_a_disabled_account_does_not_come_in_by_the_second_step(scene: Scene) -> None:
    with_factor(scene)
    waiting = scene.app.test_client()
    post(waiting, "/sign-in", phone=scene.phone, password=builders.PASSWORD)
    disable(scene)

    post(waiting, "/sign-in/code", code=scene.next_code())

    assert not is_in(waiting)


def signed(key: str, values: dict[str, Any], salt: str = "cookie-session") -> str:
    """Return a session cookie as Flask signs it."""
    other = Flask("other")
    other.secret_key = key
    interface = sessions.SecureCookieSessionInterface()
    interface.salt = salt
    serializer = interface.get_signing_serializer(other)
    assert serializer
    value = serializer.dumps(values)
    return value if isinstance(value, str) else value.decode()


def test_a_cookie_signed_by_anybody_else_is_nobody(app: Flask, scene: Scene) -> None:
    held = cookie(scene.client)
    with scene.client.session_transaction() as session:
        values = dict(session)
    own_key = app.config["SECRET_KEY"]
    assert is_in(with_cookie(app, signed(own_key, values))), "the forger knows the format"
    payload, moment, signature = held.lstrip(".").split(".")
    plain = base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode())).decode().rstrip("=")

    for forged in (
        signed("another key, just as long as the true one", values),
        signed("", values) if own_key == "" else signed("x", values),
        signed(own_key, values, salt="another purpose"),
        f"{plain}.{moment}.{signature}",
        f".{packed}.{moment}.{signature}",
        f".{packed}.{moment}.",
        f".{packed}",
        plain,
        f"{payload}.{moment}.{signature}",
        held.swapcase(),
        held[:-3],
        held + "A",
        held.rpartition(".")[0],
        str(values["_user_id"]),
        str(scene.account_id),
    ):
        if forged == held:
            continue
        client = with_cookie(app, forged)
        assert not is_in(client), forged
        assert client.get("/sign-in").status_code == 200


def test_an_old_format_or_garbage_is_nobody_and_no_error(app: Flask, scene: Scene) -> None:
    key, account_id = app.config["SECRET_KEY"], scene.account_id
    in_its_place: list[Any] = [
        account_id,
        str(account_id),
        f"{account_id}:1",
        f"{account_id}.1",
        "",
        None,
        [],
    ]
    in_its_place += [{}, True, 1.5, "x" * 3000, "\x00", "é" * 50]
    old: list[dict[str, Any]] = [{"_user_id": value} for value in in_its_place]
    old += [{"user_id": account_id}, {"_id": "x"}, {"language": "xx"}, {"language": None}, {"day": 7}]
    garbage = [signed(key, values) for values in old]
    garbage += ". .. ... a.b.c %00 \"' e30.Zm9v.bar eyJfdXNlcl9pZCI6IjEifQ é中文 b;c,d".split(" ")
    garbage += ["", "=" * 50, "x" * 4000]

    for value in garbage:
        client = with_cookie(app, value)
        for path in ("/me", "/sign-in", "/", "/sign-in/code", "/static/css/app.css", "/nowhere"):
            with client.get(path) as answer:
                assert answer.status_code < 500, (value, path)
        assert not is_in(client), value
        assert client.post("/language", data={"language": "en", "csrf_token": "x"}).status_code == 400
