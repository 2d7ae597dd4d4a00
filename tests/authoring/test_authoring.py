"""Questions written, revised and corrected; what learners report about them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import MultiDict

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.audit.models import AuditEntry
from quizapp.authoring import forms
from quizapp.authoring.differences import differences
from quizapp.authoring.models import QuestionReport
from quizapp.bank import queries as bank_queries
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.bank.questions import Blank, QuestionContent, QuestionType
from quizapp.campaigns.models import Enrolment
from quizapp.coverage import verification
from quizapp.coverage.selection import Selection
from quizapp.extensions import db
from quizapp.quiz.models import Attempt, Regrade, RegradedAttempt
from tests import builders
from tests.conftest import MovableClock
from tests.pages import begin_quiz, sign_in, token


@pytest.fixture
def bank(app: Flask) -> Bank:
    found = builders.make_bank()
    db.session.commit()
    return found


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


def _post(client: FlaskClient, page: str, path: str, **form: Any) -> Any:
    return client.post(path, data={**form, "csrf_token": token(client.get(page).text)})


SINGLE = {
    "type": "single", "stem": "发现隐患先做什么？", "option-0": "报告", "option-1": "等待", "key": "0",
    "explanation": "应当立即报告。", "source": "《安全生产法》（2021年修正）第五十九条", "tags": "隐患、报告", "difficulty": "easy",
    "roles": ["key_post"], "code": "X-1",
}  # fmt: skip


def _create(editor: FlaskClient, bank: Bank, **changes: Any) -> Any:
    page = f"/banks/{bank.slug}/questions/new"
    return _post(editor, page, page, **{**SINGLE, **changes})


def _question() -> Question:
    db.session.rollback()
    return db.session.scalars(db.select(Question).order_by(Question.id.desc())).first()  # type: ignore[return-value]


def _content(question: Question) -> QuestionContent:
    revision = bank_queries.get_revision(question.id, question.revision)
    return bank_queries.content_of(revision, question.code)


def _edit(editor: FlaskClient, question: Question, **changes: Any) -> Any:
    page = f"/questions/{question.id}/edit"
    return _post(editor, page, page, **{**SINGLE, "seen": question.revision, **changes})


def test_a_question_is_written_shown_and_drawn(editor: FlaskClient, bank: Bank) -> None:
    answer = _create(editor, bank)

    question = _question()
    assert answer.location == f"/questions/{question.id}"
    content = _content(question)
    assert (content.stem, content.options, content.key) == ("发现隐患先做什么？", ("报告", "等待"), (0,))
    assert (content.tags, content.roles, content.code) == (("隐患", "报告"), ("key_post",), "X-1")
    assert "最初的版本" in editor.get(answer.location).text
    assert [one.question_id for one in bank_queries.active_questions([bank.id])] == [question.id]


def test_every_type_comes_out_of_the_form_as_it_went_in(editor: FlaskClient, bank: Bank) -> None:
    filled = {
        "type": "fill_in",
        "stem": "____内报告，每级____小时。",
        "blanks": "一小时 / 1小时\n2 ± 0.5",
        "code": "X-2",
    }
    truth = {"type": "true_false", "stem": "可以瞒报。", "key": "1", "code": "X-3"}
    case = {
        "type": "case", "stem": "某车间起火。", "code": "X-4",
        "part-0-type": "multiple", "part-0-stem": "先做什么？", "part-0-option-0": "报警", "part-0-option-1": "疏散",
        "part-0-option-2": "拍照", "part-0-key": ["0", "1"], "part-0-explanation": "先报警。",
        "part-1-type": "fill_in", "part-1-stem": "电话____", "part-1-blanks": "119", "part-2-type": "single", "part-2-stem": "",
    }  # fmt: skip
    found = []
    for form in (filled, truth, case):
        assert _create(editor, bank, **form).status_code == 302
        question = _question()
        found.append(_content(question))
        page = f"/questions/{question.id}/edit"
        assert editor.get(page).status_code == 200

    assert found[0].blanks[0] == Blank(("一小时", "1小时"))
    assert found[0].blanks[1].takes("2.5")
    assert found[1].key == (1,)
    assert [part.type for part in found[2].parts] == [QuestionType.MULTIPLE, QuestionType.FILL_IN]
    assert found[2].parts[0].explanation == "先报警。"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stem": " "}, "题干是空的"),
        ({"option-1": "报告"}, "文字相同"),
        ({"option-1": "", "option-2": "等待"}, "选项B 是空的"),
        ({"key": []}, "单选题只能有一个答案"),
        ({"key": "7"}, "没有对应的选项"),
        ({"type": "multiple"}, "至少要有两个答案"),
        ({"type": "fill_in", "stem": "约____米", "blanks": ""}, "个数不一致"),
        ({"type": "fill_in", "stem": "约____米", "blanks": "2 ± 很多"}, "不是数"),
        ({"type": "case"}, "小题"),
        ({"stem": "长" * 4001}, "过长"),
    ],
)
def test_what_cannot_be_a_question_is_refused_and_the_form_keeps_what_was_written(
    editor: FlaskClient, bank: Bank, changes: dict[str, Any], reason: str
) -> None:
    answer = _create(editor, bank, **changes)

    assert answer.status_code == 422
    assert reason in answer.text
    assert "应当立即报告。" in answer.text or "± 很多" in answer.text or changes.get("type") == "fill_in"
    assert db.session.scalar(db.select(Question)) is None


def test_a_question_that_is_there_already_is_refused(editor: FlaskClient, bank: Bank) -> None:
    _create(editor, bank)

    again = _create(editor, bank, code="X-2")
    same_code = _create(editor, bank, stem="另一个问题？")

    assert (again.status_code, same_code.status_code) == (409, 409)
    assert "相同的题目" in again.text
    assert "编号" in same_code.text


def test_an_edit_makes_the_next_revision_and_the_history_shows_what_changed(
    editor: FlaskClient, bank: Bank
) -> None:
    _create(editor, bank)
    question = _question()

    _edit(editor, question, stem="发现事故隐患先做什么？", tags="隐患")
    page = editor.get(f"/questions/{question.id}").text

    assert _question().revision == 2
    assert "<ins>事故</ins>" in page
    assert "<del>" in page
    first = db.session.scalars(db.select(QuestionRevision).where(QuestionRevision.number == 1)).one()
    assert first.stem == "发现隐患先做什么？"


def test_nothing_changed_makes_no_revision(editor: FlaskClient, bank: Bank) -> None:
    _create(editor, bank)

    _edit(editor, _question())

    assert _question().revision == 1


def test_two_editors_do_not_overwrite_each_other(editor: FlaskClient, bank: Bank) -> None:
    _create(editor, bank)
    question = _question()
    _edit(editor, question, explanation="甲改的。")

    late = _edit(editor, question, explanation="乙改的。", seen=1)

    assert late.status_code == 409
    assert _content(_question()).explanation == "甲改的。"
    assert "乙改的。" in late.text


def test_a_retired_question_is_drawn_no_more_until_it_is_restored(editor: FlaskClient, bank: Bank) -> None:
    _create(editor, bank)
    question = _question()
    page = f"/questions/{question.id}"

    _post(editor, page, f"{page}/state", state="retired")
    retired = bank_queries.active_questions([bank.id])
    listed = editor.get(f"/banks/{bank.slug}?state=retired").text
    _post(editor, page, f"{page}/state", state="active")

    assert retired == []
    assert "发现隐患" in listed
    assert len(bank_queries.active_questions([bank.id])) == 1
    assert _post(editor, page, f"{page}/state", state="gone").status_code == 422


def test_many_questions_get_and_lose_tags_at_once(editor: FlaskClient, bank: Bank) -> None:
    elsewhere = builders.make_question(builders.make_bank())
    db.session.commit()
    for number in range(3):
        _create(editor, bank, stem=f"问题{number}？", code=f"X-{number}")
    ids = [str(one) for one in db.session.scalars(db.select(Question.id).where(Question.bank_id == bank.id))]
    page = f"/banks/{bank.slug}"

    ticked = [*ids[:2], str(elsewhere.question_id)]
    _post(editor, page, f"{page}/tags", question=ticked, add="现场", remove="报告")

    tags = [_content(db.session.get_one(Question, int(one))).tags for one in ids]
    assert tags == [("隐患", "现场"), ("隐患", "现场"), ("隐患", "报告")]
    assert _content(db.session.get_one(Question, elsewhere.question_id)).tags == ("通用",)
    assert _post(editor, page, f"{page}/tags", add="x").status_code == 422


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3), ("type=multiple", 1), ("difficulty=hard", 1), ("tag=报告", 2), ("role=principal", 1),
        ("source=《消防法》（2021年修正）", 1), ("text=X-2", 1), ("state=retired", 0), ("type=nonsense", 3),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_by_each_of_its_filters(
    editor: FlaskClient, bank: Bank, query: str, count: int
) -> None:
    _create(editor, bank)
    _create(editor, bank, code="X-2", stem="第二题？", type="multiple", key=["0", "1"], roles=[], tags="隐患")
    _create(
        editor,
        bank,
        code="X-3",
        stem="第三题？",
        difficulty="hard",
        source="《消防法》（2021年修正）第五条",
        tags="报告",
    )

    page = editor.get(f"/banks/{bank.slug}?{query}").text

    assert page.count('name="question"') == count


def test_a_preview_shows_the_question_and_writes_nothing(editor: FlaskClient, bank: Bank) -> None:
    page = f"/banks/{bank.slug}/questions/new"
    shown = _post(editor, page, "/questions/preview", **SINGLE).text
    whole = _post(editor, page, page, **SINGLE, act="preview").text

    assert "发现隐患先做什么？" in shown
    assert "<html" not in shown
    assert "发现隐患先做什么？" in whole
    assert db.session.scalar(db.select(Question)) is None


def test_an_uploaded_picture_is_made_anew_and_shown_where_it_was_put(editor: FlaskClient, bank: Bank) -> None:
    file = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(file, "BMP")
    page = f"/banks/{bank.slug}/questions/new"
    form = {
        **SINGLE,
        "picture-place": "option-1",
        "picture-shows": "红牌",
        "csrf_token": token(editor.get(page).text),
    }

    editor.post(page, data={**form, "picture": (io.BytesIO(file.getvalue()), "牌.bmp")})
    refused = editor.post(page, data={**form, "code": "X-9", "picture": (io.BytesIO(b"<svg/>"), "x.png")})

    option = _content(_question()).options[1]
    assert option.startswith("等待\n![红牌](image:")
    with editor.get(f"/files/{option.split(':')[1][:64]}") as picture:
        assert picture.content_type == "image/png"
    assert refused.status_code == 422
    assert "图片" in refused.text


# Keys that were wrong, and the results that used them


class Sittings:
    """A track of one true/false question at 5 points, and learners who have answered it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.track = builders.make_track(builders.make_campaign(), pass_mark=80)
        builders.make_module(self.track)
        self.bank = builders.make_bank()
        self.revision = builders.make_question(self.bank, QuestionType.TRUE_FALSE)
        builders.make_blueprint(self.track, self.bank, {QuestionType.TRUE_FALSE: 1})
        db.session.commit()

    @property
    def question(self) -> Question:
        db.session.rollback()
        return db.session.get_one(Question, self.revision.question_id)

    def sit(self, choice: int | None, *, hand_in: bool = True) -> tuple[FlaskClient, str, Enrolment]:
        enrolment = builders.make_learner(self.track)
        db.session.commit()
        client = sign_in(self.app, db.session.get_one(Account, enrolment.account_id))
        paper = begin_quiz(client, self.track.id)
        if choice is not None:
            headers = {"X-CSRFToken": token(client.get("/me").text)}
            client.post(
                f"{paper}/answers", json={"place": 0, "sequence": 1, "choice": [choice]}, headers=headers
            )
        if hand_in:
            client.post(f"{paper}/submission", data={"csrf_token": token(client.get(paper).text)})
        return client, paper, enrolment

    def correct(self, editor: FlaskClient, **form: Any) -> Any:
        content = _content(self.question)
        key = 1 - content.key[0]
        sent = {
            "type": "true_false", "stem": content.stem, "key": str(key), "explanation": content.explanation,
            "source": content.source, "tags": "通用", "difficulty": "medium", "seen": self.question.revision,
        }  # fmt: skip
        page = f"/questions/{self.question.id}/edit"
        return _post(editor, page, page, **{**sent, **form})

    def differences(self) -> list[Any]:
        at = clock.now()
        selection = Selection(campaign_id=self.track.campaign_id, as_of=at, scope=Scope(everything=True))
        return list(verification.differences(selection))


