"""An enterprise's contact keeps the roster of twenty people with a thumb."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from quizapp.directory import enterprises
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from tests import builders
from tests.browser.conftest import PHONE, Visitor
from tests.browser.seeing import can_be_pressed, fits
from tests.browser.town import (
    NO_PASSWORD,
    NOT_PASSED,
    NOT_STARTED,
    PEOPLE,
    STUDYING,
    Town,
    make_town,
    name_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FREE_FAILURES = 5
NEWCOMER = "阿卜杜热西提·吾买尔江"


@pytest.fixture
def town(app: Flask) -> Town:
    return make_town()


class Console:
    """The enterprise's page in the contact's hand."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = page.locator("section").filter(has_text="在册人员").locator("tbody tr")

    def serves(self) -> None:
        fits(self.page)
        can_be_pressed(self.page)

    def filter(self, name: str, people: int) -> None:
        self.page.get_by_role("link", name=f"{name}{people}", exact=True).tap()
        expect(self.rows).to_have_count(people)
        self.serves()

    def row(self, name: str) -> Locator:
        return self.rows.filter(has_text=name)

    def open(self, name: str) -> Locator:
        row = self.row(name)
        row.locator("td > details > summary").tap()
        self.serves()
        return row

    def told(self, text: str) -> None:
        expect(self.page.locator(".notice.ok")).to_contain_text(text)


def test_a_contact_keeps_the_roster_by_thumb(browser: Browser, site: str, town: Town) -> None:
    contact = Visitor(browser, site, **PHONE)
    page = contact.sign_in(town.contact, builders.PASSWORD)
    page.goto("/me")
    page.get_by_role("link", name="管理本企业名册").tap()
    console = Console(page)
    expect(console.rows).to_have_count(PEOPLE)
    console.serves()

    for name, people in (
        ("未开始", NOT_STARTED), ("未学完", STUDYING), ("已学完，答题未合格", NOT_PASSED), ("没有密码", NO_PASSWORD),
        ("全部", PEOPLE),
    ):  # fmt: skip
        console.filter(name, people)
    add_somebody(console)
    correct_somebody(console, name_of(3))
    let_somebody_go(console, name_of(4))
    declare(console, town)
    page.get_by_role("button", name="打印激活单").tap()
    expect(page.locator(".slip .code")).to_have_count(NO_PASSWORD)
    console.serves()
    contact.leave()


def add_somebody(console: Console) -> None:
    page = console.page
    form = page.locator("#add")
    form.get_by_role("button", name="加入").tap()
    expect(page.locator("main > .notice.bad")).to_be_in_viewport()
    page.get_by_role("link", name="去改正").tap()
    expect(form.locator(".field-error").first).to_be_in_viewport()
    console.serves()
    form.get_by_label("姓名").fill(NEWCOMER)
    form.get_by_label("手机号").fill("13900000009")
    form.get_by_label("岗位类别").select_option("key_post")
    form.get_by_label("职务").fill("热处理工段长")
    form.get_by_role("button", name="加入").tap()
    console.told(NEWCOMER)
    expect(console.rows).to_have_count(PEOPLE + 1)
    expect(console.row(NEWCOMER)).to_contain_text("热处理工段长")
    console.serves()


def correct_somebody(console: Console, name: str) -> None:
    row = console.open(name)
    row.get_by_label("岗位类别").select_option("safety_manager")
    row.get_by_label("职务").fill("专职安全员")
    row.get_by_role("button", name="保存").tap()
    console.told("已保存")
    expect(console.row(name)).to_contain_text("安全管理人员")
    expect(console.row(name)).to_contain_text("专职安全员")


def let_somebody_go(console: Console, name: str) -> None:
    """One tap too much is not enough to lose somebody."""
    row = console.open(name)
    leave = row.get_by_role("button", name="确认离职")
    expect(leave).to_be_hidden()
    row.locator("summary").filter(has_text="离职").tap()
    console.serves()
    leave.tap()
    console.told("已保存")
    expect(console.row(name)).to_have_count(0)
    expect(console.page.locator("section").filter(has_text="曾任职")).to_contain_text(name)


def declare(console: Console, town: Town) -> None:
    section = console.page.locator("section").filter(has_text="底数")
    for label, people in (("关键岗位人员", "18"), ("安全管理人员", "2"), ("主要负责人", "1")):
        section.get_by_label(label).fill(people)
    section.get_by_role("button", name="保存").tap()
    console.told("已保存")
    db.session.rollback()
    assert enterprises.declared(town.enterprise) == {
        JobRole.KEY_POST: 18, JobRole.SAFETY_MANAGER: 2, JobRole.PRINCIPAL: 1,
    }  # fmt: skip
    db.session.rollback()


def test_a_contact_lets_in_somebody_who_must_wait(browser: Browser, site: str, town: Town) -> None:
    contact, worker = Visitor(browser, site, **PHONE), Visitor(browser, site, **PHONE)
    error = worker.page.locator("#password-error")
    for _ in range(FREE_FAILURES):
        worker.give_password(town.half_way, "wrong every time")
        expect(error).to_contain_text("不正确")
    worker.give_password(town.half_way, builders.PASSWORD)
    expect(error).to_contain_text("尝试次数过多")

    contact.sign_in(town.contact, builders.PASSWORD).goto(f"/enterprises/{town.enterprise}")
    console = Console(contact.page)
    console.open(name_of(NOT_STARTED + 1)).get_by_role("button", name="解除登录等待").tap()
    console.told("已解除登录等待")

    worker.sign_in(town.half_way, builders.PASSWORD)
    expect(worker.page.locator(".action a.btn-primary")).to_contain_text("继续学习")
    for visitor in (contact, worker):
        visitor.leave()
