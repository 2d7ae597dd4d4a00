"""Threat 3: a form, a JSON body or an import file carries more fields than were asked for, and they are taken."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import activations, second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, SecondFactor
from quizapp.audit.actors import COMMAND_LINE
from quizapp.directory.uscc import check_character
from quizapp.extensions import db
from quizapp.imports.models import ImportRun
from quizapp.quiz.models import Attempt
from quizapp.study.editor_forms import moment_text
from quizapp.study.models import Module
from tests import builders
from tests.conftest import MovableClock
from tests.pages import token
from tests.threats.district import District, Town, make_district, make_grant, make_person

Snapshot = dict[str, dict[tuple[Any, ...], dict[str, Any]]]
LONG_AGO = datetime(1999, 9, 9, 9, 9, 9, tzinfo=UTC)
ODD = 424_242
NEW_PASSWORD = "chongya-banzhang-77"
#: Every change is on record.
LOG = {"audit_entries+", "audit_head.sequence", "audit_head.hash"}
ENTERED = {"sign_ins+"} | LOG
#: With all other devices signed out.
ENTERED_ANEW = {"sign_ins.ended_at"} | ENTERED
PLANNED = {"import_runs+", "import_rows+"} | LOG

#: What each route may change, in the order in which they are asked: `table+` a new row, `table-` one less,
#: `table.column` another value. Whoever may not do it changes nothing.
EXPECTED: dict[str, set[str]] = {
    "accounts.choose_language": set(),
    "accounts.sign_in": ENTERED,
    "accounts.activate": ENTERED
    | {"accounts.password_hash", "accounts.password_set_at", "activation_codes.ended_at", "activation_codes.used_at"},
    "accounts.end_sign_in": {"sign_ins.ended_at"} | LOG,
    "study.beat": {"progress+"},
    "quiz.start": {"attempts+"},
    "quiz.save": {"attempts.answers"},
    "quiz.submit": {f"attempts.{name}" for name in "closed_at closed_by points passed marks".split()},
    "authoring.report": {"question_reports+"} | LOG,
    "modules.create": {"modules+", "module_versions+"} | LOG,
    # The district's own module ends without a line end, and stands alone in its track.
    "modules.save": {"module_versions+", "modules.title", "modules.body", "modules.version", "track_modules.position"} | LOG,
    "modules.preview": set(),
    "privacy.copy": LOG,
    "people.apply": {"applications+", "failed_tries+"} | LOG,
    "people.add_person": {"accounts+", "posts+", "enrolments+"} | LOG,
    "people.change_post": {"posts.title"} | LOG,
    "people.print_slips": {"activation_codes+", "activation_codes.ended_at"} | LOG,
    "people.unlock": LOG,
    "people.reveal_phone": LOG,
    "people.appoint": {"accounts+", "grants+"} | LOG,
    "people.dismiss": {"grants.withdrawn_at"} | LOG,
    "people.decide": {"accounts+", "posts+", "enrolments+", "applications.state", "applications.decided_at",
                      "applications.decided_by", "applications.password_hash"} | LOG,
    "people.renew_link": {"join_links+", "join_links.ended_at"} | LOG,
    "coverage.search_list": set(),
    "coverage.export": LOG,
    "roster.register": {"enterprises+", "placements+"} | LOG,
    "roster.change": {"enterprises.name", "enterprises.initials", "enterprises.revenue_wan"} | LOG,
    "roster.declare": {"declarations+", "declarations.superseded_at"} | LOG,
    "roster.upload": PLANNED,
    "roster.again": set(),
    "roster.apply": {"import_runs.state", "import_runs.applied_at", "accounts+", "posts+", "enrolments+"} | LOG,
    "roster.set_state": set(),
    "bank.create": {"banks+"} | LOG,
    "bank.upload": PLANNED,
    "bank.choose": set(),
    "bank.export": LOG,
    "analysis.count": {"item_analyses+"},
    "analysis.export": LOG,
    "blueprints.change": set(),
    "bank.again": set(),
    "bank.apply": {"import_runs.state", "import_runs.applied_at", "questions+", "question_revisions+"} | LOG,
    "authoring.create": {"questions+", "question_revisions+"} | LOG,
    "authoring.preview": set(),
    "authoring.save": {"question_revisions+", "questions.revision", "questions.fingerprint"} | LOG,
    "authoring.tag_many": {"question_revisions+", "questions.revision"} | LOG,
    "authoring.set_state": {"questions.state"} | LOG,
    "authoring.answer": {f"question_reports.{name}" for name in "state answer answered_at answered_by".split()} | LOG,
    "office.give": {"accounts+", "grants+"} | LOG,
    "office.search_grants": set(),
    "office.issue_code": {"activation_codes+"} | LOG,
    "office.reset_second_factor": set(),
    "office.withdraw": {"grants.withdrawn_at"} | LOG,
    "office.add_region": {"regions+"} | LOG,
    "office.rename_region": {"regions.name"} | LOG,
    "office.add_unit": {"member_units+"} | LOG,
    "office.rename_unit": {"member_units.name"} | LOG,
    "office.filter_audit": set(),
    "office.export_audit": LOG,
    "accounts.begin_second_factor": {"second_factors+"},
    "accounts.confirm_second_factor": {"second_factors.confirmed_at", "second_factors.recovery",
                                       "second_factors.last_step"} | ENTERED_ANEW,
    "accounts.second_step": ENTERED | {"second_factors.last_step"},
    "accounts.remove_second_factor": {"second_factors-"} | ENTERED_ANEW,
    "oidc.link": set(),
    "oidc.unlink": set(),
    "accounts.sign_out": {"sign_ins.ended_at"} | LOG,
    "accounts.end_everywhere": {"sign_ins.ended_at"} | LOG,
    "accounts.change_password": ENTERED
    | {"accounts.password_hash", "accounts.password_set_at", "sign_ins.ended_at"},
}  # fmt: skip


@dataclass
class World:
    """What everybody tries to change, and who tries."""

    district: District
    visitors: dict[str, Account]
    extra: dict[str, Any]

    @property
    def here(self) -> Town:
        return self.district.towns["here"]

    @property
    def there(self) -> Town:
        return self.district.towns["there"]


def make_world() -> World:
    district = make_district()
    far = district.towns["far"]
    extra = {
        "id": ODD, "account_id": far.learner.id, "enterprise_id": far.enterprise.id, "post_id": far.posts["learner"],
        "region_id": far.enterprise.region_id, "member_unit_id": far.unit.id, "region_path": far.path,
        "role": "safety_manager", "job_role": "safety_manager", "kind": "district_administrator",
        "grants": "district_administrator", "is_admin": "true", "is_staff": "true", "phone": "13999999999",
        "password_hash": "$argon2id$odd", "disabled_at": LONG_AGO, "created_at": LONG_AGO, "created_by": far.learner.id,
        "points": ODD, "total_points": ODD, "score": ODD, "passed": True, "pass_mark": 1, "attempt_limit": ODD,
        "minutes": ODD, "seed": ODD, "deadline_at": LONG_AGO, "closed_by": "deadline", "credited_ms": ODD,
        "completed_at": LONG_AGO, "passed_at": LONG_AGO, "studied_at": LONG_AGO, "enrolled_at": LONG_AGO,
        "started_at": LONG_AGO, "ended_at": LONG_AGO, "granted_at": LONG_AGO, "withdrawn_at": LONG_AGO,
        "registered_at": LONG_AGO, "attempt_id": far.passed.id, "state": "closed", "scale": "below", "key": "[3]",
        "decided_by": far.learner.id, "issued_by": far.learner.id, "failures": ODD, "position": ODD, "revision": ODD,
    }  # fmt: skip
    visitors = {
        "learner": district.towns["here"].learner, "contact": district.towns["here"].contact,
        "town": district.towns["here"].staff, "administrator": district.administrator,
    }  # fmt: skip
    return World(district, visitors, extra)


def a_file(headings: str, *cells: object) -> tuple[io.BytesIO, str]:
    """An import file of one row that says more than it is asked."""
    more = {"角色": "区安委办管理员", "权限": "district_administrator", "得分": 100, "是否合格": "是",
            "account_id": 1, "is_admin": 1, "id": ODD, "password_hash": "$argon2id$odd", "completed_at": LONG_AGO}  # fmt: skip
    text = io.StringIO()
    csv.writer(text).writerows([[*headings.split(), *more], [*cells, *more.values()]])
    return io.BytesIO(text.getvalue().encode("utf-8-sig")), "a.csv"


def a_code(number: int) -> str:
    body = f"91320412XTR{number:06d}"
    return body + check_character(body)


def _number_of(phone: str, world: World) -> str:
    """The code that an authenticator shows now."""
    account = next(one for one in world.visitors.values() if one.phone == phone)
    factor = db.session.get(SecondFactor, account.id)
    if factor is None:
        return "000000"
    secret = second_factors._cipher().decrypt(factor.secret.encode()).decode()
    return pyotp.TOTP(secret).at(clock.now())


def _own_run(kind: str, account: Account) -> int:
    wanted = db.select(db.func.max(ImportRun.id)).where(
        ImportRun.kind == kind, ImportRun.created_by == account.id
    )
    return db.session.scalar(wanted) or 1


def _own_attempt(account: Account) -> int:
    wanted = db.select(Attempt.id).where(Attempt.account_id == account.id, Attempt.closed_at.is_(None))
    return db.session.scalar(wanted) or 1


def _spare_grant(world: World) -> int:
    """One that can be taken away."""
    return make_grant(make_person(), GrantKind.ENTERPRISE_CONTACT, enterprise_id=world.here.enterprise.id).id


def _spare_sign_in(account: Account) -> int:
    from quizapp.accounts import sign_ins

    return sign_ins.begin(account, address="127.0.0.1", device="").sign_in_id


Body = dict[str, Any]
Request = Callable[[World, Account, int], tuple[Body, Body]]


def plain(*names: str, **body: Any) -> Request:
    """A body that is the same for everybody; `names` are the places in the address."""
    return lambda world, _account, _number: ({name: places(world)[name] for name in names}, body)


def places(world: World) -> Body:
    """The numbers that stand in addresses."""
    return {
        "enterprise_id": world.here.enterprise.id, "post_id": world.here.posts["colleague"],
        "track_id": world.district.track.id, "module_id": world.district.module_id,
        "token": world.here.link.token, "slug": world.district.bank_slug,
    }  # fmt: skip


def a_stranger(number: int) -> Body:
    return {"name": f"生人{number}", "phone": f"1377000{number:04d}"}


def activation(world: World, _account: Account, _number: int) -> tuple[Body, Body]:
    person = make_person()
    code = activations.issue_code(COMMAND_LINE, person.id)
    return {}, {"phone": person.phone, "code": code, "password": NEW_PASSWORD}


def a_question(number: int) -> Body:
    return {"type": "single", "stem": f"第{number}问？", "option-0": "甲", "option-1": "乙", "option-2": "丙",
            "option-3": "丁", "key": "1", "explanation": "解析", "source": "", "tags": "", "difficulty": "easy"}  # fmt: skip


def a_module(number: int) -> Body:
    return {"kind": "article", "title": f"第{number}课", "summary": "摘要", "body": "正文", "minutes": "1",
            "sources": "", "published_at": ""}  # fmt: skip


def with_another_title(world: World, number: int) -> Body:
    """The form of a module as its page holds it, but for the title."""
    module = db.session.get_one(Module, world.district.module_id)
    track = world.district.track.id
    return {**a_module(number), "summary": module.summary, "body": module.body, "seen": module.version,
            "sources": "\n".join(module.sources), "published_at": moment_text(module.published_at),
            f"track-{track}": "1", f"place-{track}": ""}  # fmt: skip


def of_an_enterprise(name: str, uscc: str, region_id: int) -> Body:
    return {"name": name, "uscc": uscc, "region_id": region_id, "member_unit_id": 0, "trade": "",
            "revenue_wan": "3000", "by_hand": "", "scale_reason": ""}  # fmt: skip


#: A valid request for each route: what stands in the address, and the body.
REQUESTS: dict[str, Request] = {
    "accounts.choose_language": plain(language="en", next="/me"),
    "accounts.sign_in": lambda _w, account, _n: ({}, {"phone": account.phone, "password": builders.PASSWORD}),
    "accounts.activate": activation,
    "accounts.end_sign_in": lambda _w, account, _n: ({"sign_in_id": _spare_sign_in(account)}, {}),
    "study.beat": plain("module_id", visible_ms=1000, at_end=False),
    "quiz.start": plain("track_id"),
    "quiz.save": lambda _w, account, _n: (
        {"attempt_id": _own_attempt(account)}, {"place": 0, "sequence": 1, "choice": [0]}),
    "quiz.submit": lambda _w, account, _n: ({"attempt_id": _own_attempt(account)}, {}),
    "modules.create": lambda _w, _a, number: ({}, a_module(number)),
    "modules.save": lambda world, _a, number: (
        {"module_id": world.district.module_id}, with_another_title(world, number)),
    "modules.preview": lambda _w, _a, number: ({}, a_module(number)),
    "authoring.report": lambda world, _a, number: (
        {"attempt_id": world.here.passed.id}, {"place": 0, "kind": "typo", "text": f"错字{number}"}),
    "privacy.copy": plain(),
    "people.apply": lambda world, _a, number: (
        {"token": world.here.link.token}, {**a_stranger(number), "role": "key_post", "password": NEW_PASSWORD}),
    "people.add_person": lambda world, _a, number: (
        {"enterprise_id": world.here.enterprise.id}, {**a_stranger(number), "role": "key_post", "title": "班长"}),
    "people.change_post": lambda world, _a, number: (
        {"post_id": world.here.posts["colleague"]}, {"act": "change", "role": "key_post", "title": f"班长{number}"}),
    "people.print_slips": lambda world, _a, _n: (
        {"enterprise_id": world.here.enterprise.id}, {"post": str(world.here.posts["colleague"])}),
    "people.unlock": plain("post_id"),
    "people.reveal_phone": plain("post_id", purpose="电话催办学习"),
    "people.appoint": lambda world, _a, number: ({"enterprise_id": world.here.enterprise.id}, a_stranger(number)),
    "people.dismiss": lambda world, _a, _n: (
        {"enterprise_id": world.here.enterprise.id, "grant_id": _spare_grant(world)}, {}),
    "people.decide": lambda world, _a, _n: (
        {"enterprise_id": world.here.enterprise.id}, {"application": world.here.application.id, "act": "accept"}),
    "people.renew_link": plain("enterprise_id"),
    "coverage.search_list": plain(find="人名"),
    "coverage.export": plain(format="csv"),
    "roster.register": lambda world, _a, number: (
        {}, of_an_enterprise(f"新{number}厂", a_code(number), world.here.enterprise.region_id)),
    "roster.change": lambda world, _a, number: (
        {"enterprise_id": world.here.enterprise.id},
        of_an_enterprise(f"改{number}厂", world.here.enterprise.uscc, world.here.enterprise.region_id)
        | {"member_unit_id": world.here.unit.id}),
    "roster.declare": lambda world, _a, number: ({"enterprise_id": world.here.enterprise.id}, {"key_post": number}),
    "roster.upload": lambda world, _a, number: ({}, {"missing": "keep", "file": a_file(
        "企业名称 统一社会信用代码 姓名 手机号 岗位类别", "", world.here.enterprise.uscc, f"生人{number}",
        f"1377000{number:04d}", "关键岗位人员")}),
    "roster.again": lambda _w, account, _n: ({"run_id": _own_run("roster", account)}, {}),
    "roster.apply": lambda _w, account, _n: ({"run_id": _own_run("roster", account)}, {}),
    "roster.set_state": plain("enterprise_id", state="operating", reason=""),
    "bank.create": lambda _w, _a, number: ({}, {"name": f"题库{number}", "slug": f"new-{number}"}),
    "bank.upload": lambda world, _a, number: ({"slug": world.district.bank_slug}, {"file": a_file(
        "编号 题型 题干 选项A 选项B 答案 解析", f"N{number}", "单选题", f"新题{number}？", "甲", "乙", "A", "解析")}),
    "bank.choose": lambda _w, account, _n: (
        {"run_id": _own_run("bank", account)}, {"shown": "0", "skip": "0", "fate": "new"}),
    "analysis.count": lambda world, _a, _n: ({"slug": world.district.bank_slug}, {}),
    "analysis.export": lambda world, _a, _n: ({"slug": world.district.bank_slug}, {"format": "csv"}),
    "blueprints.change": lambda world, _a, _n: ({"track_id": world.district.track.id}, {"do": "check"}),
    "bank.export": lambda world, _a, _n: ({"slug": world.district.bank_slug}, {"format": "json"}),
    "bank.again": lambda _w, account, _n: ({"run_id": _own_run("bank", account)}, {}),
    "bank.apply": lambda _w, account, _n: ({"run_id": _own_run("bank", account)}, {}),
    "authoring.create": lambda world, _a, number: ({"slug": world.district.bank_slug}, a_question(number)),
    "authoring.preview": lambda _w, _a, number: ({}, a_question(number)),
    "authoring.save": lambda world, _a, number: (
        {"question_id": world.there.report.question_id}, {**a_question(number), "act": "save"}),
    "authoring.tag_many": lambda world, _a, number: (
        {"slug": world.district.bank_slug},
        {"question": world.there.report.question_id, "add": f"标签{number}", "remove": ""}),
    "authoring.set_state": lambda world, _a, _n: (
        {"question_id": world.district.towns["far"].report.question_id}, {"state": "retired"}),
    "authoring.answer": lambda world, _a, _n: ({"report_id": world.here.report.id}, {"answer": "已更正"}),
    "office.give": lambda _w, _a, number: (
        {}, {**a_stranger(number), "kind": "auditor", "region_path": "", "member_unit_id": 0, "uscc": ""}),
    "office.search_grants": plain(text="人名"),
    "office.issue_code": lambda world, _a, _n: ({"grant_id": _spare_grant(world)}, {}),
    "office.reset_second_factor": lambda world, _a, _n: ({"grant_id": _spare_grant(world)}, {}),
    "office.withdraw": lambda world, _a, _n: ({"grant_id": _spare_grant(world)}, {}),
    "office.add_region": lambda world, _a, number: (
        {}, {"above": world.here.path, "mark": f"new-{number}", "name": f"新{number}村", "kind": "street"}),
    "office.rename_region": lambda world, _a, number: (
        {"region_id": world.here.enterprise.region_id}, {"name": f"镇{number}改"}),
    "office.add_unit": lambda _w, _a, number: ({}, {"name": f"新单位{number}"}),
    "office.rename_unit": lambda world, _a, number: ({"unit_id": world.here.unit.id}, {"name": f"单位{number}改"}),
    "office.filter_audit": plain(phone="13900000001"),
    "office.export_audit": plain(format="csv"),
    "accounts.begin_second_factor": plain(),
    "accounts.confirm_second_factor": lambda world, account, _n: ({}, {"code": _number_of(account.phone, world)}),
    "accounts.second_step": lambda world, account, _n: ({}, {"code": _number_of(account.phone, world)}),
    "accounts.remove_second_factor": lambda world, account, _n: ({}, {"code": _number_of(account.phone, world)}),
    "oidc.link": plain(),
    "oidc.unlink": plain(),
    "accounts.sign_out": plain(),
    "accounts.end_everywhere": plain(),
    "accounts.change_password": plain(current=builders.PASSWORD, new=NEW_PASSWORD),
}  # fmt: skip
IN_JSON = {"study.beat", "quiz.save"}


def snapshot() -> Snapshot:
    """The whole database."""
    found: Snapshot = {}
    for table in db.metadata.sorted_tables:
        rows = db.session.execute(db.select(table)).mappings()
        keys = [column.name for column in table.primary_key]
        found[table.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    db.session.rollback()
    return found


def changed(before: Snapshot, after: Snapshot) -> dict[str, list[Any]]:
    """What changed, as the table of expectations names it, with the new values."""
    found: dict[str, list[Any]] = defaultdict(list)
    for table, rows in after.items():
        for key, row in rows.items():
            held = before[table].get(key)
            if held is None:
                found[f"{table}+"].append(row)
                continue
            for name, value in row.items():
                if value != held[name]:
                    found[f"{table}.{name}"].append({name: value})
        if before[table].keys() - rows.keys():
            found[f"{table}-"] = []
    return found


def taken(changes: dict[str, list[Any]], extra: Body) -> set[str]:
    """The columns into which a field went that nobody asked for."""
    odd = {name: _said(value) for name, value in extra.items()}
    return {
        f"{change} {name}"
        for change, rows in changes.items()
        if change.partition("_")[0] != "audit"
        for row in rows
        for name, value in row.items()
        if name in odd and _said(value) == odd[name]
    }


def _said(value: Any) -> str:
    """A value as a form would say it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value).lower()