@pytest.fixture
def sittings(app: Flask) -> Sittings:
    return Sittings(app)


def _attempts() -> list[tuple[int | None, bool | None]]:
    db.session.rollback()
    return [(one.points, one.passed) for one in db.session.scalars(db.select(Attempt).order_by(Attempt.id))]


def test_a_changed_key_first_says_what_regrading_would_do(sittings: Sittings, editor: FlaskClient) -> None:
    for choice in (0, 0, 1):
        sittings.sit(choice)

    page = sittings.correct(editor).text

    assert "已有 3 份答卷用过这道题" in page
    assert "3 份得分会变，其中 2 份由不合格变为合格；1 份按新得分不再合格" in page
    assert sittings.question.revision == 1
    assert _attempts() == [(0, False), (0, False), (5, True)]


def test_regrading_gives_passes_takes_none_and_is_on_record(
    sittings: Sittings, editor: FlaskClient, moved_clock: MovableClock
) -> None:
    _, _, failed = sittings.sit(0)
    _, _, passed = sittings.sit(1)
    passed_at = db.session.get_one(Enrolment, passed.id, populate_existing=True).passed_at
    moved_clock.forward(minutes=10)

    answer = sittings.correct(editor, act="regrade", reason="依据的条文写反了")

    assert answer.status_code == 302
    assert _attempts() == [(5, True), (0, True)]
    rows = {row.id: row for row in db.session.scalars(db.select(Enrolment))}
    assert rows[failed.id].passed_at == clock.now()
    assert rows[passed.id].passed_at == passed_at
    regrade = db.session.scalars(db.select(Regrade)).one()
    assert (regrade.attempts, regrade.changed, regrade.passes_gained, regrade.passes_kept) == (2, 2, 1, 1)
    changes = db.session.scalars(db.select(RegradedAttempt).order_by(RegradedAttempt.attempt_id)).all()
    assert [(one.points_before, one.points_after, one.passed_before) for one in changes] == [
        (0, 5, False),
        (5, 0, True),
    ]
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "question.regrade")).one()
    assert entry.detail["reason"] == "依据的条文写反了"
    assert sittings.differences() == []
    assert "依据的条文写反了" in editor.get(f"/questions/{sittings.question.id}").text


