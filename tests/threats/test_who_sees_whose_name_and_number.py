"""Threat 4: somebody walks all the numbers and lists there are, and carries off names and phone numbers."""

from __future__ import annotations

import html
import io
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.audit.models import AuditEntry
from quizapp.extensions import db
from quizapp.people.models import Application
from quizapp.web.security import FILE_ENDPOINTS
from tests import builders, servers
from tests.pages import sign_in, token
from tests.threats.district import NAME, District, Town, make_district, make_grant, make_person
from tests.threats.visitors import Visitor

#: Further than any number of a row here goes.
MOST_NUMBERS = 9
#: Addresses of lists that show other rows than the plain address does.
ASKED = {
    "people.index": ["?show=no_password", "?show=not_needed"],
    "roster.index": ["?text=厂", "?sort=people"],
    "coverage.completion_list": ["?text=人名", "?status=complete"],
    "office.grants": [f"?kind={kind}" for kind in GrantKind],
    "office.audit": ["?who=1", "?action=account.sign_in"],
}
#: What only a form gets out: the files and what is searched for.
ANSWERS = {
    "/coverage/list/export": [{"format": "csv"}, {"format": "xlsx"}],
    "/audit/export": [{"format": "csv"}, {"format": "xlsx"}],
    "/grants/search": [{"text": "人名"}, {"text": "13900000001"}],
}
ADDRESS = re.compile(r'(?:href|action|formaction|src|data-[a-z]+)="([^"]*)"')


@dataclass
class Seen:
    """What somebody got to see."""

    names: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)


@pytest.fixture
def district(app: Flask) -> District:
    return make_district()


def everybody() -> tuple[set[str], set[str]]:
    """All names and numbers that are kept."""
    accounts = db.session.execute(db.select(Account.name, Account.phone)).all()
    rows = [*accounts, *db.session.execute(db.select(Application.name, Application.phone))]
    db.session.commit()
    return {row.name for row in rows}, {row.phone for row in rows}


def text_of(answer: Response) -> str:
    """Everything that can be read in an answer, workbooks cell by cell."""
    if "spreadsheetml" not in (answer.mimetype or ""):
        return html.unescape(answer.data.decode())
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)


def pages(app: Flask, district: District) -> Iterator[str]:
    """The address of every page, with every number up to the most and every token there is."""
    tokens = [town.link.token for town in district.towns.values()]
    for rule in app.url_map.iter_rules():
        if rule.endpoint in FILE_ENDPOINTS or "GET" not in (rule.methods or set()):
            continue
        choices = {"slug": [district.bank_slug], "token": tokens}
        names = sorted(rule.arguments)
        for values in itertools.product(*(choices.get(name, range(1, MOST_NUMBERS + 1)) for name in names)):
            built = rule.build(dict(zip(names, values, strict=True)))
            assert built
            path = str(built[1]).partition("?")[0]
            yield path
            for asked in ASKED.get(rule.endpoint, []):
                yield path + asked


def walk(app: Flask, district: District, account: Account | None) -> Seen:
    """Open everything that opens, get every file; return what was seen."""
    client = sign_in(app, account) if account else app.test_client()
    names, phones = everybody()
    seen = Seen()

    def look(answer: Response) -> None:
        assert answer.status_code < 500
        if answer.status_code >= 400:
            return
        text = text_of(answer)
        seen.names |= set(NAME.findall(text)) & names
        seen.phones |= {phone for phone in phones if phone in text}
        seen.addresses |= set(ADDRESS.findall(text))
        seen.addresses.add(answer.location or "")

    for address in pages(app, district):
        with client.get(address) as answer:
            look(answer)
    form = token(client.get("/me" if account else "/sign-in").text)
    for address, bodies in ANSWERS.items():
        for body in bodies:
            with client.post(address, data={**body, "csrf_token": form}) as answer:
                look(answer)
    assert not names_or_numbers_in(seen.addresses, names, phones)
    return seen


def names_or_numbers_in(addresses: set[str], names: set[str], phones: set[str]) -> set[str]:
    """The addresses that name somebody."""
    return {address for address in addresses if any(one in unquote(address) for one in names | phones)}


def of_the_roster(town: Town) -> set[str]:
    return town.names - {town.application.name}


