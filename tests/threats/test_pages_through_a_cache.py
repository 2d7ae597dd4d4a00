"""Threat 24: a cache in front of the application gives one person's page, cookie or form token to another."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from quizapp.accounts.models import Account
from quizapp.web import assets
from quizapp.web.security import FILE_ENDPOINTS
from tests import servers
from tests.conftest import MovableClock
from tests.pages import sign_in
from tests.threats.district import NAME, District, make_district
from tests.threats.visitors import Answer, Visitor

ROUNDS = 3
#: What a page says of its reader: their own name in the head, and the form token's part that is their session's.
TOKEN = re.compile(r'(?:name="csrf_token"[^>]*value|data-token)="([^".]+)\.')


@pytest.fixture
def cached_site(real_time_app: Flask, tmp_path: Path) -> Iterator[str]:
    """A gunicorn with built assets on the test's database, behind an nginx that keeps all it may."""
    if servers.nginx_program() is None:
        if os.environ.get("CI"):
            pytest.fail("nginx is not installed")
        pytest.skip("nginx is not installed")
    settings = real_time_app.config["SETTINGS"]
    assets.build(Path(str(real_time_app.static_folder)), tmp_path / assets.PREFIX)
    environment = servers.environment_of(settings, VAR_DIR=str(tmp_path))
    with servers.gunicorn(environment) as behind, servers.nginx(behind) as address:
        yield address


def addresses(app: Flask, district: District) -> list[str]:
    """Every page there is, with the numbers of both towns' things."""
    found = set()
    for town in (district.towns["here"], district.towns["there"]):
        values: dict[str, object] = {
            "track_id": district.track.id, "attempt_id": town.passed.id, "module_id": district.module_id,
            "enterprise_id": town.enterprise.id, "slug": district.bank_slug, "token": town.link.token, "run_id": 1,
            "question_id": town.report.question_id, "digest": "0" * 64,
        }  # fmt: skip
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or set()) and rule.endpoint not in FILE_ENDPOINTS:
                built = rule.build({name: values[name] for name in rule.arguments})
                assert built
                found.add(str(built[1]).partition("?")[0])
    return sorted(found)


def sessions_in(page: str) -> set[str]:
    """The sessions whose form tokens stand on a page."""
    return {base64.urlsafe_b64decode(part + "===").decode() for part in TOKEN.findall(page)}


class Reader:
    """Somebody who collects what is theirs alone."""

    def __init__(self, site: str, account: Account | None) -> None:
        self.visitor = Visitor(site)
        self.name = account.name if account else ""
        self.sessions: set[str] = set()
        self.cookies: set[str] = set()
        self.pages: list[str] = []
        if account:
            assert self.visitor.sign_in(account.phone).status == 302

    def read(self, address: str) -> Answer:
        answer = self.visitor.get(address)
        self.pages.append(answer.text)
        self.sessions |= sessions_in(answer.text)
        self.cookies |= {value for name, value in answer.headers if name == "set-cookie"}
        return answer


def test_nobody_is_served_what_was_made_for_another(real_time_app: Flask, cached_site: str) -> None:
    district = make_district()
    here, there = district.towns["here"], district.towns["there"]
    accounts = (here.staff, there.staff, here.learner, there.learner, district.administrator, None, None)
    readers = [Reader(cached_site, account) for account in accounts]

    for address in addresses(real_time_app, district):
        for _ in range(ROUNDS):
            for reader in readers:
                answer = reader.read(address)
                assert answer.header("cache-control") == "no-store", address
                assert answer.header("x-cache") == "MISS", address

    for place, reader in enumerate(readers):
        assert len(reader.sessions) == 1
        for other in readers[place + 1 :]:
            assert not reader.sessions & other.sessions
            assert not reader.cookies & other.cookies
    learners = readers[2:4]
    for reader in learners:
        assert {name for page in reader.pages for name in NAME.findall(page)} == {reader.name}
    for reader, other in (readers[:2], readers[1::-1]):
        assert not any(other.name in page for page in reader.pages)


def test_files_come_from_the_cache_and_belong_to_nobody(real_time_app: Flask, cached_site: str) -> None:
    district = make_district()
    readers = [Reader(cached_site, town.learner) for town in district.towns.values()]
    files = set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', readers[0].read("/me").text))
    assert len(files) >= 3

    for file in sorted(files):
        answers = [reader.read(file) for reader in readers]

        assert [answer.status for answer in answers] == [200] * 3
        assert [answer.header("x-cache") for answer in answers] == ["MISS", "HIT", "HIT"]
        for answer in answers:
            assert "max-age=" in answer.header("cache-control")
            assert not answer.header("set-cookie")
            assert "cookie" not in answer.header("vary").lower()


def test_files_that_flask_serves_itself_carry_no_session(app: Flask, moved_clock: MovableClock) -> None:
    client = sign_in(app, make_district().towns["here"].learner)
    moved_clock.forward(days=1)

    for file in ("/static/css/app.css", "/bootstrap/static/css/bootstrap.min.css"):
        with client.get(file) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.headers["ETag"]
            assert "Set-Cookie" not in answer.headers
            assert "cookie" not in answer.headers.get("Vary", "").lower()
    assert "Set-Cookie" in client.get("/me").headers


def test_what_fails_is_not_kept_either(app: Flask) -> None:
    client = sign_in(app, make_district().towns["here"].learner)

    answers = [
        client.get("/nowhere"), client.get("/static/nothing.css"), client.get("/enterprises/1"), client.put("/me"), client.post("/me/password"),
        client.get("/me", headers={"Host": "elsewhere.example"}), app.test_client().get("/me"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404, 404, 403, 405, 400, 400, 302]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
