"""A town's clerk brings in three hundred rows as clerks keep them, with a worker that does the reading."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from quizapp.accounts.models import Account
from quizapp.directory.uscc import check_character
from quizapp.extensions import db
from tests import builders, servers
from tests.browser.conftest import DESK, Visitor
from tests.browser.seeing import fits, passes_axe
from tests.browser.town import DONE, ENTERPRISE, NOT_STARTED, PEOPLE, Town, make_town, name_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

Row = list[str]
TITLES: list[Row] = [["湖塘镇工业企业应学人员名册"], ["填报单位：湖塘镇安监站", "", "", "2020年9月"], []]
HEADINGS = (
    "序号 单位名称 统一信用代码 所在镇街 主营业务收入（万元） 员工姓名 联系电话 人员类别 岗位名称".split()
)
UNITS, TEAM = 28, 10
#: Of the twenty whom the roster has, those whom the file has too.
LISTED = PEOPLE - NOT_STARTED
WORDS = ["主要负责人", "安全员"] + ["班组长"] * (TEAM - 2)
CODE, REGION = HEADINGS.index("统一信用代码"), HEADINGS.index("所在镇街")


@pytest.fixture
def town(app: Flask) -> Town:
    return make_town()


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Jobs wait in a queue of their own for a worker."""
    return {**environment, "JOBS_URL": f"sqlite:///{tmp_path / 'jobs.sqlite3'}"}


def code(number: int) -> str:
    body = f"91320412CLK{number:06d}"
    return body + check_character(body)


def unit(number: int, people: int = TEAM) -> Iterable[Row]:
    """Yield the rows of a new enterprise; only its first row says where it is."""
    for place in range(people):
        where = ["湖塘镇", "3,500"] if place == 0 else ["", ""]
        phone = f"138{number:04d}{place:04d}"
        yield [
            f"湖塘{number}号机械（集团） 厂",
            code(number),
            *where,
            f"工人{number}之{place}",
            phone,
            WORDS[place],
            "",
        ]


def listed() -> Iterable[Row]:
    """Yield the rows of those of the twenty who are still there."""
    names = [name_of(number) for number in range(NOT_STARTED, PEOPLE)]
    phones = {account.name: account.phone for account in db.session.scalars(db.select(Account))}
    db.session.rollback()
    for place, name in enumerate(names):
        yield [ENTERPRISE, "", "", "", name, phones[name], "安全员" if place == 0 else "关键岗位人员", ""]


def wrong() -> list[Row]:
    """Return rows with a wrong code (a sign changed, one lost, letters mixed up) and of another town."""
    rows = [next(iter(unit(number, 1))) for number in range(100, 105)]
    rows[0][1] = rows[0][1][:-1] + ("0" if rows[0][1][-1] != "0" else "1")
    rows[1][1] = rows[1][1][:-1]
    rows[2][1] = rows[2][1].replace("CLK", "CIO")
    rows[3][2] = rows[4][2] = "礼嘉镇"
    return rows


def three_hundred(*, with_wrong: bool) -> list[Row]:
    """Return the clerk's rows, numbered; three stand there twice."""
    good = [row for number in range(UNITS) for row in unit(number)]
    rows = [*listed(), *good[:50], *(wrong() if with_wrong else []), *good[50:], *good[20:23]]
    return [[str(number), *row] for number, row in enumerate(rows, start=1)]


