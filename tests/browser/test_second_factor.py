"""An auditor's second factor, with an authenticator app as on their phone."""

from __future__ import annotations

import io
import time

import pyotp
import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from quizapp.accounts.kinds import GrantKind
from quizapp.extensions import db
from tests import builders
from tests.browser.conftest import DESK, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

STEP_SECONDS = 30


@pytest.fixture
def phone(app: Flask) -> str:
    builders.make_campaign()
    number = builders.make_staff(GrantKind.AUDITOR).phone
    db.session.commit()
    return number


def test_an_auditor_signs_in_with_a_second_factor(browser: Browser, site: str, phone: str) -> None:
    auditor = Visitor(browser, site, **DESK)
    desk = auditor.sign_in(phone, builders.PASSWORD)
    secret, recovery = set_up(desk)
    authenticator = pyotp.TOTP(secret)

    sign_out(desk)
    auditor.give_password(phone, builders.PASSWORD)
    desk.wait_for_url("**/sign-in/code")
    desk.goto("/coverage")
    expect(desk.get_by_label("手机号")).to_be_visible()
    auditor.give_password(phone, builders.PASSWORD)
    give(desk, "000000")
    expect(desk.locator("#code-error")).to_contain_text("验证码不正确")
    give(desk, authenticator.at(time.time() + STEP_SECONDS))
    expect(desk.locator("h1")).to_have_text("两个全覆盖")

    sign_out(desk)
    auditor.give_password(phone, builders.PASSWORD)
    give(desk, recovery[0].lower())
    expect(desk.locator("h1")).to_have_text("两个全覆盖")
    desk.goto("/me/second-factor")
    expect(desk.locator("main")).to_contain_text(f"还有 {len(recovery) - 1} 个恢复码可用")

    sign_out(desk)
    auditor.give_password(phone, builders.PASSWORD)
    give(desk, recovery[0])
    expect(desk.locator("#code-error")).to_contain_text("已用过")
    auditor.leave()


def set_up(desk: Page) -> tuple[str, list[str]]:
    """Scan the code, give the first number, keep the recovery codes; return the secret and these."""
    desk.goto("/me/security")
    desk.get_by_role("link", name="启用").click()
    desk.get_by_role("button", name="开始设置").click()
    secret = desk.locator(".secret").inner_text()
    (scanned,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(desk.screenshot())))
    app = pyotp.parse_uri(scanned.text)
    assert isinstance(app, pyotp.TOTP)
    assert app.secret == secret
    assert app.issuer == "学重要论述、促安全发展"
    give(desk, app.now(), "启用")
    codes = desk.locator(".recovery li").all_inner_texts()
    assert len(set(codes)) == 10
    desk.get_by_role("link", name="已保存，继续").click()
    return secret, codes


def give(desk: Page, code: str, button: str = "继续") -> None:
    desk.get_by_label("验证码").fill(code)
    desk.get_by_role("button", name=button).click()


def sign_out(desk: Page) -> None:
    desk.get_by_role("button", name="退出", exact=True).click()
    desk.wait_for_url("**/sign-in")