def test_for_papers_to_come_alone_leaves_results_as_they_are(sittings: Sittings, editor: FlaskClient) -> None:
    sittings.sit(0)

    sittings.correct(editor, act="from_now_on")
    sittings.sit(0)

    assert _attempts() == [(0, False), (5, True)]
    assert db.session.scalar(db.select(Regrade)) is None
    assert sittings.differences() == []


def test_a_paper_that_is_open_meanwhile_is_graded_by_the_right_key(
    sittings: Sittings, editor: FlaskClient
) -> None:
    sittings.sit(1)
    client, paper, _ = sittings.sit(0, hand_in=False)
    sittings.correct(editor, act="regrade", reason="答案写反")

    client.post(f"{paper}/submission", data={"csrf_token": token(client.get(paper).text)})

    assert _attempts() == [(0, True), (5, True)]
    assert sittings.differences() == []


def test_a_key_corrected_twice_counts_as_it_was_corrected_last(
    sittings: Sittings, editor: FlaskClient
) -> None:
    sittings.sit(1)
    sittings.sit(0)
    sittings.correct(editor, act="regrade", reason="第一次更正")
    sittings.correct(editor, act="regrade", reason="更正错了，改回来")

    assert _attempts() == [(5, True), (0, True)]
    assert sittings.differences() == []


