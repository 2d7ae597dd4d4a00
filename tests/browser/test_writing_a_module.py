"""An editor writes study content at a desk and publishes it; a learner reads it on a phone."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.extensions import db
from quizapp.study.models import Module
from tests import builders
from tests.browser import seeing
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.study import files

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("pages"),
    pytest.mark.parametrize("whole_app", ["sqlite"], indirect=True),
]
BODY = "## 起步之前\n\n**先看**四周，再鸣笛。\n\n" + "看清楚再走。\n\n" * 30


class People:
    """An editor, and a learner on the one track."""

    def __init__(self) -> None:
        self.track = builders.make_track(builders.make_campaign())
        builders.make_quiz(self.track)
        self.editor = builders.make_staff(GrantKind.CONTENT_EDITOR).phone
        self.learner = db.session.get_one(Account, builders.make_learner(self.track).account_id).phone
        self.track_id = self.track.id
        db.session.commit()


def _file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def _picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1400, 500), "steelblue").save(file, "PNG")
    return file.getvalue()


def _write(page: Page, people: People, kind: str, title: str) -> None:
    page.goto(f"/modules/new?kind={kind}")
    page.get_by_label("标题").fill(title)
    page.get_by_label("摘要").fill("起步前要做的三件事")
    page.get_by_label("最少学习分钟").fill("1")
    page.locator(f"#track-{people.track_id}").check()


def _publish(page: Page) -> int:
    page.get_by_role("button", name="保存并立即发布").click()
    page.wait_for_url(re.compile(r"/modules/\d+/history"))
    module_id = int(page.url.split("/")[-2])
    db.session.rollback()
    db.session.get_one(Module, module_id).min_seconds = 2  # nobody waits a minute in a test
    db.session.commit()
    return module_id


@pytest.fixture
def people(app: Flask) -> People:
    return People()


def test_what_an_editor_writes_and_publishes_a_learner_reads_on_a_phone(
    people: People, browser: Browser, site: str
) -> None:
    editor = Visitor(browser, site, **DESK)
    page = editor.sign_in(people.editor, builders.PASSWORD)
    _write(page, people, "article", "叉车的起步")
    page.get_by_label("正文").fill(BODY)
    expect(page.locator("#preview strong")).to_have_text("先看")
    page.get_by_text("插入图片").click()
    page.get_by_label("图片文件").set_input_files(_file("起步.png", _picture()))
    page.get_by_label("图片内容").fill("叉车四周的盲区")
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("img", name="叉车四周的盲区")).to_be_visible()
    seeing.look_over(page, "module-new")
    seeing.at_width(page, seeing.DESK_WIDTH)
    _publish(page)

    learner = Visitor(browser, site, **PHONE)
    phone = learner.sign_in(people.learner, builders.PASSWORD)
    phone.get_by_role("link", name="开始学习：叉车的起步").click()
    expect(phone.get_by_text("起步之前")).to_be_visible()
    phone.wait_for_timeout(2500)
    phone.locator("#end").scroll_into_view_if_needed()
    expect(phone.locator("#credit-state")).to_have_text("已学完", timeout=20_000)
    assert phone.get_by_role("img", name="叉车四周的盲区").evaluate("one => one.naturalWidth") == 1400
    seeing.look_over(phone, "module-read")

    page.goto(page.url.replace("/history", "/edit"))
    page.get_by_label("正文").fill("## 起步之前\n\n先看四周，**再鸣笛**，再走。")
    page.get_by_label("学完的人要重新学习").check()
    page.get_by_label("为什么要重新学习").fill("规程改了")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存为第 2 版")).to_be_visible()
    seeing.look_over(page, "module-history")
    phone.reload()
    expect(phone.get_by_text("请重新学习：规程改了")).to_be_visible()
    seeing.look_over(phone, "module-again")
    for visitor in (editor, learner):
        visitor.leave()


def test_documents_videos_and_links_serve_everybody(people: People, browser: Browser, site: str) -> None:
    editor = Visitor(browser, site, **DESK)
    page = editor.sign_in(people.editor, builders.PASSWORD)
    ids = []
    for kind in ("document", "link"):
        _write(page, people, kind, f"叉车规程：{kind}")
        if kind == "document":
            page.locator("#file").set_input_files(_file("规程.pdf", files.pdf(3)))
        else:
            page.locator("#address").fill("https://www.mem.gov.cn/" + "a" * 150)
        page.get_by_role("button", name="预览").click()
        seeing.look_over(page, f"module-new-{kind}")
        seeing.at_width(page, seeing.DESK_WIDTH)
        ids.append(_publish(page))
    _write(page, people, "video", "没有视频")
    page.get_by_role("button", name="保存并立即发布").click()
    expect(page.get_by_role("alert")).to_contain_text("请上传 MP4 视频")
    seeing.look_over(page, "module-refused")
    page.goto("/modules")
    seeing.look_over(page, "module-list")

    learner = Visitor(browser, site, **PHONE)
    phone = learner.sign_in(people.learner, builders.PASSWORD)
    for module_id in ids:
        phone.goto(f"/modules/{module_id}")
        seeing.look_over(phone, f"module-read-{module_id}")
    phone.goto(f"/modules/{ids[0]}")
    phone.get_by_text("第 1 页的文字").click()
    expect(phone.get_by_text("Look around first").first).to_be_visible()
    for visitor in (editor, learner):
        visitor.leave()
