"""A page elsewhere cannot act in somebody's name, and looking at a page changes nothing (threat 14)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from quizapp.accounts.models import Account, SignIn
from quizapp.accounts.passwords import hash_password
from quizapp.extensions import db
from quizapp.web.security import FILE_ENDPOINTS
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token
from tests.snapshots import rows_by_table
from tests.web import test_authorization as authorization

HOST = "localhost"
#: What the forms of the routes ask for, so that a request would do something if it came through.
FORM = {
    "language": "en", "current": builders.PASSWORD, "new": "chongya-banzhang-77", "code": "123456", "name": "新名称",
    "title": "班长", "job_role": "safety_manager", "role": "safety_manager", "kind": "auditor", "purpose": "核对名册", "act": "refuse",
    "application": "1", "format": "csv", "phone": "13900000001", "slug": "another-bank", "reason": "停产检修", "state": "suspended",
    "above": "wujin/hutang", "mark": "new", "text": "x",
}  # fmt: skip

world = authorization.world
World = authorization.World


@dataclass
class Act:
    """A request that changes something, by somebody who may."""

    rule: Rule
    path: str
    account: Account
    client: FlaskClient

    def send(
        self, form_token: str | None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> TestResponse:
        """Send it, with the token where scripts put it or where forms do."""
        body = authorization.BODIES.get(self.rule.endpoint)
        sent = dict(headers or {})
        if body is not None:
            if form_token is not None:
                sent["X-CSRFToken"] = form_token
            return self.client.post(self.path, json=body, headers=sent, **more)
        form = {**FORM, **({"csrf_token": form_token} if form_token is not None else {})}
        return self.client.post(self.path, data=form, headers=sent, **more)

    @property
    def own_token(self) -> str:
        """Return the token of the session that sends it."""
        return token(self.client.get("/me").text)


def acts(app: Flask, world: World) -> Iterator[Act]:
    """Yield every route that takes a POST, each by somebody whom the table of rights lets through."""
    clients: dict[str, FlaskClient] = {}
    # Learners first: what staff do afterwards may end their part in the campaign.
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    for rule in sorted(rules, key=lambda rule: not rule.endpoint.startswith(("quiz.", "study."))):
        who_may = authorization.EXPECTED.get(rule.endpoint, frozenset()) - {"nobody", "disabled"}
        if "POST" not in (rule.methods or ()) or not who_may:
            continue
        who = min(who_may, key=lambda name: (name != "learner", name))
        account = world.people[who]
        assert account
        if who not in clients:
            clients[who] = sign_in(app, account)
        yield Act(rule, authorization.address_of(rule, world.here), account, clients[who])


def test_every_route_that_changes_something_takes_post_and_nothing_else(app: Flask) -> None:
    methods = {
        method
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert methods == {"GET", "POST"}
    assert not app.extensions["csrf"]._exempt_views
    assert not app.extensions["csrf"]._exempt_blueprints


def test_no_request_without_the_sessions_own_token_is_carried_out(app: Flask, world: World) -> None:
    wanted, stranger = list(acts(app, world)), app.test_client()
    others = sign_in(app, world.people["other_learner"])  # type: ignore[arg-type]  # somebody
    foreign = [token(stranger.get("/sign-in").text), token(others.get("/me").text)]
    signed_by_another = URLSafeTimedSerializer("another key of the same length, or so", salt="wtf-csrf-token")
    before = rows_by_table()

    for act in wanted:
        own = act.own_token
        with act.client.session_transaction() as session:
            bare = session["csrf_token"]
        false = [None, "", "made up", bare, own.swapcase(), signed_by_another.dumps(bare), *foreign]
        answers = [act.send(value) for value in false]
        answers.append(act.send(None, query_string={"csrf_token": own}))
        answers.append(act.send(None, headers={"Cookie": f"csrf_token={own}"}))
        answers.append(act.client.post(act.path, data='{"a":1}', content_type="text/plain"))
        answers.append(act.client.post(act.path, data="<a/>", content_type="application/xml"))
        assert {answer.status_code for answer in answers} <= {400, 403}, act.path

    assert len(wanted) >= 40
    assert rows_by_table() == before


OTHER_SITES = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""} | {"Referer": "https://evil.example/page"},
    {"Origin": f"http://{HOST}.evil.example"},
    {"Origin": f"http://evil.example/{HOST}"},
    {"Origin": f"http://{HOST}@evil.example"},
    {"Origin": f"http://evil.example@{HOST}"},
    {"Origin": f"http://{HOST}:81"},
    {"Origin": "http://["},
    {"Origin": "file://"},
    {"Referer": "https://evil.example/"},
    {"Referer": f"https://evil.example/http://{HOST}/"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": f"http://{HOST}"},
    {"Sec-Fetch-Site": ""},
]  # fmt: skip


def test_no_request_from_another_site_is_carried_out_not_even_with_the_token(
    app: Flask, world: World
) -> None:
    wanted = list(acts(app, world))
    before = rows_by_table()

    for act in wanted:
        own = act.own_token
        for headers in OTHER_SITES:
            answer = act.send(own, headers)
            assert answer.status_code == 403, (act.path, headers)
            if act.rule.endpoint in authorization.BODIES:
                assert '"type":"CrossSite"' in answer.text
            else:
                assert "来自其他网站" in answer.text

    assert rows_by_table() == before


def test_the_same_requests_with_the_token_are_carried_out(app: Flask, world: World) -> None:
    """Without this the two tests above could pass on requests that do nothing anyway."""
    changing = set()
    for act in list(acts(app, world)):
        db.session.execute(db.update(Account).values(password_hash=hash_password(builders.PASSWORD)))
        db.session.commit()
        fresh = replace(act, client=sign_in(app, act.account))
        own, before = fresh.own_token, rows_by_table()
        fresh.send(own, {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"})
        if rows_by_table() != before:
            changing.add(act.rule.endpoint)

    assert len(changing) >= 20, changing
    assert {"study.beat", "accounts.change_password", "office.withdraw", "people.change_post"} <= changing


def test_own_pages_and_programs_that_are_no_browser_come_through(app: Flask) -> None:
    for headers in (
        {},
        {"Origin": f"http://{HOST}"},
        {"Referer": f"http://{HOST}/me?a=//evil.example"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ):
        client = app.test_client()
        form = {"csrf_token": token(client.get("/sign-in").text), "language": "en"}
        assert client.post("/language", data=form, headers=headers).status_code == 302, headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_at_every_page_changes_nothing(app: Flask, world: World, method: str) -> None:
    clients: dict[str, FlaskClient] = {
        name: sign_in(app, account) if account else app.test_client()
        for name, account in world.people.items()
        if name != "disabled"
    }
    before = rows_by_table()

    for rule in app.url_map.iter_rules():
        if rule.endpoint in FILE_ENDPOINTS:
            continue
        allowed = min(authorization.EXPECTED[rule.endpoint] - {"disabled"}, default="learner")
        for who in {allowed, "nobody", "learner", "administrator"}:
            with clients[who].open(
                authorization.address_of(rule, world.here), method=method, query_string=FORM
            ) as answer:
                assert answer.status_code < 500, (rule, who)

    assert rows_by_table() == before


def test_all_that_looking_leaves_behind_is_when_a_device_was_seen(
    app: Flask, world: World, moved_clock: MovableClock
) -> None:
    learner = world.people["learner"]
    assert learner
    client = sign_in(app, learner)
    but_seen = [column for column in SignIn.__table__.columns if column.key != "seen_at"]
    before, sign_ins = rows_by_table(), db.session.execute(db.select(*but_seen)).all()
    moved_clock.forward(days=2)

    assert client.get("/me").status_code == 200

    after = rows_by_table()
    assert {name for name in after if after[name] != before[name]} == {"sign_ins"}
    assert db.session.execute(db.select(*but_seen)).all() == sign_ins
