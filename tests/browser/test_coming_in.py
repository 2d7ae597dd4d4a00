"""How people come in: by a slip that the contact hands over, or by the QR code on the enterprise's poster."""

from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from quizapp.accounts.models import Account
from quizapp.directory.models import Post
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from tests import builders
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.seeing import can_be_pressed, fits, passes_axe
from tests.browser.town import NO_PASSWORD, Town, make_town, name_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GUESSED, GOOD = "12345678", "chongya-banzhang-77"
WRONG = "手机号或密码不正确。"
NEWCOMER, STRANGER = "新来的班组长", "不认识的人"


@pytest.fixture
def town(app: Flask) -> Town:
    return make_town()


def serves(page: Page) -> None:
    """On a phone, for whoever holds it."""
    fits(page)
    can_be_pressed(page)
    passes_axe(page)


def people_page(town: Town) -> str:
    return f"/enterprises/{town.enterprise}"


def phone_of(name: str) -> str:
    db.session.rollback()
    found: str = db.session.scalars(db.select(Account.phone).where(Account.name == name)).one()
    db.session.rollback()
    return found


def test_a_worker_comes_in_by_a_slip(browser: Browser, site: str, town: Town) -> None:
    contact, worker = Visitor(browser, site, **DESK), Visitor(browser, site, **PHONE)
    code, address = print_slips(contact.sign_in(town.contact, builders.PASSWORD), town, name_of(1))

    phone = worker.page
    phone.goto(address)
    serves(phone)
    activate(phone, phone_of(name_of(1)), code, GUESSED)
    password = phone.get_by_label("设置密码")
    expect(password).to_have_attribute("aria-invalid", "true")
    beside = phone.locator(f"#{password.get_attribute('aria-describedby')}")
    expect(beside).to_contain_text("这个密码太常见")
    serves(phone)

    activate(phone, phone_of(name_of(1)), code.lower().replace("-", " "), GOOD)
    expect(phone.locator(".notice.ok")).to_contain_text("您已登录")
    expect(phone.locator(".action a.btn-primary")).to_contain_text("开始学习")
    serves(phone)

    sign_out(phone)
    phone.goto(address)
    activate(phone, phone_of(name_of(1)), code, "another-good-one-88")
    expect(phone.locator("#code-error")).to_contain_text("激活码已失效")
    worker.sign_in(phone_of(name_of(1)), GOOD)
    for visitor in (contact, worker):
        visitor.leave()


def print_slips(desk: Page, town: Town, name: str) -> tuple[str, str]:
    """Print slips for all who have no password; return somebody's code and the address on the slip."""
    desk.goto(people_page(town))
    desk.get_by_role("button", name="打印激活单").click()
    expect(desk.locator(".slip")).to_have_count(NO_PASSWORD)
    desk.emulate_media(media="print")
    expect(desk.locator(".staff-nav")).to_be_hidden()
    slip = desk.locator(".slip").filter(has_text=name)
    expect(slip).to_be_visible()
    code, address = slip.locator(".code").inner_text(), re.search(r"http\S+?/activate", slip.inner_text())
    desk.emulate_media(media="screen")
    assert address
    return code, address[0]


def activate(phone: Page, number: str, code: str, password: str) -> None:
    phone.get_by_label("手机号").fill(number)
    phone.get_by_label("激活码").fill(code)
    phone.get_by_label("设置密码").fill(password)
    phone.get_by_role("button", name="设置密码并登录").tap()


def sign_out(phone: Page) -> None:
    phone.goto("/me")
    phone.get_by_role("button", name="退出登录").tap()
    phone.wait_for_url("**/sign-in")