def test_a_reason_is_asked_for_and_nothing_is_done_without(sittings: Sittings, editor: FlaskClient) -> None:
    sittings.sit(0)

    answer = sittings.correct(editor, act="regrade", reason=" ")

    assert answer.status_code == 422
    assert sittings.question.revision == 1
    assert _attempts() == [(0, False)]


# What learners report


def _report(client: FlaskClient, paper: str, **form: Any) -> Any:
    sent = {
        "place": 0,
        "kind": "wrong_key",
        "text": "条文说的是相反的。",
        "csrf_token": token(client.get("/me").text),
    }
    return client.post(f"{paper}/reports", data={**sent, **form})


def test_a_learner_reports_the_editor_answers_and_the_learner_reads_it(
    sittings: Sittings, editor: FlaskClient
) -> None:
    client, paper, _ = sittings.sit(0)
    assert "这道题有错？" in client.get(f"{paper}/result").text

    _report(client, paper)
    waiting = client.get("/reports").text
    listed = editor.get("/question-reports").text
    report = db.session.scalars(db.select(QuestionReport)).one()
    _post(editor, "/question-reports", f"/question-reports/{report.id}", answer="您说得对，已更正。")

    assert "等待答复" in waiting
    assert "条文说的是相反的。" in listed
    assert "您说得对，已更正。" in client.get("/reports").text
    assert "条文说的是相反的。" not in editor.get("/question-reports").text
    again = _post(editor, "/question-reports?state=all", f"/question-reports/{report.id}", answer="再答")
    assert again.status_code == 409


