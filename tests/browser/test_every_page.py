"""Every page of accounts, people, roster, office and home, as people of all kinds see it, in both languages.

The pages look the same on either database, so they are looked at on one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import openpyxl
import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page

from quizapp.accounts.models import Account
from quizapp.directory.models import Post
from quizapp.directory.uscc import check_character
from quizapp.extensions import db
from quizapp.imports.models import ImportRun, ImportState
from tests import builders
from tests.browser import seeing
from tests.browser.conftest import DESK, Visitor
from tests.browser.town import ENTERPRISE, Town, make_town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("pages"),
    pytest.mark.parametrize("whole_app", ["sqlite"], indirect=True),
]
HEADINGS = "企业名称 统一社会信用代码 属地 规模 规模理由 姓名 手机号 岗位类别 职务".split()
FILE = "湖塘镇企业名册（安监站2020年9月汇总，含规上规下）最终版.xlsx"
#: Yields the name of each page as it comes to it.
Walk = Callable[["Walker"], Iterator[str]]


class Walker:
    """Somebody who goes through pages, by ids and addresses: the words are in either language."""

    def __init__(self, page: Page, town: Town, language: str) -> None:
        self.page, self.town, self._language = page, town, language
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget who was signed in; choose the language again."""
        self.page.context.clear_cookies()
        if self._language != "zh":
            self.follow(self.go("/sign-in").locator(f'button[value="{self._language}"]'))

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def follow(self, button: Locator) -> None:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            button.click()

    def send(self, action: str, which: int = 0) -> None:
        """Press the first button of a form."""
        self.follow(self.form(action, which).locator("button").first)

    def form(self, action: str, which: int = 0) -> Locator:
        return self.page.locator(f'main form[action$="{action}"]').nth(which)

    def open(self, row: int = 0) -> None:
        """Open what can be changed in a row of a table."""
        self.page.locator("td > details > summary").nth(row).click()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f'main [name="{name}"]').first.fill(value)

    def press(self) -> None:
        """Press the one primary button."""
        self.follow(self.page.locator("main button.btn-primary").first)

    def enter(self, phone: str) -> None:
        self.go("/sign-in")
        self.fill(phone=phone, password=builders.PASSWORD)
        self.press()


def strangers(walker: Walker) -> Iterator[str]:
    for path, name in (("/sign-in", "sign-in"), ("/activate", "activate")):
        walker.go(path)
        yield name
        walker.press()
        yield f"{name}-refused"
    walker.go("/nowhere")
    yield "not-found"


def learners(walker: Walker) -> Iterator[str]:
    for who in ("learner", "half_way", "done"):
        walker.enter(getattr(walker.town, who))
        walker.go("/")
        yield f"home-{who}"
        walker.begin_anew()
    walker.enter(walker.town.learner)
    walker.go("/me")
    yield "me"
    walker.go("/me/security")
    yield "security"
    walker.press()
    yield "security-refused"
    walker.go("/grants")
    yield "not-allowed"


def applicants_and_contact(walker: Walker) -> Iterator[str]:
    here = f"/enterprises/{walker.town.enterprise}"
    walker.enter(walker.town.contact)
    walker.go("/")
    yield "home-contact"
    walker.go("/me")
    yield "me-contact"
    walker.go(here)
    yield "people"
    walker.open()
    yield "people-change"
    walker.send("/people")
    yield "people-refused"
    walker.go(f"{here}?show=no_password")
    yield "people-no-password"
    walker.send("/slips")
    yield "slips"
    walker.go(f"{here}/poster")
    yield "poster-none"
    walker.press()
    link = re.search(r"http\S+/join/[\w-]+", walker.page.locator(".poster").inner_text())
    assert link
    yield "poster"
    walker.go(f"{here}/applications")
    yield "waiting-nobody"
    walker.go(link[0])
    yield "join"
    walker.press()
    yield "join-refused"
    apply(walker, link[0])
    yield "joined-waiting"
    walker.go(f"{here}/applications")
    yield "waiting"
    decide(walker, here, "refuse")
    yield "waiting-refused"
    walker.go(link[0])
    yield "joined-refused"
    apply(walker, link[0])
    decide(walker, here, "accept")
    yield "waiting-accepted"
    walker.go(link[0])
    yield "joined-accepted"


def apply(walker: Walker, link: str) -> None:
    walker.go(f"{link}?again=1")
    walker.fill(
        name="欧阳娜娜",
        phone="13900000001",
        title="冲压车间主任（兼设备动力科科长）",
        password="qing-wen-3-hao-men",
    )
    walker.page.locator("#role-0").check()
    walker.press()


def decide(walker: Walker, here: str, act: str) -> None:
    walker.go(f"{here}/applications")
    walker.page.locator("main [name=application]").first.check()
    walker.follow(walker.page.locator(f"main button[value={act}]"))


