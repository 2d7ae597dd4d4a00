"""A learner finds a wrong key; the editor corrects it, the result follows, and the learner is answered."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.bank.questions import QuestionType
from quizapp.extensions import db
from tests import builders
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.seeing import can_be_pressed, fits

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def people(app: Flask) -> tuple[str, str, int]:
    """The numbers of a learner and an editor, and the track whose paper is one question with a wrong key."""
    track = builders.make_track(builders.make_campaign())
    bank = builders.make_bank()
    builders.make_question(bank, QuestionType.TRUE_FALSE)
    builders.make_blueprint(track, bank, {QuestionType.TRUE_FALSE: 1})
    learner = db.session.get_one(Account, builders.make_learner(track).account_id)
    editor = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return learner.phone, editor.phone, track.id


def test_a_wrong_key_is_reported_corrected_regraded_and_answered(
    browser: Browser, site: str, people: tuple[str, str, int]
) -> None:
    learner_phone, editor_phone, track_id = people
    learner = Visitor(browser, site, **PHONE)
    page = learner.sign_in(learner_phone, builders.PASSWORD)
    page.goto(f"/tracks/{track_id}/quiz")
    page.get_by_role("button", name="开始答题").tap()
    page.get_by_text("正确", exact=True).tap()
    expect(page.locator("#state")).to_contain_text("已保存")
    page.locator("#next").tap()
    page.locator("#hand-in").tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("未合格")
    page.get_by_text("这道题有错？").tap()
    fits(page)
    can_be_pressed(page)
    page.get_by_label("请说明").fill("条文写的正好相反。")
    page.get_by_role("button", name="提交纠错").tap()
    expect(page.get_by_text("等待答复")).to_be_visible()

    editor = Visitor(browser, site, **DESK)
    desk = editor.sign_in(editor_phone, builders.PASSWORD)
    desk.goto("/question-reports")
    expect(desk.get_by_text("条文写的正好相反。")).to_be_visible()
    desk.get_by_role("link", name="查看和修改这道题").click()
    desk.get_by_role("link", name="修改", exact=True).click()
    desk.get_by_label("A 正确").check()
    expect(desk.locator("#preview .key")).to_have_text("✓ A")
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text("已有 1 份答卷用过这道题")
    expect(desk.get_by_role("alert")).to_contain_text("1 份由不合格变为合格")
    desk.get_by_label("更正理由").fill("学员指出，核对条文后更正")
    desk.get_by_role("button", name="原答案有误，重新评分").click()
    expect(desk.get_by_role("heading", name="重新评分")).to_be_visible()
    fits(desk)
    desk.get_by_label("答复").fill("您说得对，已更正，您的得分已重新计算。")
    desk.get_by_role("button", name="答复").click()
    expect(desk.get_by_text("没有待答复的意见。")).to_be_visible()

    page.reload()
    expect(page.get_by_text("您说得对，已更正，您的得分已重新计算。")).to_be_visible()
    page.goto("/attempts")
    page.get_by_role("link").filter(has_text="第 1 次").first.tap()
    expect(page.get_by_role("heading", level=1)).to_contain_text("合格 · 100 分")
    learner.leave()
    editor.leave()
