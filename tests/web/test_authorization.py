"""Every route × every kind of account × inside and outside its scope, against one expected table.

A route that does not stand in the table fails the test.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from quizapp import clock
from quizapp.accounts import sign_ins
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.audit.actors import COMMAND_LINE
from quizapp.directory.models import Enterprise, MemberUnit, Post
from quizapp.extensions import db
from quizapp.files import store
from quizapp.imports.models import ImportRun, ImportState
from quizapp.people.models import JoinLink
from tests import builders
from tests.pages import sign_in, token

EVERYONE = frozenset(
    "nobody learner other_learner contact other_contact town other_town unit other_unit editor auditor administrator".split()
)
SIGNED_IN = EVERYONE - {"nobody"}
STAFF = SIGNED_IN - {"learner", "other_learner"}
#: Of those who keep or watch an area, the ones whose scope holds the enterprise.
HERE = frozenset("town unit auditor administrator".split())
WATCHERS = HERE | {"other_town", "other_unit"}
CLERKS = frozenset("town other_town administrator".split())
CONTACTS = frozenset("contact other_contact".split())
#: Those who keep the roster of the enterprise.
KEEPERS = frozenset("town administrator contact".split())
EDITORS = frozenset("editor administrator".split())

#: Who comes through with the addresses of the learner's own things, in the enterprise of the first town.
EXPECTED = {
    "accounts.activate": EVERYONE,
    "accounts.activation_form": EVERYONE,
    "accounts.choose_language": EVERYONE,
    "accounts.sign_in": EVERYONE,
    "accounts.sign_in_form": EVERYONE,
    "accounts.sign_out": SIGNED_IN,
    "accounts.second_step": EVERYONE,
    "accounts.second_step_form": EVERYONE,
    "accounts.security": SIGNED_IN,
    "accounts.change_password": SIGNED_IN,
    "accounts.end_sign_in": {"learner"},
    "accounts.end_everywhere": SIGNED_IN,
    "accounts.second_factor": STAFF,
    "accounts.begin_second_factor": STAFF,
    "accounts.confirm_second_factor": STAFF,
    "accounts.remove_second_factor": STAFF,
    "bank.again": EDITORS,
    "bank.apply": EDITORS,
    "bank.blank_template": EDITORS | {"auditor"},
    "bank.create": EDITORS,
    "bank.index": EDITORS | {"auditor"},
    "bank.preview": EDITORS,
    "bank.progress": EDITORS,
    "bank.questions": EDITORS | {"auditor"},
    "bank.refused": EDITORS,
    "bank.refused_list": EDITORS,
    "bank.upload": EDITORS,
    "bank.upload_form": EDITORS,
    "coverage.completion_list": WATCHERS,
    "coverage.enterprise": HERE,
    "coverage.enterprises": WATCHERS,
    "coverage.export": WATCHERS,
    "coverage.index": WATCHERS,
    "coverage.search_list": WATCHERS,
    "files.show": SIGNED_IN,
    "home.index": SIGNED_IN,
    "home.me": SIGNED_IN,
    "office.add_region": {"administrator"},
    "office.add_unit": {"administrator"},
    "office.audit": {"auditor", "administrator"},
    "office.export_audit": {"auditor", "administrator"},
    "office.filter_audit": {"auditor", "administrator"},
    "office.give": {"administrator"},
    "office.search_grants": {"administrator"},
    "office.grants": {"administrator"},
    "office.issue_code": {"administrator"},
    "office.rename_region": {"administrator"},
    "office.rename_unit": {"administrator"},
    "office.reset_second_factor": {"administrator"},
    "office.show_territory": {"administrator"},
    "office.withdraw": {"administrator"},
    "people.add_person": KEEPERS,
    "people.apply": EVERYONE,
    "people.appoint": {"town", "administrator"},
    "people.change_post": KEEPERS,
    "people.decide": KEEPERS,
    "people.dismiss": {"town", "administrator"},
    "people.form": EVERYONE,
    "people.index": HERE | {"contact"},
    "people.poster": KEEPERS,
    "people.print_slips": KEEPERS,
    "people.renew_link": KEEPERS,
    "people.reveal_phone": KEEPERS | {"auditor"},
    "people.unlock": KEEPERS,
    "people.waiting": KEEPERS,
    "privacy.copy": SIGNED_IN,
    "privacy.index": SIGNED_IN,
    "quiz.index": SIGNED_IN,
    "quiz.result": {"learner"},
    "quiz.rules": {"learner"},
    "quiz.save": {"learner"},
    "quiz.start": {"learner"},
    "quiz.submit": {"learner"},
    "quiz.take": {"learner"},
    "roster.again": {"town"},
    "roster.apply": {"town"},
    "roster.blank_template": CLERKS | CONTACTS,
    "roster.change": {"town", "administrator"},
    "roster.declare": KEEPERS,
    "roster.edit": {"town", "administrator"},
    "roster.index": WATCHERS | CONTACTS,
    "roster.new": CLERKS,
    "roster.preview": {"town"},
    "roster.progress": {"town"},
    "roster.refused": {"town"},
    "roster.register": CLERKS,
    "roster.set_state": {"town", "administrator"},
    "roster.upload": CLERKS | CONTACTS,
    "roster.upload_form": CLERKS | CONTACTS,
    "study.beat": {"learner"},
    "study.module": {"learner"},
}
#: What scripts send.
BODIES = {
    "quiz.save": {"place": 0, "sequence": 1, "choice": [0]},
    "study.beat": {"visible_ms": 1000, "at_end": False},
}
TOKEN = "a-link-on-a-poster"
FILES = {"static", "bootstrap.static"}


@dataclass
class World:
    """Two towns with an enterprise each, and everybody who could look."""

    people: dict[str, Account | None]
    values: dict[str, dict[str, object]]


def _run(kind: str, target: str, account: Account) -> int:
    run = ImportRun(
        kind=kind, target=target, filename="a.csv", digest="0" * 64, content="企业名称,姓名\n甲厂,乙\n".encode(),
        plan={"counts": dict.fromkeys(("new", "changed", "moved", "left", "same", "duplicate", "refused"), 0),
              "repaired": [], "digest": ""},
        state=ImportState.PLANNED, created_by=account.id, created_at=clock.now(),
    )  # fmt: skip
    builders.added(run)
    return run.id


def _staff(here: Enterprise, there: Enterprise, units: list[MemberUnit]) -> dict[str, Account | None]:
    return {
        "contact": builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=here.id),
        "other_contact": builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=there.id),
        "town": builders.make_staff(GrantKind.TOWN_STAFF, "wujin/hutang"),
        "other_town": builders.make_staff(GrantKind.TOWN_STAFF, "wujin/lijia"),
        "unit": builders.make_staff(GrantKind.MEMBER_UNIT_STAFF, member_unit_id=units[0].id),
        "other_unit": builders.make_staff(GrantKind.MEMBER_UNIT_STAFF, member_unit_id=units[1].id),
        "editor": builders.make_staff(GrantKind.CONTENT_EDITOR),
        "auditor": builders.make_staff(GrantKind.AUDITOR),
        "administrator": builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR),
    }


def _sign_in(account: Account) -> int:
    """One that outlasts the walk: it can be ended once."""
    return sign_ins.begin(account, address="127.0.0.1", device="").sign_in_id


def _added_contact(enterprise: Enterprise) -> Account:
    """Somebody besides those who walk, for the others to dismiss."""
    return builders.make_staff(GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise.id)


def _grant_of(account: Account) -> int:
    grant_id: int = db.session.scalars(db.select(Grant.id).where(Grant.account_id == account.id)).one()
    return grant_id


@pytest.fixture
def world(app: Flask) -> World:
    here = builders.make_enterprise(builders.make_region("wujin/hutang"))
    there = builders.make_enterprise(builders.make_region("wujin/lijia"))
    units = [MemberUnit(name="甲主管部门"), MemberUnit(name="乙主管部门")]
    for unit in units:
        builders.added(unit)
    for enterprise, unit in zip((here, there), units, strict=True):
        enterprise.member_unit_id = unit.id
        db.session.execute(db.text("UPDATE placements SET member_unit_id = :unit WHERE enterprise_id = :id"),
                           {"unit": unit.id, "id": enterprise.id})  # fmt: skip
    builders.added(JoinLink(enterprise_id=there.id, token=TOKEN, made_at=clock.now()))
    track = builders.make_track(builders.make_campaign())
    bank = builders.make_quiz(track)
    module = builders.make_module(track)
    learner, other = builders.make_account(), builders.make_account()
    enrolment = builders.make_enrolment(learner, track, here)
    enrolment.member_unit_id = units[0].id
    attempt = builders.make_passed_attempt(enrolment, clock.now())
    people: dict[str, Account | None] = {"nobody": None, "learner": learner, "other_learner": other}
    people |= _staff(here, there, units)
    town = people["town"]
    assert town
    post_id = db.session.scalars(db.select(Post.id).where(Post.account_id == learner.id)).one()
    common: dict[str, object] = {
        "track_id": track.id, "attempt_id": attempt.id, "module_id": module.id, "enterprise_id": here.id,
        "post_id": post_id, "slug": bank.slug, "sign_in_id": _sign_in(learner),
        "digest": store.keep(COMMAND_LINE, b"a file", "text/plain"), "region_id": here.region_id, "unit_id": units[0].id, "grant_id": _grant_of(_added_contact(here)), "token": TOKEN,
    }  # fmt: skip
    values = {
        "bank": {**common, "run_id": _run("bank", bank.slug, town)},
        "roster": {**common, "run_id": _run("roster", "keep", town)},
    }
    db.session.commit()
    return World(people, values)


def test_every_route_lets_through_just_whom_the_table_names(app: Flask, world: World) -> None:
    faults = []
    for who, account in world.people.items():
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                if rule.endpoint in FILES:
                    continue
                client = sign_in(app, account) if account else app.test_client()
                passed = _comes_through(client, rule, method, world, signed_in=account is not None)
                if passed is not (who in EXPECTED[rule.endpoint]):
                    faults.append(
                        f"{who} {method} {rule.endpoint}: {'came' if passed else 'did not come'} through"
                    )

    assert not faults, "\n".join(faults)


def _comes_through(client: FlaskClient, rule: Rule, method: str, world: World, *, signed_in: bool) -> bool:
    values = world.values["roster" if rule.endpoint.startswith("roster") else "bank"]
    built = rule.build({name: values[name] for name in rule.arguments})
    assert built
    path = str(built[1])
    if method == "GET":
        with client.get(path) as answer:
            status, location = answer.status_code, answer.location or ""
    else:
        form = token(client.get("/me" if signed_in else "/sign-in").text)
        body = BODIES.get(rule.endpoint)
        sent = {"json": body} if body else {"data": {"csrf_token": form}}
        with client.post(path, headers={"X-CSRFToken": form}, **sent) as answer:
            status, location = answer.status_code, answer.location or ""
    assert status < 500, (path, status)
    return status not in {403, 404} and not (location.startswith("/sign-in?") and not signed_in)