def clerks(walker: Walker) -> Iterator[str]:
    walker.enter(walker.town.clerk)
    walker.go("/enterprises")
    yield "roster"
    walker.go("/enterprises?text=没有的企业")
    yield "roster-nothing"
    walker.go("/enterprises/new")
    yield "enterprise-new"
    walker.press()
    yield "enterprise-refused"
    walker.go(f"/enterprises/{walker.town.empty}/edit")
    yield "enterprise-edit"
    walker.go(f"/enterprises/{walker.town.empty}")
    yield "people-nobody"
    walker.send("/contacts")
    yield "contact-refused"
    walker.go(f"/enterprises/{walker.town.enterprise}")
    walker.open(2)
    walker.page.locator("details[open] [name=purpose]").fill("电话催办学习")
    walker.send("/phone", 2)
    yield "people-revealed"
    walker.open(2)
    walker.page.locator("details[open] details summary").click()
    yield "people-leaving"
    walker.follow(walker.page.locator('details[open] button[value="end"]'))
    yield "people-left"
    yield from imports(walker)


def imports(walker: Walker) -> Iterator[str]:
    walker.go("/roster/import")
    yield "upload"
    walker.press()
    yield "upload-refused"
    upload(walker, ["湖塘镇", "没有的镇"])
    yield "preview-refused"
    upload(walker, ["湖塘镇", "湖塘镇"])
    for fate in ("left", "moved", "changed", "new", "duplicate", "same"):
        walker.go(f"{walker.page.url.split('?')[0]}?fate={fate}")
        yield f"preview-{fate}"
    walker.press()
    yield "preview-applied"
    upload(walker, ["湖塘镇"], heading="身份证号")
    yield "preview-unreadable"
    read_on()
    walker.page.reload()
    yield "preview-planning"


def upload(walker: Walker, regions: list[str], heading: str = "备注") -> None:
    """A file of two of the twenty, and of a new enterprise in each of the regions with somebody twice."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["湖塘镇企业名册（2020年9月）"])
    sheet.append([*HEADINGS, heading])
    for name, phone in held():
        sheet.append([ENTERPRISE, "", "", "", "", name, phone, "关键岗位人员", "班组长"])
    for number, region in enumerate(regions):
        unit = [f"新来的{number}厂", code(number), region, "规下", "新办企业"]
        for _ in range(2):
            sheet.append([*unit, "司马相如", f"1390000111{number}", "主要负责人", ""])
    file = io.BytesIO()
    book.save(file)
    walker.go("/roster/import")
    walker.page.locator("#file").set_input_files(
        {"name": FILE, "mimeType": "application/octet-stream", "buffer": file.getvalue()}
    )
    walker.page.locator("#missing-end").check()
    walker.press()


def held() -> list[tuple[str, str]]:
    """Return name and number of two of the twenty."""
    people = db.select(Account.name, Account.phone).join(Post, Post.account_id == Account.id)
    found = [(name, phone) for name, phone in db.session.execute(people.order_by(Post.id).offset(2).limit(2))]
    db.session.rollback()
    return found


def code(number: int) -> str:
    body = f"91320412NEW{number:06d}"
    return body + check_character(body)


def read_on() -> None:
    """Put the last import back to where its job is at work."""
    db.session.rollback()
    run = db.session.scalars(db.select(ImportRun).order_by(ImportRun.id.desc()).limit(1)).one()
    run.state, run.failure, run.plan = ImportState.PLANNING, None, {}
    db.session.commit()


def office(walker: Walker) -> Iterator[str]:
    walker.enter(walker.town.administrator)
    for path, name in (("/grants", "grants"), ("/territory", "territory"), ("/audit", "audit")):
        walker.go(path)
        yield name
    walker.go("/audit?subject=enterprise:0")
    yield "audit-nothing"
    walker.go("/territory")
    walker.open()
    yield "territory-rename"
    walker.send("/territory/regions")
    yield "territory-refused"
    walker.go("/grants")
    walker.open()
    yield "grants-change"
    walker.send("/grants")
    yield "grants-refused"
    walker.go("/grants?kind=content_editor")
    yield "grants-nobody"
    walker.go("/grants")
    walker.open()
    walker.send("/code")
    yield "code"


def second_factor(walker: Walker) -> Iterator[str]:
    walker.enter(walker.town.auditor)
    walker.go("/me")
    yield "me-staff"
    walker.go("/me/security")
    yield "security-staff"
    walker.go("/me/second-factor")
    yield "second-factor-none"
    walker.press()
    yield "second-factor-setting-up"
    walker.press()
    yield "second-factor-refused"
    walker.fill(code=pyotp.TOTP(walker.page.locator(".secret").inner_text()).now())
    walker.press()
    yield "second-factor-recovery"
    walker.go("/me/second-factor")
    yield "second-factor"
    walker.begin_anew()
    walker.enter(walker.town.auditor)
    yield "second-step"
    walker.press()
    yield "second-step-refused"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "walk",
    [strangers, learners, applicants_and_contact, clerks, office, second_factor],
    ids=lambda w: w.__name__,
)
def test_every_page_serves_everybody(
    app: Flask, browser: Browser, site: str, walk: Walk, language: str
) -> None:
    visitor = Visitor(browser, site, **DESK)
    for name in walk(Walker(visitor.page, make_town(), language)):
        seeing.look_over(visitor.page, f"{name}-{language}")
    visitor.leave()