def test_each_kind_of_visitor_sees_the_names_of_their_scope_and_no_number(
    app: Flask, district: District
) -> None:
    here, there, far = district.towns.values()
    part_administrator, part_auditor = make_person(), make_person()
    make_grant(part_administrator, GrantKind.DISTRICT_ADMINISTRATOR, here.path)
    make_grant(part_auditor, GrantKind.AUDITOR, here.path)
    db.session.commit()
    names, _ = everybody()
    applicants = {town.application.name for town in district.towns.values()}
    #: Who does staff work within the first town.
    workers = {account.name for account in (here.staff, part_administrator, part_auditor)}
    expected: dict[str, tuple[Account | None, set[str]]] = {
        "nobody": (None, set()),
        "learner": (here.learner, set()),
        "leaver": (here.leaver, set()),
        "editor": (district.editor, set()),
        "contact": (here.contact, here.names),
        "town": (here.staff, here.names),
        "unit": (here.unit_staff, of_the_roster(here)),
        "other town": (there.staff, there.names),
        "town of another district": (far.staff, far.names),
        "auditor of a town": (part_auditor, of_the_roster(here)),
        "administrator of a town": (part_administrator, here.names | workers),
        "auditor": (district.auditor, names - applicants),
        "administrator": (district.administrator, names),
    }

    found = {who: walk(app, district, account) for who, (account, _) in expected.items()}

    for who, (account, allowed) in expected.items():
        own = {account.name} if account else set()
        assert found[who].names - own <= allowed, who
        assert found[who].phones == set(), who
    # The walk is no blind one: who may see names has seen them.
    for who in ("contact", "town", "other town", "town of another district", "administrator of a town"):
        assert found[who].names >= expected[who][1], who
    assert found["administrator"].names >= here.names | there.names | far.names


def reveal(client: FlaskClient, post_id: int, purpose: str) -> TestResponse:
    form = {"csrf_token": token(client.get("/me").text), "purpose": purpose}
    return client.post(f"/posts/{post_id}/phone", data=form)


def reveals() -> list[AuditEntry]:
    db.session.rollback()
    wanted = db.select(AuditEntry).where(AuditEntry.action == "person.reveal_phone")
    return list(db.session.scalars(wanted.order_by(AuditEntry.sequence)))


def test_one_number_is_shown_for_a_purpose_and_one_entry_names_who_whom_and_why(
    app: Flask, district: District
) -> None:
    here = district.towns["here"]
    contact, person = here.contact.id, here.learner
    client = sign_in(app, here.contact)
    _, phones = everybody()

    answer = reveal(client, here.posts["learner"], "电话催办学习")

    assert {phone for phone in phones if phone in answer.text} == {person.phone}
    (entry,) = reveals()
    assert (entry.actor_id, entry.subject) == (contact, f"account:{person.id}")
    assert entry.detail["purpose"] == "电话催办学习"
    assert not any(phone in client.get(f"/enterprises/{here.enterprise.id}").text for phone in phones)


@pytest.mark.parametrize("purpose", ["", " ", "催", "长" * 61])
def test_without_a_purpose_no_number_is_shown(app: Flask, district: District, purpose: str) -> None:
    here = district.towns["here"]
    _, phones = everybody()

    answer = reveal(sign_in(app, here.contact), here.posts["learner"], purpose)

    assert answer.status_code == 422
    assert not any(phone in answer.text for phone in phones)
    assert reveals() == []


def test_the_number_of_who_has_left_or_is_elsewhere_is_not_shown(app: Flask, district: District) -> None:
    here, there, _ = district.towns.values()
    _, phones = everybody()
    posts = (here.posts["leaver"], there.posts["learner"], there.posts["leaver"])

    answers = [reveal(sign_in(app, here.contact), post_id, "电话催办学习") for post_id in posts]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert not any(phone in answer.text for phone in phones for answer in answers)
    assert reveals() == []


def test_no_form_puts_a_name_or_number_into_an_address(app: Flask, district: District) -> None:
    client = sign_in(app, district.administrator)
    client.get("/me")
    asked = 0

    for address in pages(app, district):
        with client.get(address) as answer:
            for form in re.findall(
                r'<form[^>]*method="get".*?</form>', answer.data.decode(errors="replace"), re.DOTALL
            ):
                asked += 1
                assert not re.search("姓名|手机", form.partition("hidden")[0]), (address, form)

    assert asked > 5


