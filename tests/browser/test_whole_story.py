"""The main job as three people live it, each with a browser: learner, clerk, auditor."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Download, Page, expect

from quizapp.accounts.kinds import GrantKind
from quizapp.bank.questions import QuestionType
from quizapp.directory.roles import JobRole, Scale
from quizapp.extensions import db
from tests import builders
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.seeing import fits, passes_axe

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEARNER, IDLER = "周立安", "没学的人"
PAPER = {QuestionType.SINGLE: 2, QuestionType.MULTIPLE: 1, QuestionType.TRUE_FALSE: 1}
PAPER_LENGTH = sum(PAPER.values())
LONG_ARTICLE = "## 上岗前\n\n" + "先看一看四周，再动手。\n\n" * 60
#: How clerks write: headings of their own, keys in several spellings.
HEADINGS = ["序号", "题目类型", "题目", "A", "B", "C", "D", "正确答案", "答案解析", "法律依据", "知识点"]


@dataclass
class Question:
    kind: str
    stem: str
    options: tuple[str, ...]
    right: tuple[str, ...]
    key: str

    def row(self, code: str) -> list[str]:
        options = ["", ""] if self.kind == "判断题" else list(self.options)
        return [
            code, self.kind, self.stem, *(options + [""] * 4)[:4], self.key,
            "这样做最安全。", "《安全生产法》（2021年修正）第五十九条", "叉车作业",
        ]  # fmt: skip


def clerks_questions(mark: str, count: int) -> list[Question]:
    """Return questions of all three types; every stem carries the mark."""
    made = []
    for number in range(count):
        options = tuple(f"{mark}做法{number}{letter}" for letter in "甲乙丙丁")
        kind, stem = ("单选题", "多选题", "判断题")[number % 3], f"{mark}第{number}题，叉车司机应当怎么做？"
        if kind == "单选题":
            made.append(Question(kind, stem, options, options[1:2], "Ｂ"))
        elif kind == "多选题":
            made.append(Question(kind, stem, options, (options[0], options[2]), "A、C"))
        else:
            made.append(Question(kind, stem, ("正确", "错误"), ("错误",), "×"))
    return made


def workbook(questions: list[Question]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["武进区安全生产题库（班组）"])
    sheet.append(HEADINGS)
    for number, question in enumerate(questions):
        sheet.append(question.row(f"CC-{number:02d}"))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@dataclass
class District:
    learner: str
    administrator: str
    auditor: str
    bank: str
    track_ids: tuple[int, int]


@pytest.fixture
def district(app: Flask) -> District:
    """One person leads a team in a large enterprise and owns a small workshop: both coverages count them."""
    campaign = builders.make_campaign()
    leads = builders.make_track(campaign, JobRole.KEY_POST, study_first=True, minutes=5)
    owns = builders.make_track(campaign, JobRole.PRINCIPAL, study_first=True, minutes=5)
    bank = builders.make_bank()
    module = builders.make_module(leads, min_seconds=2, body=LONG_ARTICLE)
    builders.put_in_track(module, owns)
    for track in (leads, owns):
        builders.make_blueprint(track, bank, PAPER)
    region = builders.make_region()
    above = builders.make_enterprise(region, Scale.ABOVE)
    learner = builders.make_account(LEARNER)
    builders.make_enrolment(learner, leads, above)
    builders.make_enrolment(learner, owns, builders.make_enterprise(region, Scale.BELOW))
    builders.make_enrolment(builders.make_account(IDLER), leads, above)
    administrator = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    auditor = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    return District(learner.phone, administrator.phone, auditor.phone, bank.slug, (leads.id, owns.id))


def figures(page: Page) -> list[str]:
    """Return what stands large in the two coverages, with the people behind it."""
    page.goto("/coverage")
    return [
        re.sub(r"\s+", " ", panel.inner_text().split("按底数")[0]).strip()
        for panel in page.locator(".panels.two .panel").all()
    ]


def upload(page: Page, bank: str, name: str, content: bytes) -> None:
    page.goto("/banks")
    page.locator(f'a[href="/banks/{bank}/import"]').click()
    page.locator("#file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="上传并预览").click()


def study(page: Page) -> None:
    page.goto("/")
    fits(page)
    passes_axe(page)
    page.locator(".action a.btn-primary").first.click()
    state = page.locator("#credit-state")
    expect(state).to_have_text("时间已够，请读到文末")
    fits(page)
    passes_axe(page)
    page.locator("#end").scroll_into_view_if_needed()
    expect(state).to_have_text("已学完")
    page.get_by_role("link", name="回到学习列表").click()


def begin(page: Page, track_id: int) -> None:
    page.goto(f"/tracks/{track_id}/quiz")
    fits(page)
    passes_axe(page)
    page.get_by_role("button", name="开始答题").click()
    page.wait_for_url("**/attempts/*")
    fits(page)
    passes_axe(page)


def answer(page: Page, known: dict[str, Question], *, wrongly: bool = False) -> str:
    """Answer the question on the screen, wait until it is saved, and return its stem."""
    shown = page.locator(".question.current")
    expect(shown).to_have_count(1)
    stem = next(stem for stem in known if stem in shown.locator("legend").inner_text())
    question = known[stem]
    for option in question.options:
        if (option in question.right) is not wrongly:
            shown.locator("label.option").filter(has_text=option).locator("span").get_by_text(
                option, exact=True
            ).click()
    expect(page.locator("#state")).to_have_text("● 已保存")
    return stem


def hand_in(page: Page) -> None:
    page.locator("#next").click()
    expect(page.locator("#left")).to_have_text("全部题目已作答。")
    passes_axe(page)
    page.get_by_role("button", name="确认交卷").click()
    page.wait_for_url("**/result")
    fits(page)
    passes_axe(page)


def take(page: Page, track_id: int, known: dict[str, Question]) -> list[str]:
    begin(page, track_id)
    stems = []
    for number in range(PAPER_LENGTH):
        stems.append(answer(page, known))
        if number < PAPER_LENGTH - 1:
            page.locator("#next").click()
    hand_in(page)
    return stems


def downloaded(page: Page, button: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    download: Download = waiting.value
    return Path(download.path()).read_bytes()


def bring_in_a_bank(desk: Page, bank: str, questions: list[Question]) -> None:
    """A file with one bad row is refused and names it; the corrected one comes in."""
    bad = Question("单选题", "坏题？", ("甲", "乙"), (), "F")
    upload(desk, bank, "题库.xlsx", workbook([*questions, bad]))
    expect(desk.locator(".notice.bad")).to_contain_text("有 1 行不合格，整个文件没有导入")
    expect(desk.locator("tbody tr")).to_contain_text(str(len(questions) + 3))
    passes_axe(desk)
    upload(desk, bank, "题库.xlsx", workbook(questions))
    desk.get_by_role("button", name="确认导入").click()
    expect(desk.locator("main")).to_contain_text(f"新增 {len(questions)} 题，修改 0 题")


def correct_the_bank(desk: Page, bank: str, questions: list[Question]) -> None:
    upload(desk, bank, "题库（新）.xlsx", workbook(questions))
    desk.get_by_role("button", name="确认导入").click()
    expect(desk.locator("main")).to_contain_text(f"新增 0 题，修改 {len(questions)} 题")


def fail_with_an_interruption(learner: Visitor, track_id: int, known: dict[str, Question]) -> None:
    """The phone is closed after the first answer; the last answer is wrong."""
    begin(learner.page, track_id)
    answered = answer(learner.page, known)
    phone = learner.close_and_come_back()
    phone.goto("/")
    phone.get_by_role("link", name="继续答题").click()
    expect(phone.locator("#number")).to_have_text("2")
    first = phone.locator(".question").first
    expect(first).to_contain_text(answered)
    expect(first.locator("input:checked")).not_to_have_count(0)
    for number in range(1, PAPER_LENGTH):
        answer(phone, known, wrongly=number == PAPER_LENGTH - 1)
        if number < PAPER_LENGTH - 1:
            phone.locator("#next").click()
    hand_in(phone)
    expect(phone.locator("h1")).to_contain_text("未合格 · 75 分")
    expect(phone.locator("main")).to_contain_text("这样做最安全。")
    expect(phone.locator("main")).to_contain_text("依据：《安全生产法》（2021年修正）第五十九条")


def pull_the_list(seen: Page) -> None:
    """The list of those who are done is on the page and in both files, with the learner's two posts."""
    seen.goto("/coverage/list?status=complete")
    expect(seen.locator("tbody tr")).to_have_count(2)
    passes_axe(seen)
    book = openpyxl.load_workbook(io.BytesIO(downloaded(seen, ".xlsx")))
    rows: list[Any] = list(book.active.iter_rows(values_only=True))
    assert [row[5] for row in rows] == ["姓名", LEARNER, LEARNER]
    as_csv = downloaded(seen, ".csv").decode("utf-8-sig")
    assert as_csv.count(LEARNER) == 2
    assert IDLER not in as_csv