def enter(app: Flask, world: World, account: Account, *, endpoint: str) -> FlaskClient:
    """Come as far as the route is for."""
    client = app.test_client()
    if endpoint in {"accounts.sign_in", "accounts.activate"}:
        return client
    phone = account.phone
    form = {"csrf_token": token(client.get("/sign-in").text), "phone": phone, "password": builders.PASSWORD}
    answer = client.post("/sign-in", data=form)
    if answer.location == "/sign-in/code" and endpoint != "accounts.second_step":
        page = client.get("/sign-in/code").text
        client.post("/sign-in/code", data={"csrf_token": token(page), "code": _number_of(phone, world)})
    return client


def send(client: FlaskClient, app: Flask, endpoint: str, values: Body, body: Body) -> Response:
    open_pages = (client.get(page) for page in ("/sign-in/code", "/me", "/sign-in"))
    form = token(next(page.text for page in open_pages if page.status_code == 200))
    rule = next(
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint == endpoint and "POST" in (rule.methods or ())
    )
    built = rule.build(values)
    assert built
    sent = {"json": body} if endpoint in IN_JSON else {"data": {"csrf_token": form, **body}}
    with client.post(built[1], headers={"X-CSRFToken": form}, **sent) as response:
        response.get_data()
        return response


def in_a_form(extra: Body) -> Body:
    return {name: _said(value) for name, value in extra.items()}


