"""Wherever a request may say where to go on to, the browser stays on this site (threat 12).

What a browser makes of an address is asked of urllib and of a real Chromium.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pyotp
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from config import ROOT
from quizapp import clock
from quizapp.accounts import second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from quizapp.web.redirects import own_path
from tests import builders
from tests.conftest import MovableClock
from tests.pages import token

BASE = "http://localhost/sign-in"
EVIL = "evil.example"
TARGETS = [
    "", " ", "/", "evil", EVIL, f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"/////{EVIL}/", f"/\\{EVIL}", f"\\/{EVIL}", f"\\\\{EVIL}",
    f"/\\/{EVIL}", f"\\{EVIL}", f"//\\{EVIL}", f"/\\\\{EVIL}", f"/\t/{EVIL}", f"/\n/{EVIL}", f"/\r/{EVIL}", f"/\r\n/{EVIL}",
    f"\t//{EVIL}", f"\n//{EVIL}", f" //{EVIL}", f"\x00//{EVIL}", f"\x0b//{EVIL}", f"\x1f//{EVIL}", f"/\x00/{EVIL}", f"/\x0b/{EVIL}",
    f"/ /{EVIL}", f"/\t\\{EVIL}", f"/%09/{EVIL}", f"/%0a/{EVIL}", f"/%0d/{EVIL}", f"%2f%2f{EVIL}", f"/%2f{EVIL}", f"/%2f%2f{EVIL}",
    f"/%5c{EVIL}", f"%5c%5c{EVIL}", f"/%252f{EVIL}", f"%09//{EVIL}", f"/%00/{EVIL}", f"//%0d%0a{EVIL}", f"//localhost@{EVIL}",
    f"//localhost:80@{EVIL}", f"http://localhost@{EVIL}/", f"http://localhost:80@{EVIL}/", f"@{EVIL}", f"/@{EVIL}", f"//@{EVIL}",
    f"http://localhost.{EVIL}/", f"http://{EVIL}/localhost", f"http://{EVIL}#localhost", f"http://{EVIL}?localhost",
    f"http://{EVIL}\\@localhost/", f"http:\\\\{EVIL}", f"http:/{EVIL}", f"http:///{EVIL}", f"http:{EVIL}", f"https:{EVIL}", f"https:/{EVIL}",
    f"https:\\/{EVIL}", f"HtTpS://{EVIL}", f"hTTp://{EVIL}", f"ht\ttps://{EVIL}", f"h\nttps://{EVIL}", f"  https://{EVIL}", f"ftp://{EVIL}",
    "//evil。example", "//evil．example", "//evil｡example", "//ｅｖｉｌ.example", f"／／{EVIL}", f"/／{EVIL}", f"∕∕{EVIL}", f"/∕{EVIL}",
    f"⁄⁄{EVIL}", f"/⧸{EVIL}", f"\u200b//{EVIL}", f"\ufeff//{EVIL}", f"\u00a0//{EVIL}", f"\u2028//{EVIL}", f"/\u2028/{EVIL}", f"/\u3000/{EVIL}",
    f"/\u00ad/{EVIL}", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)",
    f"javascript://{EVIL}/%0aalert(1)", "/javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "DATA:text/html;base64,PHA+",
    "vbscript:x", f"blob:http://{EVIL}/1", "file:///etc/passwd", "about:blank", f"view-source:http://{EVIL}", f";//{EVIL}", f"/;//{EVIL}",
    f"/.//{EVIL}", f".//{EVIL}", f"..//{EVIL}", f"/..//{EVIL}", f"/./\\{EVIL}", f"/x/..//{EVIL}", f"/x/../\\{EVIL}", f"/..;//{EVIL}",
    f"?next=//{EVIL}", f"/?next=//{EVIL}", f"#//{EVIL}", f"/#//{EVIL}", f"?//{EVIL}", f"*//{EVIL}", f"!//{EVIL}", f"://{EVIL}", f":{EVIL}",
    f"//[::1]/{EVIL}", f"//[{EVIL}", f"/[//{EVIL}", "//2130706433", "//0x7f.1", f"/\u202e//{EVIL}", f"/{'a' * 5000}//{EVIL}",
    f"//{'a' * 5000}.example", f"/{EVIL}", f"/\x7f/{EVIL}", f"/\x85/{EVIL}", "/\ud7ff/", f"/%e2%80%8b/{EVIL}", f"/%ff/{EVIL}",
]  # fmt: skip

#: A NUL is refused before anybody asks where to go.
FOLLOWED = [target for target in TARGETS if "\x00" not in target]


def is_own(location: str) -> bool:
    """Say whether urllib stays on the site with this header."""
    try:
        there = urlsplit(urljoin(BASE, location))
    except ValueError:
        return False
    return (there.scheme, there.netloc) == ("http", "localhost") and re.match(
        r"/(?![/\\])", location
    ) is not None


Go = Callable[[str], str]


def by_sign_in(app: Flask, account_id: int, _code: Callable[[], str]) -> Go:
    phone = db.session.get_one(Account, account_id).phone

    def go(target: str) -> str:
        client = app.test_client()
        page = client.get("/sign-in", query_string={"next": target}).text
        form = {"csrf_token": token(page), "phone": phone, "password": builders.PASSWORD}
        return client.post("/sign-in", query_string={"next": target}, data=form).location or ""

    return go


def by_second_step(app: Flask, account_id: int, code: Callable[[], str]) -> Go:
    phone = db.session.get_one(Account, account_id).phone

    def go(target: str) -> str:
        client = app.test_client()
        form = {
            "csrf_token": token(client.get("/sign-in").text),
            "phone": phone,
            "password": builders.PASSWORD,
        }
        first = client.post("/sign-in", query_string={"next": target}, data=form)
        assert first.location == "/sign-in/code"
        form = {"csrf_token": token(client.get("/sign-in/code").text), "code": code()}
        # A second word on where to go on to changes nothing either.
        return (
            client.post(
                "/sign-in/code", query_string={"next": target}, data={**form, "next": target}
            ).location
            or ""
        )

    return go


def by_language(app: Flask, _account_id: int, _code: Callable[[], str]) -> Go:
    client = app.test_client()
    form_token = token(client.get("/sign-in").text)

    def go(target: str) -> str:
        form = {"csrf_token": form_token, "language": "en", "next": target}
        return client.post("/language", data=form, query_string={"next": target}).location or ""

    return go


WAYS: dict[str, Callable[[Flask, int, Callable[[], str]], Go]] = {
    "signing in": by_sign_in, "the second step": by_second_step, "the language": by_language,
}  # fmt: skip


@pytest.fixture
def going(app: Flask, moved_clock: MovableClock) -> Iterator[Callable[[str], Go]]:
    plain, staff = (
        builders.make_account(),
        builders.make_staff(GrantKind.TOWN_STAFF, builders.make_region().path),
    )
    ids = {"the second step": staff.id}
    authenticator = pyotp.TOTP(second_factors.begin(staff.id, staff.phone).secret)
    second_factors.confirm(COMMAND_LINE, staff.id, staff.phone, authenticator.at(clock.now()))
    plain_id = plain.id
    db.session.commit()

    def code() -> str:
        moved_clock.forward(seconds=30)
        return str(authenticator.at(clock.now()))

    yield lambda way: WAYS[way](app, ids.get(way, plain_id), code)


def test_the_list_is_long_enough() -> None:
    assert len(set(TARGETS)) == len(TARGETS) >= 60


@pytest.mark.parametrize("way", WAYS)
def test_no_target_leads_to_another_site(going: Callable[[str], Go], way: str) -> None:
    go = going(way)

    for target in FOLLOWED:
        location = go(target)
        assert location, target
        assert is_own(location), (target, location)
        assert not re.search(r"[\x00-\x20\x7f\\]", location), (target, location)

    assert go("/me?a=1&b=%E4%B8%AD") == "/me?a=1&b=%E4%B8%AD", "a true target is still followed"


def test_a_target_with_a_nul_leads_nowhere(app: Flask) -> None:
    for target in set(TARGETS) - set(FOLLOWED):
        answer = app.test_client().get("/sign-in", query_string={"next": target})
        assert answer.status_code == 400, target
        assert not answer.location


def test_being_sent_to_the_sign_in_remembers_no_other_site(app: Flask) -> None:
    client = app.test_client()
    for path in (
        "/me",
        "/me?next=//evil.example",
        "/me?a=http://evil.example",
        "//evil.example/me",
        "/me/",
        "/%5cevil.example",
    ):
        answer = client.get(path)
        assert is_own(answer.location or "/"), path
    assert is_own(client.get("/me", headers={"Referer": "http://evil.example/"}).location)


def test_no_other_code_takes_a_target_from_the_request() -> None:
    """Every redirect goes to a route of ours, or through `own_path`; a new one has to be looked at here."""
    files = sorted((ROOT / "quizapp").rglob("*.py"))
    others = [
        (file.relative_to(ROOT).as_posix(), line)
        for file in files
        for line in re.findall(r"\bredirect\((?!url_for\().*", file.read_text())
    ]

    assert others == [
        ("quizapp/accounts/oidc.py", 'redirect(way["url"])'),  # to the provider that the operator set
        ("quizapp/accounts/oidc_views.py", 'redirect(ahead or url_for("home.index"))'),
        ("quizapp/accounts/policy.py", "redirect(page)"),
        ("quizapp/accounts/views.py", 'redirect(ahead or url_for("home.index"))'),
        ("quizapp/accounts/views.py", 'redirect(proved["next"] or url_for("home.index"))'),
        (
            "quizapp/accounts/views.py",
            'redirect(own_path(request.form.get("next", "")) or url_for("home.index"))',
        ),
        ("quizapp/home/views.py", "redirect(duty_page)"),
    ]


@given(st.text(max_size=30))
def test_own_path_is_never_another_site(target: str) -> None:
    path = own_path(f"/{target}")

    assert path is None or is_own(path)


def generated() -> list[str]:
    """Return what comes of a few signs in every order before a host, and of more in some."""
    signs = (
        "/",
        "\\",
        "\t",
        "\n",
        ".",
        ":",
        ";",
        "@",
        "%2f",
        "%5c",
        "?",
        "#",
        "http",
        " ",
        "\u3000",
        "／",
        "。",
        "[",
        "x",
    )
    short = ["".join(parts) for length in (1, 2, 3) for parts in itertools.product(signs, repeat=length)]
    chance = random.Random(12)
    long = ["".join(chance.choices(signs, k=chance.randrange(4, 9))) for _ in range(5000)]
    return [f"{start}{EVIL}" for start in short + long] + [f"/{start}{EVIL}" for start in long]


WHERE_TO = """([base, locations]) => locations.map(location => {
    try { return new URL(location, base).origin } catch (error) { return "no address" }
})"""


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_chromium_stays_on_this_site_too(browser: Browser, going: Callable[[str], Go]) -> None:
    locations = [go(target) for go in map(going, WAYS) for target in FOLLOWED]
    candidates = [*TARGETS, *generated()]
    passed = [path for path in map(own_path, candidates) if path is not None]
    page = browser.new_page()
    try:
        origins = page.evaluate(WHERE_TO, [BASE, locations])
        passed_origins = page.evaluate(WHERE_TO, [BASE, passed])
        control = page.evaluate(WHERE_TO, [BASE, candidates])
    finally:
        page.close()

    assert {*origins} == {"http://localhost"}
    assert {*passed_origins} <= {"http://localhost", "no address"}, [
        path for path, origin in zip(passed, passed_origins, strict=True) if origin != "http://localhost"
    ]
    assert len(passed) > 500, "own_path lets paths through"
    assert sum(origin not in {"http://localhost", "no address"} for origin in control) > 300, (
        "the strings bite"
    )
