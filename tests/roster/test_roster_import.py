"""A roster comes in from files as clerks keep them: planned, whole or not at all, again changes nothing."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import COMMAND_LINE
from quizapp.campaigns.models import Enrolment
from quizapp.directory.models import Declaration, Enterprise, Placement, Post, Region
from quizapp.directory.roles import JobRole, Scale
from quizapp.directory.uscc import check_character
from quizapp.extensions import db
from quizapp.imports import pipeline
from quizapp.imports.pipeline import FileRefused
from quizapp.imports.plans import Fate, Plan
from quizapp.roster.importing import RosterImporter
from quizapp.roster.matching import Missing
from tests import builders
from tests.conftest import MovableClock

HEADINGS = (
    "企业名称",
    "统一社会信用代码",
    "所在镇街",
    "年主营业务收入（万元）",
    "姓名",
    "联系电话",
    "人员类别",
    "职务",
)
EVERYWHERE = Scope(everything=True)


def code(number: int) -> str:
    body = f"91320412TEX{number:06d}"
    return body + check_character(body)


def row(
    unit: int = 1, name: str = "周立安", phone: str = "13800000001", role: str = "关键岗位人员", **other: str
) -> list[str]:
    cells = {"企业名称": f"甲{unit}厂", "统一社会信用代码": code(unit), "所在镇街": "湖塘镇", "年主营业务收入（万元）": "3000",
             "姓名": name, "联系电话": phone, "人员类别": role, "职务": "班组长"}  # fmt: skip
    return list({**cells, **other}.values())


def file_of(*rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture(autouse=True)
def territory(app: Flask) -> None:
    campaign = builders.make_campaign()
    for role in JobRole:
        builders.make_track(campaign, role)
    for path, name in (("wujin/hutang", "湖塘镇"), ("wujin/lijia", "礼嘉镇")):
        region = builders.make_region(path)
        region.name = name
    db.session.commit()


def planned(*rows: Sequence[str], missing: Missing | None = Missing.KEEP, scope: Scope = EVERYWHERE, **options: Sequence[str]) -> Plan:  # fmt: skip
    return pipeline.plan_file(RosterImporter(scope, missing), file_of(*rows, **options), "名册.csv")


def applied(*rows: Sequence[str], missing: Missing | None = Missing.KEEP, **options: Sequence[str]) -> Plan:
    importer = RosterImporter(EVERYWHERE, missing)
    plan = pipeline.plan_file(importer, file_of(*rows, **options), "名册.csv", to_apply=True)
    pipeline.apply_plan(importer, COMMAND_LINE, plan, digest="0" * 64)
    db.session.commit()
    return plan


def fates(plan: Plan) -> dict[str, int]:
    counts = Counter(f"{row.content['what']} {row.fate}" for row in plan.rows)
    return dict(counts)


def held() -> set[tuple[str, str, JobRole]]:
    query = (
        db.select(Enterprise.name, Account.name, Post.job_role)
        .join(Post, Post.enterprise_id == Enterprise.id)
        .join(Account, Account.id == Post.account_id)
        .where(Post.ended_at.is_(None))
    )
    return {(unit, name, role) for unit, name, role in db.session.execute(query)}


def test_enterprises_and_people_come_in_from_one_sheet_and_are_enrolled() -> None:
    plan = applied(row(), row(name="许知远", phone="13800000002", role="安全管理人员"))

    assert fates(plan) == {"enterprise new": 1, "person new": 2}
    unit = db.session.scalars(db.select(Enterprise)).one()
    assert (unit.scale, unit.revenue_wan, unit.initials) == (Scale.ABOVE, Decimal(3000), "j1c")
    assert held() == {("甲1厂", "周立安", JobRole.KEY_POST), ("甲1厂", "许知远", JobRole.SAFETY_MANAGER)}
    assert db.session.scalar(db.select(db.func.count()).select_from(Enrolment)) == 2


def test_the_same_file_again_changes_nothing() -> None:
    rows = [row(), row(2, "沈宁", "13800000003", "主要负责人")]
    applied(*rows)

    again = planned(*rows)

    assert not again.changes_something
    assert fates(again) == {"person same": 2}


def test_one_person_may_hold_posts_in_three_enterprises() -> None:
    applied(*(row(unit, "沈宁", "13800000003", "实际控制人") for unit in (1, 2, 3)))

    assert len(held()) == 3
    assert db.session.scalar(db.select(db.func.count()).select_from(Account)) == 1


def test_a_new_region_moves_the_enterprise_and_its_enrolments(moved_clock: MovableClock) -> None:
    applied(row())
    moved_clock.forward(days=1)

    plan = applied(row(所在镇街="礼嘉镇"))

    assert fates(plan) == {"enterprise moved": 1, "person same": 1}
    names = db.session.scalars(
        db.select(Region.name).join(Enrolment, Enrolment.region_id == Region.id).order_by(Enrolment.id)
    )
    assert list(names) == ["湖塘镇", "礼嘉镇"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Placement)) == 2


def test_another_role_ends_one_post_and_begins_the_next() -> None:
    applied(row())

    plan = applied(row(人员类别="安全管理人员"))

    assert fates(plan) == {"person changed": 1}
    assert held() == {("甲1厂", "周立安", JobRole.SAFETY_MANAGER)}


def test_who_is_missing_is_asked_about_never_guessed() -> None:
    applied(row(), row(name="许知远", phone="13800000002"))

    undecided, kept = planned(row(), missing=None), planned(row(), missing=Missing.KEEP)
    ended = applied(row(), missing=Missing.END)

    assert not undecided.can_be_applied
    assert not kept.changes_something
    assert ended.count(Fate.LEFT) == 1
    assert held() == {("甲1厂", "周立安", JobRole.KEY_POST)}


def test_an_enterprise_that_the_file_does_not_list_loses_nobody() -> None:
    applied(row(), row(2, "沈宁", "13800000003"))

    assert not planned(row(), missing=Missing.END).changes_something


def test_who_left_one_and_turns_up_in_another_has_moved() -> None:
    applied(row(), row(name="许知远", phone="13800000002"), row(2, "沈宁", "13800000003"))

    plan = applied(
        row(name="许知远", phone="13800000002"), row(2, "沈宁", "13800000003"), row(2), missing=Missing.END
    )

    assert fates(plan) == {"person same": 2, "person moved": 1}
    assert ("甲2厂", "周立安", JobRole.KEY_POST) in held()
    assert ("甲1厂", "周立安", JobRole.KEY_POST) not in held()


def test_a_row_can_say_that_somebody_left() -> None:
    applied(row())

    plan = applied([*row(), "离职"], headings=(*HEADINGS, "状态"))

    assert plan.count(Fate.LEFT) == 1
    assert held() == set()


def test_declared_head_counts_come_in_beside() -> None:
    headings = ("单位名称", "信用代码", "属地", "年主营业务收入", "关键岗位人数")

    applied(("甲1厂", code(1), "湖塘", "3,000.5", "12人"), headings=headings)
    applied(("甲1厂", code(1), "湖塘", "3,000.5", "11"), headings=headings)

    rows = db.session.scalars(db.select(Declaration).order_by(Declaration.id)).all()
    assert [(one.people, one.superseded_at is None) for one in rows] == [(12, False), (11, True)]


def test_doubled_rows_are_left_out_by_name() -> None:
    plan = planned(row(), row())

    assert fates(plan) == {"enterprise new": 1, "person new": 1, "person duplicate": 1}


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        ({"统一社会信用代码": code(1)[:-1]}, "B", "18 位"),
        ({"统一社会信用代码": code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")}, "B", "校验码"),
        ({"统一社会信用代码": "9.13E+17"}, "B", "数字"),
        ({"所在镇街": "天上镇"}, "C", "没有这个属地"),
        ({"年主营业务收入（万元）": "很多"}, "D", "单位万元"),
        ({"年主营业务收入（万元）": ""}, "D", "年主营业务收入"),
        ({"姓名": ""}, "E", "姓名是空的"),
        ({"联系电话": "1380000000"}, "F", "11 位"),
        ({"联系电话": ""}, "F", "手机号是空的"),
        ({"人员类别": "门卫"}, "G", "岗位类别只能填"),
        ({"职务": "长" * 61}, "H", "文字过长"),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_nothing_comes_in(
    bad: dict[str, Any], column: str, reason: str
) -> None:
    plan = planned(row(2, "沈宁", "13800000003"), row(**bad))

    (problem,) = plan.refused
    assert (problem.row, problem.column) == (3, column)
    assert reason in str(problem.reason)
    with pytest.raises(pipeline.RowsRefused):
        pipeline.apply_plan(RosterImporter(EVERYWHERE, Missing.KEEP), COMMAND_LINE, plan, digest="0" * 64)
    assert held() == set()


def test_every_fault_of_a_row_is_named_at_once() -> None:
    plan = planned(row(统一社会信用代码="123", 联系电话="110", 人员类别="老板", 姓名=""))

    assert [problem.column for problem in plan.refused] == ["B", "E", "F", "G"]


def test_a_number_that_belongs_to_another_name_is_refused() -> None:
    applied(row())

    plan = planned(row(2, name="沈宁"))

    assert "另一个姓名" in str(plan.refused[0].reason)
    assert "周立安" not in str(plan.refused[0].reason)


def test_rows_of_one_enterprise_must_agree() -> None:
    plan = planned(row(), row(name="沈宁", phone="13800000003", 所在镇街="礼嘉镇"))

    assert "不一致" in str(plan.refused[0].reason)


@pytest.mark.parametrize(
    ("headings", "cell", "reason"),
    [
        ((*HEADINGS, "身份证号"), "320400199001011234", "不收集身份证号"),
        ((*HEADINGS[:3], "年主营业务收入（元）", *HEADINGS[4:], "备注"), "", "应为万元"),
        (("甲", "乙"), "", "没有找到表头"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(headings: Sequence[str], cell: str, reason: str) -> None:
    with pytest.raises(FileRefused, match=reason):
        planned([*row(), cell], headings=headings)


def test_a_clerk_of_one_town_changes_nothing_in_another() -> None:
    applied(row(), row(2, "沈宁", "13800000003", 所在镇街="礼嘉镇"))
    town = Scope(paths=("wujin/lijia",))

    others = planned(row(职务="车间主任"), scope=town)
    own = planned(row(2, "沈宁", "13800000003", 所在镇街="礼嘉镇", 职务="车间主任"), scope=town)
    away = planned(row(2, "沈宁", "13800000003", 所在镇街="湖塘镇"), scope=town)
    new = planned(row(3, "沈宁", "13800000003"), scope=town)

    assert [bool(plan.refused) for plan in (others, own, away, new)] == [True, False, True, True]
