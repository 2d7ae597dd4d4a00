"""Whatever a request says of its own host, every link that leaves the site leads back to it (threat 23).

Sent byte by byte to a real gunicorn, configured as in production: test clients and browsers tidy requests up.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask

from config import SettingError, Settings
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, SignIn
from quizapp.extensions import db
from tests import builders, servers
from tests.pages import sign_in, token
from tests.threats.served import Answer, environment_of, request_of, send

#: What nobody may set who is no trusted proxy.
CLAIMS = (
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Protocol: ssl",
    "X-Forwarded-Ssl: on",
    "X-Forwarded-Port: 4443",
    "X-Forwarded-Prefix: //evil.example",
    "X-Forwarded-For: 203.0.113.9",
    "X-Forwarded-Server: evil.example",
    "X-Forwarded: host=evil.example",
    "X-Real-IP: 203.0.113.9",
    "X-Host: evil.example",
    "X-Original-Host: evil.example",
    "X-Original-URL: /sign-in",
    "X-Rewrite-URL: /sign-in",
    "Forwarded: for=203.0.113.9;host=evil.example;proto=https",
    "X-Script-Name: //evil.example",
    "Script-Name: //evil.example",
    "SCRIPT_NAME: //evil.example",
    "PATH_INFO: //evil.example",
    "X_FORWARDED_HOST: evil.example",
    "X-HTTP-Method-Override: DELETE",
    "Front-End-Https: on",
)
FOREIGN = (
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example.localhost",
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.1:{port}@evil.example",
    "localhost:{port}@evil.example:80",
    "evil.example#127.0.0.1",
    "evil.example/127.0.0.1",
    "127.0.0.1/evil.example",
    "127.0.0.1?evil.example",
    "127.0.0.1\\evil.example",
    "127.0.0.1:{port}/evil.example",
    "127.0.0.1, evil.example",
    "127.0.0.1 evil.example",
    "127.0.0.1\tevil.example",
    "127.0.0.1%00evil.example",
    "127.0.0.1\x0bevil.example",
    "127.0.0.1:0",
    "127.0.0.1:99999",
    "127.0.0.1:evil",
    "127.0.0.1:-1",
    "127.0.0.1:81:81",
    "0.0.0.0",  # noqa: S104 - a name in a header
    "127.1",
    "2130706433",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "１２７.0.0.1",
    "127。0。0。1",
    "locałhost",
    "http://127.0.0.1",
    "*",
    ".localhost",
    "",
)


@dataclass(frozen=True)
class Site:
    """A gunicorn with an enterprise whose poster and slips hold links, and the cookie of who keeps it."""

    address: str
    cookie: str
    enterprise_id: int
    phone: str

    @property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def get(self, target: str, *headers: str, host: str | None = None, version: str = "1.1") -> Answer:
        """Ask for a page with a cookie; `host` in place of the true one."""
        named = self.host if host is None else host
        sent = (f"Host: {named}", f"Cookie: session={self.cookie}", *headers)
        return send(self.address, request_of(target, *sent, version=version))

    def poster(self, *headers: str, host: str | None = None) -> Answer:
        """Ask for the poster, whose QR code holds a link."""
        return self.get(f"/enterprises/{self.enterprise_id}/poster", *headers, host=host)

    def slips(self, *headers: str) -> Answer:
        """Print the slip of somebody without a password, which holds a link."""
        form = {"csrf_token": token(self.get("/me").body)}
        sent = (f"Host: {self.host}", f"Cookie: session={self.cookie}", *headers)
        target = f"/enterprises/{self.enterprise_id}/slips"
        return send(self.address, request_of(target, *sent, method="POST", body=urlencode(form)))

    def sign_in(self, *headers: str) -> str:
        """Sign in from nowhere, and return the address that was taken down."""
        page = send(self.address, request_of("/sign-in", f"Host: {self.host}"))
        cookie = page.headers["set-cookie"].split(";")[0]
        form = {"csrf_token": token(page.body), "phone": self.phone, "password": builders.PASSWORD}
        sent = (f"Host: {self.host}", f"Cookie: {cookie}", *headers)
        answer = send(self.address, request_of("/sign-in", *sent, method="POST", body=urlencode(form)))
        assert answer.status == 302, answer.body
        db.session.rollback()
        latest = db.select(SignIn.address).order_by(SignIn.id.desc()).limit(1)
        address: str = db.session.scalars(latest).one()
        db.session.rollback()
        return address


@pytest.fixture
def known(real_time_app: Flask) -> tuple[int, str, str]:
    enterprise = builders.make_enterprise(builders.make_region("wujin/hutang"))
    track = builders.make_track(builders.make_campaign())
    learner = builders.make_account(password_hash=None)
    builders.make_enrolment(learner, track, enterprise)
    clerk = builders.make_staff(GrantKind.TOWN_STAFF, "wujin/hutang")
    known = enterprise.id, clerk.id
    db.session.commit()
    client = sign_in(real_time_app, db.session.get_one(Account, known[1]))
    form = {"csrf_token": token(client.get("/me").text)}
    assert client.post(f"/enterprises/{known[0]}/join-link", data=form).status_code == 302
    cookie = client.get_cookie("session")
    assert cookie
    return known[0], cookie.value, db.session.get_one(Account, known[1]).phone


def served(app: Flask, known: tuple[int, str, str], proxies: int) -> Iterator[Site]:
    db.session.rollback()
    enterprise_id, cookie, phone = known
    with servers.gunicorn(environment_of(app, TRUSTED_PROXIES=str(proxies)), workers=1) as address:
        yield Site(address, cookie, enterprise_id, phone)


@pytest.fixture
def site(real_time_app: Flask, known: tuple[int, str, str]) -> Iterator[Site]:
    """As it is run without a proxy in front."""
    yield from served(real_time_app, known, 0)


@pytest.fixture
def behind_proxy(real_time_app: Flask, known: tuple[int, str, str]) -> Iterator[Site]:
    """As it is run with one proxy in front, which the test plays."""
    yield from served(real_time_app, known, 1)


def links(answer: Answer) -> set[str]:
    """Return scheme and host of every whole address on a page, but for the names of XML's own languages."""
    found = set(re.findall(r"(?:https?:)?//[^\s\"'<>，。/]*", answer.body))
    return found - {"http://www.w3.org"}


