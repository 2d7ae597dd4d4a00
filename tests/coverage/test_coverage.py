"""The two coverages on a district made by hand: what counts, what keeps an enterprise uncovered, what a list holds."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.audit.models import AuditEntry
from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.coverage import queries, verification
from quizapp.coverage.rates import Gap, RoleCount, gaps
from quizapp.coverage.selection import Selection
from quizapp.directory.models import Declaration, Enterprise, MemberUnit, Region
from quizapp.directory.roles import REQUIRED_ROLES, JobRole, Scale
from quizapp.extensions import db
from quizapp.quiz.models import Attempt
from quizapp.web.display import percent
from quizapp.web.formulas import FORMULA_SIGNS
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

COUNTS = st.builds(RoleCount, st.integers(0, 5), st.integers(0, 5), st.none() | st.integers(0, 5)).filter(
    lambda count: count.completed <= count.enrolled
)


@given(st.sampled_from(Scale), st.dictionaries(st.sampled_from(JobRole), COUNTS))
def test_an_enterprise_is_covered_only_when_everybody_it_must_have_is_there_and_done(
    scale: Scale, roles: dict[JobRole, RoleCount]
) -> None:
    required = all(role in roles and roles[role].enrolled > 0 for role in REQUIRED_ROLES[scale])
    complete = all(count.completed == count.enrolled for count in roles.values())
    declared = all(count.enrolled >= (count.declared or 0) for count in roles.values())

    assert (not gaps(scale, roles)) == (required and complete and declared)


@pytest.mark.parametrize(
    ("done", "of", "shown"),
    [(0, 0, "—"), (0, 5, "0.0%"), (1, 3, "33.3%"), (2, 3, "66.7%"), (9999, 10000, "99.9%"), (7, 7, "100.0%")],
)
def test_a_share_is_never_shown_fuller_than_it_is(done: int, of: int, shown: str) -> None:
    assert percent(done, of) == shown


class District:
    """One campaign, two towns, and builders for what stands in them."""

    def __init__(self) -> None:
        self.campaign: Campaign = builders.make_campaign()
        self.tracks: dict[JobRole, Track] = {
            role: builders.make_track(self.campaign, role) for role in JobRole
        }
        builders.make_region("wujin")
        self.towns: list[Region] = [builders.make_region(f"wujin/{name}") for name in ("hutang", "lijia")]

    def enterprise(self, town: int, scale: Scale, **people: tuple[int, int]) -> Enterprise:
        """Make an enterprise; people by role as (enrolled, completed)."""
        unit = builders.make_enterprise(self.towns[town], scale)
        for role, (enrolled, completed) in people.items():
            for number in range(enrolled):
                row = builders.make_enrolment(builders.make_account(), self.tracks[JobRole(role)], unit)
                if number < completed:
                    self.complete(row)
        return unit

    @staticmethod
    def complete(row: Enrolment) -> None:
        moment = clock.now() - timedelta(hours=1)
        row.attempt_id = builders.make_passed_attempt(row, moment).id
        row.studied_at = row.passed_at = row.completed_at = moment
        db.session.flush()

    def selection(self, **parts: Any) -> Selection:
        named = {"campaign_id": self.campaign.id, "as_of": clock.now(), "scope": Scope(everything=True)}
        return Selection(**{**named, **parts})

    def overview(self, region: str = "", **parts: Any) -> queries.Overview:
        return queries.overview(self.selection(region=region, **parts))


@pytest.fixture
def district(app: Flask) -> District:
    return District()


def test_people_and_enterprises_are_counted_by_size(district: District) -> None:
    district.enterprise(0, Scale.ABOVE, key_post=(3, 2), safety_manager=(1, 1), principal=(1, 1))
    district.enterprise(0, Scale.ABOVE, key_post=(1, 1), safety_manager=(1, 1), principal=(1, 1))
    district.enterprise(1, Scale.ABOVE, key_post=(2, 2))
    district.enterprise(1, Scale.BELOW, principal=(1, 1))
    district.enterprise(1, Scale.BELOW)

    found = district.overview()

    above, below = found.above, found.below
    assert (above.people.completed, above.people.enrolled) == (9, 10)
    assert (below.people.completed, below.people.enrolled) == (1, 1)
    units = above.enterprises
    assert (units.total, units.covered, units.missing_role, units.unfinished) == (3, 1, 1, 1)
    units = below.enterprises
    assert (units.total, units.covered, units.missing_role) == (2, 1, 1)


def test_a_roster_that_leaves_people_out_does_not_look_full(district: District) -> None:
    unit = district.enterprise(0, Scale.BELOW, principal=(1, 1))
    db.session.add(
        Declaration(
            enterprise_id=unit.id,
            job_role=JobRole.PRINCIPAL,
            people=4,
            declared_at=clock.now() - timedelta(days=1),
        )
    )
    db.session.flush()

    below = district.overview().below

    assert (below.people.completed, below.people.enrolled, below.people.expected) == (1, 1, 4)
    assert (below.enterprises.covered, below.enterprises.under_declared) == (0, 1)


def test_a_region_counts_what_lies_below_it_and_nothing_else(district: District) -> None:
    district.enterprise(0, Scale.BELOW, principal=(2, 1))
    district.enterprise(1, Scale.BELOW, principal=(1, 1))

    assert district.overview("wujin").below.people.enrolled == 3
    assert district.overview("wujin/hutang").below.people.enrolled == 2
    narrow = district.overview(scope=Scope(paths=("wujin/lijia",)))
    assert narrow.below.people.enrolled == 1


def test_a_day_in_the_past_gives_the_same_answer_for_ever(
    district: District, moved_clock: MovableClock
) -> None:
    district.enterprise(0, Scale.BELOW, principal=(2, 1))
    evening = clock.now()
    moved_clock.forward(days=3)
    for row in db.session.scalars(db.select(Enrolment)):
        if row.completed_at is None:
            District.complete(row)
    withdrawn = db.session.scalars(db.select(Enrolment)).first()
    assert withdrawn
    withdrawn.withdrawn_at = clock.now() - timedelta(hours=2)
    db.session.flush()

    then, now = (district.overview(as_of=moment).below.people for moment in (evening, clock.now()))

    assert (then.completed, then.enrolled) == (1, 2)
    assert (now.completed, now.enrolled) == (1, 1)


def test_what_was_changed_by_hand_is_found_by_verifying(district: District) -> None:
    district.enterprise(0, Scale.BELOW, principal=(1, 1))
    db.session.commit()

    (attempt,) = db.session.scalars(db.select(Attempt))
    found = [str(message) for message in verification.differences(district.selection())]

    assert f"答卷 {attempt.id} 的得分与重新评分不一致。" in found


@pytest.fixture
def auditor(app: Flask, district: District) -> FlaskClient:
    account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    return sign_in(app, account)


def _unit_for(enterprise: Enterprise) -> int:
    """Make the member unit that is responsible for an enterprise."""
    unit = MemberUnit(name="甲主管部门")
    builders.added(unit)
    for table in ("enterprises", "placements", "enrolments"):
        key = "id" if table == "enterprises" else "enterprise_id"
        change = db.text(f"UPDATE {table} SET member_unit_id = :unit WHERE {key} = :id")
        db.session.execute(change, {"unit": unit.id, "id": enterprise.id})
    return unit.id


def export(client: FlaskClient, kind: str, query: str = "") -> bytes:
    page = client.get(f"/coverage/list?{query}").text
    form = {"csrf_token": token(page), "format": kind}
    return bytes(client.post(f"/coverage/list/export?{query}", data=form).data)


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_no_name_can_act_as_a_formula(district: District, auditor: FlaskClient, sign: str) -> None:
    unit = district.enterprise(0, Scale.BELOW)
    evil = f"{sign}cmd|' /C calc'!A0"
    builders.make_enrolment(builders.make_account(evil), district.tracks[JobRole.PRINCIPAL], unit)
    db.session.commit()

    table = list(csv.reader(io.StringIO(export(auditor, "csv").decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(export(auditor, "xlsx")))
    cell = book.active["F2"]

    assert table[1][5] == f"'{evil}"
    assert cell.data_type == "s"


def test_the_list_that_is_exported_is_the_list_that_is_shown(
    district: District, auditor: FlaskClient
) -> None:
    district.enterprise(0, Scale.BELOW, principal=(3, 2))
    district.enterprise(1, Scale.ABOVE, key_post=(4, 1))
    db.session.commit()

    done = export(auditor, "csv", "status=complete").decode()
    town = export(auditor, "csv", "region=wujin/hutang").decode()

    assert done.startswith("\ufeff")
    assert done.count("\n") - 1 == 3
    assert town.count("\n") - 1 == 3
    assert "共 7 条" in auditor.get("/coverage/list").text
    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "list.export")).all()
    assert [entry.detail["filter"] for entry in entries] == [
        {"status": "complete"},
        {"region": "wujin/hutang"},
    ]


def test_a_list_shows_nobodys_whole_number(district: District, auditor: FlaskClient) -> None:
    unit = district.enterprise(0, Scale.BELOW)
    account = builders.make_account()
    builders.make_enrolment(account, district.tracks[JobRole.PRINCIPAL], unit)
    db.session.commit()
    phone = account.phone

    everything = auditor.get("/coverage/list").text + export(auditor, "csv").decode()

    assert phone not in everything
    assert f"{phone[:3]}****{phone[-4:]}" in everything


def test_whole_numbers_leave_for_a_stated_purpose_on_record(
    app: Flask, district: District, auditor: FlaskClient
) -> None:
    unit = district.enterprise(0, Scale.BELOW, principal=(2, 0))
    watcher = builders.make_staff(GrantKind.MEMBER_UNIT_STAFF, member_unit_id=_unit_for(unit))
    phones = set(db.session.scalars(db.select(Account.phone).join(Enrolment)))
    db.session.commit()

    def whole(client: FlaskClient, purpose: str) -> tuple[int, str]:
        form = {"csrf_token": token(client.get("/coverage/list").text), "format": "csv", "full": "1"}
        answer = client.post("/coverage/list/export", data={**form, "purpose": purpose})
        return answer.status_code, answer.text

    assert [whole(auditor, purpose)[0] for purpose in ("", " 催 ", "长" * 61)] == [422, 422, 422]
    assert whole(sign_in(app, watcher), "电话催办学习")[0] == 403
    assert db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "list.export")).all() == []

    status, text = whole(auditor, "电话催办学习")

    assert status == 200
    assert all(phone in text for phone in phones)
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "list.export")).one()
    assert entry.detail["purpose"] == "电话催办学习"


def test_a_search_for_somebody_puts_no_name_into_the_address(
    district: District, auditor: FlaskClient
) -> None:
    unit = district.enterprise(0, Scale.BELOW)
    for name in ("诸葛亮亮", "司马光光"):
        builders.make_enrolment(builders.make_account(name), district.tracks[JobRole.PRINCIPAL], unit)
    db.session.commit()
    form = {"find": "诸葛", "scale": "below", "csrf_token": token(auditor.get("/coverage/list").text)}

    location = auditor.post("/coverage/list", data=form).location
    page = auditor.get(location).text

    assert "诸葛亮亮" in page
    assert "司马光光" not in page
    assert "诸葛" not in unquote(location)
    assert all("诸葛" not in unquote(address) for address in re.findall(r'(?:href|action)="([^"]+)"', page))
    assert "共 1 条" in page
    assert export(auditor, "csv", location.split("?")[1]).decode().count("诸葛亮亮") == 1


@pytest.mark.parametrize("sealed", ["x", "%20", "A" * 400, "诸葛", "AAAA"])
def test_a_sealed_text_that_is_not_ours_finds_everybody(
    district: District, auditor: FlaskClient, sealed: str
) -> None:
    district.enterprise(0, Scale.BELOW, principal=(2, 0))
    db.session.commit()

    assert "共 2 条" in auditor.get(f"/coverage/list?find={sealed}").text


@pytest.mark.parametrize(
    "query",
    [
        "as_of=2027-01-01",
        "as_of=yesterday",
        "region=nowhere",
        "status=x",
        "role=x",
        "scale=x",
        "page=x",
        "enterprise_id=x",
    ],
)
def test_a_filter_that_makes_no_sense_gets_a_sentence_or_is_left_out(
    district: District, auditor: FlaskClient, query: str
) -> None:
    assert auditor.get(f"/coverage/list?{query}").status_code in {200, 404, 422}
    assert auditor.get(f"/coverage?{query}").status_code in {200, 404, 422}


def test_gaps_are_named_on_the_list_of_enterprises(district: District, auditor: FlaskClient) -> None:
    lacking = district.enterprise(0, Scale.BELOW)
    district.enterprise(1, Scale.BELOW, principal=(1, 1))
    db.session.commit()

    page = auditor.get(f"/coverage/enterprises?gap={Gap.MISSING_ROLE}").text

    assert lacking.name in page
    assert page.count("缺岗") >= 2
    assert "第 1–1 条，共 1 条" in page
