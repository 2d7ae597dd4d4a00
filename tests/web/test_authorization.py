"""Threat 1: with the number of somebody else's thing in the address, it opens.

Every route × every kind of visitor × the things of two enterprises in two towns, against one expected table.
A route that does not stand in the table fails the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from quizapp import clock
from quizapp.accounts import grants, sign_ins
from quizapp.accounts import queries as account_queries
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.audit.actors import COMMAND_LINE
from quizapp.authoring.kinds import ReportKind, ReportState
from quizapp.authoring.models import QuestionReport
from quizapp.bank.models import Bank
from quizapp.campaigns.models import Track
from quizapp.directory.models import Enterprise, MemberUnit
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.files import store
from quizapp.imports.models import ImportRun, ImportState
from quizapp.people.models import JoinLink
from quizapp.quiz.models import Attempt
from quizapp.web.security import FILE_ENDPOINTS
from tests import builders
from tests.pages import sign_in, token

EVERYONE = frozenset(
    "nobody disabled learner colleague other_learner contact other_contact former_contact town other_town far_town"
    " unit other_unit editor auditor administrator".split()
)
SIGNED_IN = EVERYONE - {"nobody", "disabled"}
#: What is not there unless an identity provider is set; tests/accounts/test_oidc.py sets one.
OFF: frozenset[str] = frozenset()
STAFF = SIGNED_IN - {"learner", "colleague", "other_learner", "former_contact"}
#: Those who must learn the same as the learner: the way in is the same, the attempts are not.
ON_TRACK = frozenset({"learner", "colleague"})
#: Of those who keep or watch an area, the ones whose scope holds the enterprise.
HERE = frozenset("town unit auditor administrator".split())
WATCHERS = HERE | {"other_town", "far_town", "other_unit"}
CLERKS = frozenset("town other_town far_town administrator".split())
CONTACTS = frozenset("contact other_contact".split())
#: Those who keep the roster of the enterprise.
KEEPERS = frozenset("town administrator contact".split())
EDITORS = frozenset("editor administrator".split())

#: Who comes through with the numbers of the learner's own things, in the enterprise of the first town. With
#: those of the second town's, the two towns change places.
EXPECTED = {
    "analysis.count": EDITORS | {"auditor"},
    "analysis.export": EDITORS | {"auditor"},
    "analysis.index": EDITORS | {"auditor"},
    "analysis.progress": EDITORS | {"auditor"},
    "analysis.question": EDITORS | {"auditor"},
    "blueprints.change": EDITORS,
    "blueprints.edit": EDITORS,
    "blueprints.index": EDITORS | {"auditor"},
    "blueprints.sample": EDITORS | {"auditor"},
    "oidc.begin": OFF,
    "oidc.begin_linking": OFF,
    "oidc.come_back": OFF,
    "oidc.link": OFF,
    "oidc.link_form": OFF,
    "oidc.unlink": OFF,
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
    "authoring.answer": EDITORS,
    "authoring.create": EDITORS,
    "authoring.edit": EDITORS,
    "authoring.new": EDITORS,
    "authoring.own_reports": SIGNED_IN,
    "authoring.preview": EDITORS,
    "authoring.report": {"learner"},
    "authoring.report_list": EDITORS | {"auditor"},
    "authoring.save": EDITORS,
    "authoring.set_state": EDITORS,
    "authoring.show": EDITORS | {"auditor"},
    "authoring.tag_many": EDITORS,
    "bank.again": EDITORS,
    "bank.apply": EDITORS,
    "bank.blank_template": EDITORS | {"auditor"},
    "bank.choose": EDITORS,
    "bank.create": EDITORS,
    "bank.export": EDITORS | {"auditor"},
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
    "modules.create": EDITORS,
    "modules.edit": EDITORS,
    "modules.index": EDITORS | {"auditor"},
    "modules.new": EDITORS,
    "modules.preview": EDITORS,
    "modules.save": EDITORS,
    "modules.show": EDITORS | {"auditor"},
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
    "quiz.rules": ON_TRACK,
    "quiz.save": {"learner"},
    "quiz.start": ON_TRACK,
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
    "study.beat": ON_TRACK,
    "study.module": ON_TRACK,
}
#: Who stands where in the second town; a colleague of the first town's learner and a former contact have nobody there.
MIRRORED = {
    a: b
    for pair in (
        ("learner", "other_learner"),
        ("contact", "other_contact"),
        ("town", "other_town"),
        ("unit", "other_unit"),
    )
    for a, b in (pair, pair[::-1])
}
#: What scripts send.
BODIES = {
    "quiz.save": {"place": 0, "sequence": 1, "choice": [0]},
    "study.beat": {"visible_ms": 1000, "at_end": False},
}
#: What a form must say for its view to look any further.
FORMS = {"authoring.report": {"place": "0", "kind": "typo", "text": "错字"}}
SIGNS_OUT = {"accounts.sign_out", "accounts.end_everywhere"}
TOKEN = "a-link-on-a-poster"
Values = dict[str, object]


@dataclass
class World:
    """Two towns with an enterprise and a learner each, and everybody who could look."""

    people: dict[str, Account | None]
    #: The numbers of what is in the first town, and of the same things in the second.
    here: Values
    there: Values


def _run(kind: str, target: str, account: Account | None) -> int:
    assert account
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
        "former_contact": _former_contact(here),
        "town": builders.make_staff(GrantKind.TOWN_STAFF, "wujin/hutang"),
        "other_town": builders.make_staff(GrantKind.TOWN_STAFF, "wujin/lijia"),
        "far_town": builders.make_staff(GrantKind.TOWN_STAFF, "jingkai/hengshan"),
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


def _former_contact(enterprise: Enterprise) -> Account:
    account = _added_contact(enterprise)
    grants.withdraw(COMMAND_LINE, account_queries.get_grant(_grant_of(account)))
    return account


def _grant_of(account: Account) -> int:
    grant_id: int = db.session.scalars(db.select(Grant.id).where(Grant.account_id == account.id)).one()
    return grant_id


def _in_town(learner: Account, track: Track, enterprise: Enterprise) -> Values:
    """The numbers of what one learner, one enterprise and its town have."""
    enrolment = builders.make_enrolment(learner, track, enterprise)
    enrolment.member_unit_id = enterprise.member_unit_id
    attempt = builders.make_passed_attempt(enrolment, clock.now())
    return {
        "track_id": track.id, "attempt_id": attempt.id, "module_id": builders.make_module(track).id,
        "enterprise_id": enterprise.id, "post_id": enrolment.post_id, "sign_in_id": _sign_in(learner),
        "region_id": enterprise.region_id, "unit_id": enterprise.member_unit_id,
        "grant_id": _grant_of(_added_contact(enterprise)), "token": TOKEN,
        "digest": store.keep(COMMAND_LINE, f"a file of {enterprise.id}".encode(), "text/plain"),
    }  # fmt: skip


def _question_on_paper(bank: Bank, values: Values, reporter: Account) -> Values:
    """The numbers of a question that stands on the attempt's paper, and of a report about it."""
    revision = builders.make_question(bank)
    attempt = db.session.get_one(Attempt, values["attempt_id"])
    item = {"question_id": revision.question_id, "revision_id": revision.id}
    attempt.paper = [{**item, "type": "single", "order": [0, 1, 2, 3], "points": 5}]
    attempt.marks = [0]
    report = QuestionReport(
        **item,
        account_id=reporter.id,
        kind=ReportKind.TYPO,
        text="错字",
        reported_at=clock.now(),
        state=ReportState.OPEN,
    )
    builders.added(report)
    return {"question_id": revision.question_id, "report_id": report.id}