def workbook(rows: list[Row], *, identity: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "应学人员"
    for row in [*TITLES, HEADINGS + ["身份证号码"] * identity, *rows]:
        sheet.append(row + ["320421197001010018"] * (identity and row in rows))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(desk: Page, content: bytes) -> None:
    desk.goto("/enterprises")
    desk.get_by_role("link", name="导入名册").click()
    passes_axe(desk)
    desk.get_by_label("名册文件").set_input_files(
        {"name": "湖塘镇名册（最终版）.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    desk.get_by_label("视为已离职").check()
    desk.get_by_role("button", name="上传并预览").click()
    desk.wait_for_url("**/roster/imports/*")


def counts(desk: Page) -> dict[str, str]:
    """Look at each tab; return how many rows stand under it."""
    found = {}
    for tab in desk.locator("nav.fates a").all_inner_texts():
        with desk.expect_navigation():
            desk.locator("nav.fates a").filter(has_text=re.sub(r"\d+", "", tab).strip()).click()
        expect(desk.locator("nav.fates a[aria-current]")).to_contain_text(re.sub(r"\d+", "", tab).strip())
        fits(desk)
        name, number = re.findall(r"\D+|\d+", tab.replace("\n", "").replace(" ", ""))
        found[name] = number
        expect(desk.locator(".pager").first).to_contain_text(f"共 {number} 条")
    return found


def refused_rows(desk: Page) -> list[Row]:
    """Download the refused rows; return them with their headings."""
    desk.locator("nav.fates a").filter(has_text="拒绝").click()
    with desk.expect_download() as waiting:
        desk.get_by_role("link", name="下载不合格的行").click()
    sheet = openpyxl.load_workbook(io.BytesIO(Path(waiting.value.path()).read_bytes())).active
    return [[value or "" for value in row] for row in sheet.iter_rows(values_only=True)]


def corrected(rows: list[Row]) -> list[Row]:
    """Return the clerk's rows with the right codes; what is another town's is not the clerk's to hand in."""
    right = {number: code(100 + place) for place, number in enumerate(row[0] for row in rows[:3])}
    return [[*row[:CODE], right[row[0]], *row[CODE + 1 :]] for row in rows if row[REGION] == "湖塘镇"]


def confirm(desk: Page) -> str:
    desk.get_by_role("button", name="确认导入").click()
    done = desk.locator(".notice.ok")
    expect(done).to_contain_text("导入完成", timeout=60_000)
    return done.inner_text()


def test_a_clerk_brings_in_three_hundred_rows(
    browser: Browser, site: str, environment: dict[str, str], town: Town
) -> None:
    clerk = Visitor(browser, site, **DESK)
    desk = clerk.sign_in(town.clerk, builders.PASSWORD)
    rows = three_hundred(with_wrong=True)
    assert len(rows) == 300

    upload(desk, workbook(rows, identity=True))
    expect(desk.locator("#job")).to_contain_text("排队等待")
    passes_axe(desk)
    address = desk.url
    desk = clerk.close_and_come_back()
    with servers.worker(environment):
        desk.goto(address)
        expect(desk.locator(".notice.bad")).to_contain_text("J 列是身份证号", timeout=60_000)

        upload(desk, workbook(rows))
        expect(desk.locator(".notice.bad")).to_contain_text("有 5 行不合格", timeout=60_000)
        assert counts(desk)["拒绝"] == "5"
        headings, *refused = refused_rows(desk)
        assert headings == [*HEADINGS, "错误原因"]
        assert [row[:-1] for row in refused] == [row for row in rows if row[0] in {r[0] for r in refused}]
        assert [re.findall("校验码|18 位|管理范围", row[-1]) for row in refused] == [
            ["校验码"], ["18 位"], ["校验码"], ["管理范围"], ["管理范围"],
        ]  # fmt: skip

        upload(desk, workbook(corrected(refused)))
        expect(desk.locator("form.notice")).to_contain_text("将新增 6 项", timeout=60_000)
        assert "新增 6 项" in confirm(desk)
        upload(desk, workbook(three_hundred(with_wrong=False)))
        expect(desk.locator("form.notice")).to_contain_text("离职 8 人", timeout=60_000)
        assert counts(desk) == {
            "拒绝": "0", "离职": str(NOT_STARTED), "迁移": "0", "修改": "0", "新增": str(UNITS * (TEAM + 1)),
            "重复": "3", "不变": str(LISTED),
        }  # fmt: skip
        confirm(desk)
    sees_them(desk)
    clerk.leave()


def sees_them(desk: Page) -> None:
    """The people are on their enterprise's page, and the coverage counts them."""
    desk.goto("/enterprises")
    desk.get_by_label("名称、拼音首字母或信用代码").fill(code(7))
    desk.get_by_role("button", name="筛选").click()
    desk.locator("tbody a").click()
    expect(desk.locator("h1")).to_have_text("湖塘7号机械（集团）厂")
    people = desk.locator("section").filter(has_text="在册人员").locator("tbody tr")
    expect(people).to_have_count(TEAM)
    expect(people.filter(has_text="工人7之1")).to_contain_text("安全管理人员")
    desk.goto("/coverage")
    expected = LISTED + UNITS * TEAM + 3
    expect(desk.locator(".panels.two .panel").first).to_contain_text(
        re.compile(rf"{DONE}\s*/\s*{expected}\s*人")
    )