def alike(answer: Answer) -> tuple[int, str, dict[str, str]]:
    """Return what must not differ: all but tokens, which hold the time, and the code on a slip."""
    body = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", answer.body)
    body = re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{4}", "", body)
    headers = {name: value for name, value in answer.headers.items() if name not in {"date", "set-cookie"}}
    return answer.status, body, headers


def test_links_name_the_host_that_was_asked(site: Site) -> None:
    poster, slips = site.poster(), site.slips()

    assert (poster.status, slips.status) == (200, 200)
    assert links(poster) == links(slips) == {site.address}


def test_no_header_changes_host_scheme_path_or_address_without_a_proxy(site: Site) -> None:
    poster, slips = alike(site.poster()), alike(site.slips())
    assert "strict-transport-security" not in poster[2]

    for claim in CLAIMS:
        claimed = site.poster(claim)
        if claimed.status == 400 and "_" in claim.split(":")[0]:
            continue  # gunicorn refuses underscores, as good as leaving them out
        assert alike(claimed) == poster, claim
        assert alike(site.slips(claim)) == slips, claim
        assert "Secure" not in site.get("/sign-in", claim).headers.get("set-cookie", ""), claim
    assert site.sign_in(*(claim for claim in CLAIMS if "_" not in claim)) == "127.0.0.1"


def test_a_foreign_host_is_refused_and_never_repeated(site: Site) -> None:
    port = site.host.rpartition(":")[2]
    for pattern in FOREIGN:
        host = pattern.format(port=port)
        for target in (f"/enterprises/{site.enterprise_id}/poster", "/", "/nowhere", "/static/css/app.css"):
            answer = site.get(target, host=host)
            assert answer.status == 400, (host, target)
            assert "evil" not in answer.body + str(answer.headers), host