def test_the_whole_story(browser: Browser, site: str, district: District) -> None:
    learner, clerk, auditor = (
        Visitor(browser, site, **PHONE), Visitor(browser, site, **DESK), Visitor(browser, site, **DESK),
    )  # fmt: skip
    old, new = clerks_questions("旧", 12), clerks_questions("新", 12)
    known = {question.stem: question for question in [*old, *new]}
    seen = auditor.sign_in(district.auditor, builders.PASSWORD)
    assert figures(seen) == ["规上工业企业 三类人员 0.0% 0 / 2 人", "规下工业企业 主要负责人 0.0% 0 / 1 人"]

    desk = clerk.sign_in(district.administrator, builders.PASSWORD)
    bring_in_a_bank(desk, district.bank, old)
    study(learner.sign_in(district.learner, builders.PASSWORD))
    fail_with_an_interruption(learner, district.track_ids[0], known)
    correct_the_bank(desk, district.bank, new)
    stems = take(learner.page, district.track_ids[0], known)
    assert all(stem.startswith("新") for stem in stems), (
        "the next paper is drawn from what the clerk brought in"
    )
    expect(learner.page.locator("h1")).to_contain_text("合格 · 100 分")
    take(learner.page, district.track_ids[1], known)
    learner.page.goto("/")
    expect(learner.page.get_by_text("您已完成")).to_have_count(2)

    assert figures(seen) == [
        "规上工业企业 三类人员 50.0% 1 / 2 人",
        "规下工业企业 主要负责人 100.0% 1 / 1 人",
    ]
    passes_axe(seen)
    pull_the_list(seen)
    for visitor in (learner, clerk, auditor):
        visitor.leave()