def test_a_report_is_made_once_on_ones_own_closed_paper_only(sittings: Sittings, app: Flask) -> None:
    client, paper, _ = sittings.sit(0)
    other, open_paper, _ = sittings.sit(None, hand_in=False)

    assert _report(other, open_paper).status_code == 404
    assert _report(other, paper).status_code == 404
    assert _report(client, paper, place=9).status_code == 404
    assert _report(client, paper, kind="rude").status_code == 404
    assert _report(client, paper, text=" ").status_code == 422
    assert _report(client, paper).status_code == 302
    assert _report(client, paper).status_code == 409
    assert len(db.session.scalars(db.select(QuestionReport)).all()) == 1


# Pure parts


def test_differences_name_each_field_down_to_the_word() -> None:
    before = QuestionContent(type=QuestionType.SINGLE, stem="1小时内报告", options=("甲", "乙"), key=(0,))
    after = QuestionContent(type=QuestionType.SINGLE, stem="2小时内报告", options=("甲", "乙"), key=(1,))

    found = differences(before, after)

    assert [str(one.field) for one in found] == ["题干", "答案"]
    assert [(piece.kind, piece.text) for piece in found[0].pieces] == [
        ("delete", "1"), ("insert", "2"), ("equal", "小时内报告"),
    ]  # fmt: skip
    assert differences(before, before) == []


def test_a_form_with_nonsense_in_it_gives_a_question_or_a_refusal() -> None:
    for kind in QuestionType:
        form = MultiDict(
            {"key": "x", "blanks": "\n\n", "difficulty": "?", "roles": "boss", "part-0-type": "?"}
        )
        content = forms.read_content(form, kind)
        assert content.type is kind
        assert content.roles == ()