@pytest.fixture
def world(app: Flask) -> World:
    here = builders.make_enterprise(builders.make_region("wujin/hutang"))
    there = builders.make_enterprise(builders.make_region("wujin/lijia"))
    far = builders.make_enterprise(builders.make_region("jingkai/hengshan"))
    builders.added(JoinLink(enterprise_id=far.id, token=TOKEN, made_at=clock.now()))
    units = [MemberUnit(name="甲主管部门"), MemberUnit(name="乙主管部门")]
    for unit in units:
        builders.added(unit)
    for enterprise, unit in zip((here, there), units, strict=True):
        enterprise.member_unit_id = unit.id
        db.session.execute(db.text("UPDATE placements SET member_unit_id = :unit WHERE enterprise_id = :id"),
                           {"unit": unit.id, "id": enterprise.id})  # fmt: skip
    campaign = builders.make_campaign()
    track, other_track = (
        builders.make_track(campaign, role) for role in (JobRole.KEY_POST, JobRole.PRINCIPAL)
    )
    bank, other_bank = builders.make_quiz(track), builders.make_quiz(other_track)
    learner, colleague, other = builders.make_account(), builders.make_account(), builders.make_account()
    values, other_values = _in_town(learner, track, here), _in_town(other, other_track, there)
    values |= _question_on_paper(bank, values, colleague)
    other_values |= _question_on_paper(other_bank, other_values, colleague)
    builders.make_enrolment(colleague, track, here)
    people: dict[str, Account | None] = {
        "nobody": None, "disabled": builders.make_account(),
        "learner": learner, "colleague": colleague, "other_learner": other,
    }  # fmt: skip
    people |= _staff(here, there, units)
    values |= {"slug": bank.slug, "bank_run": _run("bank", bank.slug, people["town"]),
               "roster_run": _run("roster", "keep", people["town"])}  # fmt: skip
    other_values |= {"slug": other_bank.slug, "bank_run": _run("bank", other_bank.slug, people["other_town"]),
                     "roster_run": _run("roster", "keep", people["other_town"])}  # fmt: skip
    db.session.commit()
    return World(people, values, other_values)