def test_what_is_sent_by_a_form_comes_back_in_no_address(app: Flask, district: District) -> None:
    here = district.towns["here"]
    person = {"name": here.learner.name, "phone": here.learner.phone}
    stranger = {"name": "人名9999号", "phone": "13900009999"}
    client, town = sign_in(app, district.administrator), sign_in(app, here.staff)
    unit = f"/enterprises/{here.enterprise.id}"
    sent = [
        (client, "/coverage/list", {"find": person["name"]}),
        (client, "/audit/filter", {"phone": person["phone"]}),
        (client, "/grants", {**stranger, "kind": "auditor", "region_path": "", "member_unit_id": "0"}),
        (client, "/grants/search", {"text": person["phone"]}),
        (town, f"{unit}/people", {**person, "role": "principal"}),
        (town, f"{unit}/contacts", person),
        (town, f"{unit}/applications", {"application": str(here.application.id), "act": "accept"}),
        (app.test_client(), "/sign-in", {"phone": person["phone"], "password": "wrong"}),
        (app.test_client(), "/sign-in", {"phone": person["phone"], "password": builders.PASSWORD}),
        (app.test_client(), f"/join/{here.link.token}",
         {**person, "role": "key_post", "password": "chongya-banzhang-77"}),
    ]  # fmt: skip
    names, phones = everybody()
    redirects = 0

    for who, address, form in sent:
        page = who.get(address if address.startswith(("/sign-in", "/join")) else "/me").text
        answer = who.post(address, data={**form, "csrf_token": token(page)})

        assert answer.status_code < 400 or form.get("password") == "wrong", (address, answer.text)
        redirects += bool(answer.location)
        after = who.get(answer.location).text if answer.location else answer.text
        addresses = {answer.location or "", *(html.unescape(one) for one in ADDRESS.findall(after))}
        assert not names_or_numbers_in(addresses, names | {stranger["name"]}, phones | {stranger["phone"]})

    assert redirects == 8


@contextmanager
def no_new_accounts() -> Iterator[None]:
    """Meanwhile the database refuses every new account, as nobody expects, and PostgreSQL quotes the row."""
    if db.engine.dialect.name == "postgresql":
        refuse = "ALTER TABLE accounts ADD CONSTRAINT nobody_new CHECK (id < 0) NOT VALID"
        undo = "ALTER TABLE accounts DROP CONSTRAINT nobody_new"
    else:
        refuse = (
            "CREATE TRIGGER nobody_new BEFORE INSERT ON accounts BEGIN SELECT RAISE(ABORT, 'nobody new'); END"
        )
        undo = "DROP TRIGGER nobody_new"
    for statement in (refuse, undo):
        db.session.execute(db.text(statement))
        db.session.commit()
        if statement == refuse:
            yield


def test_no_log_holds_a_name_or_a_number(real_time_app: Flask, tmp_path: Path) -> None:
    here = make_district().towns["here"]
    person = {"name": here.learner.name, "phone": here.learner.phone}
    stranger = {"name": "人名9999号", "phone": "13900009999", "role": "key_post"}
    names, phones = everybody()
    logs = {name: tmp_path / name for name in ("access", "error")}
    options = f"--capture-output --access-logfile {logs['access']} --error-logfile {logs['error']}"
    environment = servers.environment_of(real_time_app.config["SETTINGS"], GUNICORN_CMD_ARGS=options)
    unit = f"/enterprises/{here.enterprise.id}"

    with servers.gunicorn(environment) as site:
        visitors = [Visitor(site) for _ in range(3)]
        statuses = [
            visitors[0].sign_in(person["phone"], "wrong").status,
            visitors[0].sign_in(person["phone"]).status,
            visitors[1].sign_in(here.contact.phone).status,
            visitors[2].sign_in(here.staff.phone).status,
        ]
        for visitor, page, address, form in (
            (visitors[1], unit, f"/posts/{here.posts['learner']}/phone", {"purpose": "电话催办学习"}),
            (visitors[1], unit, f"{unit}/people", {**person, "role": "principal"}),
            (visitors[2], "/coverage/list", "/coverage/list", {"find": person["name"]}),
            (visitors[2], "/coverage/list", "/coverage/list/export",
             {"format": "csv", "full": "1", "purpose": "电话催办学习"}),
        ):  # fmt: skip
            sent = {**form, "csrf_token": token(visitor.get(page).text)}
            answer = visitor.post(address, sent)
            statuses.append(answer.status)
            if answer.status == 302:
                visitor.get(answer.header("location"))
        with no_new_accounts():
            sent = {**stranger, "csrf_token": token(visitors[1].get(unit).text)}
            statuses.append(visitors[1].post(f"{unit}/people", sent).status)

    assert statuses == [403, 302, 302, 302, 200, 302, 302, 200, 500]
    kept = {name: unquote(file.read_text()) for name, file in logs.items()}
    assert kept["access"].count("HTTP/1.1") > 15
    assert "INSERT INTO accounts" in kept["error"]
    for text in kept.values():
        assert not {one for one in names | phones | {*stranger.values()} - {"key_post"} if one in text}