def test_requests_with_no_host_or_two_lead_nowhere_else(site: Site) -> None:
    target = f"/enterprises/{site.enterprise_id}/poster"
    cookie = f"Cookie: session={site.cookie}"
    for hosts in (
        (),
        ("Host: evil.example", f"Host: {site.host}"),
        (f"Host: {site.host}", "Host: evil.example"),
        (f"Host: {site.host}", "host: evil.example"),
        (f"Host: {site.host}\r\n evil.example",),
        (f"Host : evil.example\r\nHost: {site.host}",),
    ):
        for version in ("1.1", "1.0"):
            answer = send(site.address, request_of(target, *hosts, cookie, version=version))
            assert answer.status < 500, hosts
            assert "evil" not in answer.body + str(answer.headers), hosts
            assert answer.status == 400 or links(answer) <= {site.address}, hosts


def test_a_target_with_a_host_of_its_own_changes_nothing(site: Site) -> None:
    poster = f"/enterprises/{site.enterprise_id}/poster"
    for target in (
        f"http://evil.example{poster}",
        f"https://evil.example{poster}",
        f"http://127.0.0.1@evil.example{poster}",
        f"http://evil.example\\@127.0.0.1{poster}",
        f"//evil.example{poster}",
        "//evil.example/%2e%2e",
        "///evil.example",
        "/\\evil.example",
        "/%5cevil.example",
        "/%2f%2fevil.example/",
        "/.//evil.example",
        "/me/..//evil.example",
        "evil.example:80",
        "http://evil.example",
        "http:/evil.example",
        "*",
        "javascript:alert(1)",
        "/;//evil.example",
        "//evil.example/sign-in/",
        "/?next=//evil.example",
    ):
        answer = site.get(target)
        location = answer.headers.get("location", "")
        assert answer.status < 500, target
        assert not location or re.fullmatch(rf"({re.escape(site.address)})?/([^/\\].*)?", location), target
        assert not {link for link in links(answer) if "evil" in link}, target


def test_behind_a_proxy_its_own_word_counts_and_no_other(behind_proxy: Site) -> None:
    site = behind_proxy
    own = site.host

    secure = site.poster(f"X-Forwarded-Host: {own}", "X-Forwarded-Proto: https")
    assert links(secure) == {f"https://{own}"}
    assert "strict-transport-security" in secure.headers
    by_proxy = ("X-Forwarded-Host: localhost", "X-Forwarded-Proto: https", "Referer: https://localhost/me")
    assert links(site.slips(*by_proxy)) == {"https://localhost"}
    assert links(site.slips(*by_proxy, "Origin: https://localhost")) == {"https://localhost"}
    assert site.slips(*by_proxy, f"Origin: {site.address}").status == 403
    assert site.sign_in("X-Forwarded-For: 203.0.113.9, 198.51.100.7") == "198.51.100.7"
    assert site.sign_in("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.7") == "198.51.100.7"

    first_hops = ("X-Forwarded-Host: evil.example, " + own, "X-Forwarded-Proto: https, http")
    assert links(site.poster(*first_hops)) == {site.address}
    for claim in CLAIMS:
        if claim.startswith(("X-Forwarded-Host", "X-Forwarded-Proto:")):
            continue
        answer = site.poster(claim)
        assert answer.status == 400 or links(answer) == {site.address}, claim


def test_behind_a_proxy_a_foreign_host_is_refused_too(behind_proxy: Site) -> None:
    site = behind_proxy
    port = site.host.rpartition(":")[2]
    for pattern in FOREIGN:
        host = pattern.format(port=port)
        if host in {"", "127.0.0.1, evil.example"}:
            continue  # nothing said, and the proxy's own word is the last
        answer = site.poster(f"X-Forwarded-Host: {host}")
        assert answer.status == 400, host
        assert "evil" not in answer.body + str(answer.headers), host
    assert site.poster(f"X-Forwarded-Host: {site.host}, evil.example").status == 400
    assert site.poster("X-Forwarded-Host: " + site.host, host="evil.example").status == 200


def test_to_trust_no_host_is_no_way_to_trust_them_all() -> None:
    for nothing in ("", " ", ",", " , "):
        with pytest.raises(SettingError, match="TRUSTED_HOSTS must name"):
            Settings.from_environment({"SECRET_KEY": secrets.token_hex(32), "TRUSTED_HOSTS": nothing})
