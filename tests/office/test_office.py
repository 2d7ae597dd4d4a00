"""The district office's pages: who may do what, the territory, the log."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant, SignIn
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.audit.names import ACTION_NAMES
from quizapp.directory.models import Enterprise, MemberUnit, Region
from quizapp.extensions import db
from tests import builders
from tests.pages import sign_in, token
from tests.servers import ROOT


@pytest.fixture
def enterprise(app: Flask) -> Enterprise:
    builders.make_region("wujin")
    found = builders.make_enterprise(builders.make_region("wujin/hutang"))
    builders.added(MemberUnit(name="甲主管部门"))
    db.session.commit()
    return found


@pytest.fixture
def administrator(app: Flask, enterprise: Enterprise) -> FlaskClient:
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    return sign_in(app, account)


def _send(client: FlaskClient, page: str, path: str, **form: object) -> Any:
    return client.post(path, data={**form, "csrf_token": token(client.get(page).text)})


def _give(client: FlaskClient, **form: object) -> tuple[int, str]:
    blank = {"name": "陈督", "phone": "13900000001", "region_path": "", "member_unit_id": "0", "uscc": ""}
    answer = _send(client, "/grants", "/grants", **{**blank, **form})
    return answer.status_code, answer.text


def _held() -> list[tuple[str, str | None, int | None, int | None]]:
    rows = db.session.execute(
        db.select(Grant.kind, Grant.region_path, Grant.member_unit_id, Grant.enterprise_id)
        .join(Account, Account.id == Grant.account_id)
        .where(Account.phone == "13900000001", Grant.withdrawn_at.is_(None))
        .order_by(Grant.id)
    )
    return [(row[0].value, *row[1:]) for row in rows]


def test_an_administrator_gives_each_kind_of_work_in_its_place(
    administrator: FlaskClient, enterprise: Enterprise
) -> None:
    unit_id = db.session.scalars(db.select(MemberUnit.id)).one()

    assert _give(administrator, kind="auditor")[0] == 302
    assert _give(administrator, kind="town_staff", region_path="wujin/hutang")[0] == 302
    assert _give(administrator, kind="member_unit_staff", member_unit_id=str(unit_id))[0] == 302
    assert _give(administrator, kind="enterprise_contact", uscc=enterprise.uscc.lower())[0] == 302

    assert _held() == [
        ("auditor", None, None, None),
        ("town_staff", "wujin/hutang", None, None),
        ("member_unit_staff", None, unit_id, None),
        ("enterprise_contact", None, None, enterprise.id),
    ]


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"kind": "town_staff"}, "范围不合适"),
        ({"kind": "member_unit_staff"}, "范围不合适"),
        ({"kind": "enterprise_contact"}, "范围不合适"),
        ({"kind": "enterprise_contact", "uscc": "91320412DEM999999X"}, "没有这个信用代码的企业"),
        ({"kind": "auditor", "phone": "139"}, "11 位"),
        ({"kind": "auditor", "name": ""}, "请填写姓名"),
    ],
)
def test_a_grant_that_cannot_be_is_refused_by_name_and_leaves_nothing(
    administrator: FlaskClient, form: dict[str, str], reason: str
) -> None:
    status, page = _give(administrator, **form)

    assert status == 422
    assert reason in page
    assert _held() == []
    assert db.session.scalar(db.select(Account).where(Account.phone == "13900000001")) is None


def test_an_administrator_of_one_town_gives_nothing_beyond_it(app: Flask, enterprise: Enterprise) -> None:
    builders.make_region("wujin/lijia")
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR, "wujin/hutang")
    db.session.commit()
    client = sign_in(app, account)

    assert _give(client, kind="town_staff", region_path="wujin/hutang")[0] == 302
    for beyond in (
        {"kind": "town_staff", "region_path": "wujin/lijia"},
        {"kind": "district_administrator"},
        {"kind": "auditor"},
    ):
        assert _give(client, **beyond)[0] == 422
    assert _held() == [("town_staff", "wujin/hutang", None, None)]
    assert client.get("/territory").status_code == 403


def test_a_withdrawn_grant_ends_all_sign_ins_at_once(app: Flask, administrator: FlaskClient) -> None:
    auditor = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    theirs = sign_in(app, auditor)
    grant_id = db.session.scalars(db.select(Grant.id).where(Grant.account_id == auditor.id)).one()
    assert theirs.get("/audit").status_code == 200

    _send(administrator, "/grants", f"/grants/{grant_id}/withdraw")

    assert theirs.get("/audit").status_code == 302
    still = db.select(SignIn).where(SignIn.account_id == auditor.id, SignIn.ended_at.is_(None))
    assert db.session.scalar(still) is None


def test_nobody_withdraws_their_own_grant(app: Flask, enterprise: Enterprise) -> None:
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    grant_id = db.session.scalars(db.select(Grant.id).where(Grant.account_id == account.id)).one()
    db.session.commit()
    client = sign_in(app, account)

    answer = _send(client, "/grants", f"/grants/{grant_id}/withdraw")

    assert answer.status_code == 409
    assert client.get("/grants").status_code == 200


def test_a_code_for_staff_lets_them_set_a_new_password(app: Flask, administrator: FlaskClient) -> None:
    auditor = builders.make_staff(GrantKind.AUDITOR)
    grant_id = db.session.scalars(db.select(Grant.id).where(Grant.account_id == auditor.id)).one()
    db.session.commit()

    page = _send(administrator, "/grants", f"/grants/{grant_id}/code").text
    code = page.split('class="code mb-1">')[1].split("<")[0]
    client = app.test_client()
    sent = {"phone": auditor.phone, "code": code, "password": "kettle-drum-57-anchor"}
    answer = _send(client, "/activate", "/activate", **sent)

    assert answer.status_code == 302


def test_grants_are_found_by_name_and_phone_with_nothing_in_the_address(
    administrator: FlaskClient,
) -> None:
    _give(administrator, kind="auditor")
    _give(administrator, kind="content_editor", name="钱编", phone="13900000002")

    by_name = _send(administrator, "/grants", "/grants/search", text="钱").text
    by_phone = _send(administrator, "/grants", "/grants/search", text="13900000001").text

    assert "钱编" in by_name
    assert "陈督" not in by_name
    assert "陈督" in by_phone
    assert "钱编" not in by_phone


def _region_id(path: str) -> int:
    found: int = db.session.scalars(db.select(Region.id).where(Region.path == path)).one()
    return found


def test_regions_and_units_are_added_and_renamed_and_the_log_says_so(administrator: FlaskClient) -> None:
    unit_id = db.session.scalars(db.select(MemberUnit.id)).one()
    new = {"above": "wujin", "mark": "niutang", "name": "牛塘镇", "kind": "town"}

    _send(administrator, "/territory", "/territory/regions", **new)
    _send(administrator, "/territory", f"/territory/regions/{_region_id('wujin/niutang')}", name="牛塘")
    _send(administrator, "/territory", "/territory/units", name="乙主管部门")
    _send(administrator, "/territory", f"/territory/units/{unit_id}", name="甲部门")

    region = db.session.scalars(db.select(Region).where(Region.path == "wujin/niutang")).one()
    assert region.name == "牛塘"
    assert set(db.session.scalars(db.select(MemberUnit.name))) == {"甲部门", "乙主管部门"}
    acts = administrator.get("/audit").text
    for act in ("增加属地", "属地改名", "增加成员单位", "成员单位改名"):
        assert acts.count(act) == 2, act  # in the filter and in the list


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/territory/regions", {"above": "wujin", "mark": "hutang", "name": "再来", "kind": "town"}, 409),
        ("/territory/regions", {"above": "wujin", "mark": "Not OK", "name": "镇", "kind": "town"}, 422),
        ("/territory/regions", {"above": "nowhere", "mark": "a", "name": "镇", "kind": "town"}, 422),
        ("/territory/regions/999999", {"name": "镇"}, 404),
        ("/territory/regions/{region}", {"name": ""}, 422),
        ("/territory/regions/{region}", {"name": "长" * 61}, 422),
        ("/territory/units", {"name": "甲主管部门"}, 409),
        ("/territory/units", {"name": ""}, 422),
        ("/territory/units/999999", {"name": "丙"}, 404),
    ],
)
def test_a_territory_that_cannot_be_is_refused(
    administrator: FlaskClient, path: str, form: dict[str, str], status: int
) -> None:
    address = path.format(region=_region_id("wujin/hutang"))
    answer = _send(administrator, "/territory", address, **form)

    assert answer.status_code == status
    assert set(db.session.scalars(db.select(Region.path))) == {"wujin", "wujin/hutang"}
    assert list(db.session.scalars(db.select(MemberUnit.name))) == ["甲主管部门"]


def _entries(count: int, action: str, subject: str, actor: Actor) -> None:
    for _ in range(count):
        log.record(actor, action, subject)
    db.session.commit()


def test_the_log_is_narrowed_by_each_of_its_filters(app: Flask, administrator: FlaskClient) -> None:
    somebody = builders.make_account("吴一")
    _entries(1, "enterprise.change", "enterprise:77", Actor(somebody.id, "192.0.2.7"))
    _entries(1, "enterprise.declare", "enterprise:78", Actor(None, "192.0.2.8"))

    def rows(**asked: object) -> int:
        return administrator.get("/audit", query_string=asked).text.count('<th scope="row">')

    assert rows(action="enterprise.change") == 1
    assert rows(subject="enterprise:78") == 1
    assert rows(address="192.0.2.7") == 1
    assert rows(who=somebody.id) == 1
    assert rows(who=0) == 0
    assert rows(since="2026-09-19") == 0
    assert rows(until="2026-09-17") == 0
    assert rows(since="2026-09-18", until="2026-09-18") == rows() > 2
    assert rows(who="9" * 60, before="9" * 60, since="nonsense") == rows()


def test_a_phone_number_finds_who_acted_and_stands_in_no_address(administrator: FlaskClient) -> None:
    somebody = builders.make_account("吴一")
    _entries(1, "enterprise.change", "enterprise:77", Actor(somebody.id, ""))

    known = _send(administrator, "/audit", "/audit/filter", phone=somebody.phone)
    unknown = _send(administrator, "/audit", "/audit/filter", phone="13000000000")

    assert known.location == f"/audit?who={somebody.id}"
    assert "吴一" in administrator.get(f"/audit?who={somebody.id}").text
    assert "没有这个账号" in administrator.get(unknown.location).text


def test_older_entries_are_a_page_away_without_gap_or_repetition(administrator: FlaskClient) -> None:
    _entries(120, "enterprise.change", "enterprise:77", Actor(None, ""))
    seen: list[str] = []
    path = "/audit?subject=enterprise:77"

    while path:
        page = administrator.get(path).text
        seen += [part.split("<")[0] for part in page.split('<th scope="row">')[1:]]
        older = page.split('">更早')[0].rsplit('href="', 1)[1] if "更早" in page else ""
        path = older.replace("&amp;", "&")

    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, key=int, reverse=True)


def test_the_export_is_exactly_what_is_filtered_and_is_itself_recorded(administrator: FlaskClient) -> None:
    _entries(3, "enterprise.change", "enterprise:77", Actor(None, "192.0.2.7"))
    _entries(2, "enterprise.change", "enterprise:78", Actor(None, "192.0.2.7"))

    answer = _send(administrator, "/audit", "/audit/export?subject=enterprise:77", format="csv")
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))

    assert len(rows) == 1 + 3
    assert {row[4] for row in rows[1:]} == {"enterprise:77"}
    assert "导出日志" in administrator.get("/audit?action=audit.export").text


def test_an_auditor_of_one_town_does_not_see_the_whole_log(app: Flask, enterprise: Enterprise) -> None:
    account = builders.make_staff(GrantKind.AUDITOR, "wujin/hutang")
    db.session.commit()
    client = sign_in(app, account)

    assert client.get("/audit").status_code == 403
    assert "日志" not in client.get("/coverage").text


def test_every_act_that_is_recorded_has_a_name() -> None:
    import re

    recorded = set()
    for file in (ROOT / "quizapp").rglob("*.py"):
        recorded |= set(re.findall(r'log\.record\([^"]*"([a-z_]+\.[a-z_]+)"', file.read_text()))

    assert recorded <= set(ACTION_NAMES), recorded - set(ACTION_NAMES)