def test_every_route_lets_through_just_whom_the_table_names(app: Flask, world: World) -> None:
    faults = _faults(app, world, world.here, EXPECTED)

    assert not faults, "\n".join(faults)


def test_with_the_numbers_of_the_other_town_the_two_towns_change_places(app: Flask, world: World) -> None:
    mirrored = {endpoint: {MIRRORED.get(who, who) for who in people} for endpoint, people in EXPECTED.items()}
    of_one_place = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.arguments - {"slug", "token", "filename", "digest"}
    }
    for endpoint in of_one_place - FILE_ENDPOINTS:
        mirrored[endpoint] -= {"colleague"}

    faults = _faults(app, world, world.there, mirrored, only=of_one_place)

    assert not faults, "\n".join(faults)


def _faults(
    app: Flask,
    world: World,
    values: Values,
    expected: Mapping[str, AbstractSet[str]],
    only: AbstractSet[str] | None = None,
) -> list[str]:
    """Every visitor opens every route; return who came through and should not have, or the other way."""
    faults = []
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    asked = [
        rule
        for rule in rules
        if rule.endpoint not in FILE_ENDPOINTS and (only is None or rule.endpoint in only)
    ]
    for who, account in world.people.items():
        client = _visitor(app, who, account)
        for rule in asked:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                passed = _comes_through(client, rule, method, values, who)
                if passed is not (who in expected[rule.endpoint]):
                    faults.append(
                        f"{who} {method} {rule.endpoint}: {'came' if passed else 'did not come'} through"
                    )
            if rule.endpoint in SIGNS_OUT:
                client = _visitor(app, who, account)
    return faults


def _visitor(app: Flask, who: str, account: Account | None) -> FlaskClient:
    if account is None:
        return app.test_client()
    if who == "disabled":
        _set_disabled(account, at=None)
    client = sign_in(app, account)
    if who == "disabled":  # only once signed in
        _set_disabled(account, at=clock.now())
    return client


def _set_disabled(account: Account, at: datetime | None) -> None:
    db.session.execute(db.update(Account).where(Account.id == account.id).values(disabled_at=at))
    db.session.commit()


def address_of(rule: Rule, values: Values) -> str:
    """A route's address with the numbers of one town."""
    run_id = values["roster_run" if rule.endpoint.startswith("roster") else "bank_run"]
    built = rule.build({**{name: values[name] for name in rule.arguments & values.keys()}, "run_id": run_id})
    assert built
    return str(built[1]).partition("?")[0]


def _comes_through(client: FlaskClient, rule: Rule, method: str, values: Values, who: str) -> bool:
    path, signed_in = address_of(rule, values), who in SIGNED_IN
    if method == "GET":
        with client.get(path) as answer:
            status, location = answer.status_code, answer.location or ""
    else:
        form = token(client.get("/me" if signed_in else "/sign-in").text)
        body = BODIES.get(rule.endpoint)
        fields = {**FORMS.get(rule.endpoint, {}), "csrf_token": form}
        sent = {"json": body} if body else {"data": fields}
        with client.post(path, headers={"X-CSRFToken": form}, **sent) as answer:
            status, location = answer.status_code, answer.location or ""
    assert status < 500, (path, status)
    return status not in {403, 404} and not (location.startswith("/sign-in?") and not signed_in)