def test_people_come_in_by_the_code_on_the_poster(browser: Browser, site: str, town: Town) -> None:
    contact = Visitor(browser, site, **DESK)
    on_roster, newcomer, stranger = (Visitor(browser, site, **PHONE) for _ in range(3))
    link = decoded_poster(contact.sign_in(town.contact, builders.PASSWORD), town)
    assert link.startswith(f"{site}/join/")
    known, new, refused = phone_of(name_of(2)), "13900000001", "13900000002"

    numbers = [
        apply(on_roster.page, link, name_of(2), known, JobRole.KEY_POST),
        apply(newcomer.page, link, NEWCOMER, new, JobRole.KEY_POST),
        apply(stranger.page, link, STRANGER, refused, JobRole.PRINCIPAL),
    ]
    assert outline(on_roster.page) == outline(newcomer.page), "nobody learns who is on the roster"
    desk = contact.page
    desk.goto(people_page(town))
    expect(desk.locator(".notice.warn")).to_contain_text("3 人扫码登记")
    desk.get_by_role("link", name="去确认").click()
    passes_axe(desk)
    rows = [desk.locator("tbody tr").filter(has_text=number) for number in numbers]
    for row, what in zip(rows, ("名册中有", "新加入", "新加入"), strict=True):
        expect(row).to_contain_text(what)
    decide(desk, numbers[2:], "拒绝所选")
    decide(desk, numbers[:2], "确认所选")
    expect(desk.locator(".notice.ok")).to_contain_text(NEWCOMER)
    expect(desk.locator(".empty")).to_contain_text("没有人在等待确认")

    for visitor, number in ((on_roster, known), (newcomer, new)):
        visitor.page.get_by_role("link", name="看看是否已确认").tap()
        visitor.page.get_by_role("link", name="去登录").tap()
        visitor.page.wait_for_url("**/sign-in")
        visitor.sign_in(number, GOOD)
        expect(visitor.page.locator(".action a.btn-primary")).to_contain_text("开始学习")
    stays_outside(stranger, refused)
    for one in (contact, on_roster, newcomer, stranger):
        one.leave()
    assert posts_of(NEWCOMER) == [town.enterprise]
    assert posts_of(STRANGER) == []


def decoded_poster(desk: Page, town: Town) -> str:
    """Make the poster and read its code, as printed, from a picture of it."""
    desk.goto(people_page(town))
    desk.get_by_role("link", name="二维码海报").click()
    desk.get_by_role("button", name="生成二维码").click()
    expect(desk.locator(".poster svg")).to_be_visible()
    passes_axe(desk)
    desk.emulate_media(media="print")
    picture = desk.screenshot(full_page=True)
    desk.emulate_media(media="screen")
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def apply(phone: Page, link: str, name: str, number: str, role: JobRole) -> str:
    """Fill in the form behind the code; return the number to tell the contact."""
    phone.goto(link)
    serves(phone)
    phone.get_by_label("姓名").fill(name)
    phone.get_by_label("手机号").fill(number)
    phone.locator(f'[name="role"][value="{role}"]').check()
    phone.get_by_label("设置密码").fill(GOOD)
    phone.get_by_role("button", name="提交，等联络员确认").tap()
    shown = phone.locator(".join-number")
    expect(shown).to_have_text(re.compile(r"^\d{4}$"))
    serves(phone)
    return shown.inner_text()


def outline(phone: Page) -> str:
    return re.sub(r"\d+", "", phone.locator("main").inner_text())


def decide(desk: Page, numbers: list[str], button: str) -> None:
    for number in numbers:
        desk.locator("tbody label").filter(has_text=number).click()
    desk.get_by_role("button", name=button).click()
    for number in numbers:
        expect(desk.locator("tbody tr").filter(has_text=number)).to_have_count(0)


def stays_outside(stranger: Visitor, number: str) -> None:
    phone = stranger.page
    phone.get_by_role("link", name="看看是否已确认").tap()
    expect(phone.locator("main")).to_contain_text("联络员没有确认这次登记")
    serves(phone)
    stranger.give_password(number, GOOD)
    expect(phone.locator("#password-error")).to_have_text(WRONG)


def posts_of(name: str) -> list[int]:
    db.session.rollback()
    held = db.select(Post.enterprise_id).join(Account, Account.id == Post.account_id)
    found = list(db.session.scalars(held.where(Account.name == name, Post.ended_at.is_(None))))
    db.session.rollback()
    return found