def test_every_post_route_stands_in_the_table(app: Flask) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())}

    assert routes == EXPECTED.keys() == REQUESTS.keys()


def test_no_field_that_was_not_asked_for_changes_anything(app: Flask, moved_clock: MovableClock) -> None:
    world = make_world()
    faults: list[str] = []
    met: dict[str, set[str]] = defaultdict(set)
    asked = product(EXPECTED.items(), world.visitors.items())
    for number, ((endpoint, expected), (who, account)) in enumerate(asked):
        moved_clock.forward(seconds=31)  # the next code of an authenticator
        db.session.refresh(account)
        client = enter(app, world, account, endpoint=endpoint)
        moved_clock.forward(seconds=31)
        values, body = REQUESTS[endpoint](world, account, number)
        db.session.commit()
        extra = {name: value for name, value in world.extra.items() if name not in body}

        before = snapshot()
        status = send(client, app, endpoint, values, {**in_a_form(extra), **body}).status_code
        changes = changed(before, snapshot())

        assert status < 500, (endpoint, who)
        met[endpoint] |= changes.keys()
        faults += [f"{who} {endpoint} {change}" for change in changes.keys() - expected]
        faults += [f"{who} {endpoint} takes {where}" for where in taken(changes, extra)]
    assert not faults, "\n".join(faults)
    assert met == EXPECTED  # each request was a valid one for somebody
