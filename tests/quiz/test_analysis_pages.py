"""Item analysis of a bank: counted from closed papers, listed, looked at one by one, exported."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.audit.models import AuditEntry
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.bank.questions import QuestionType
from quizapp.campaigns.models import Track
from quizapp.extensions import db
from quizapp.quiz import analyses, attempts
from quizapp.quiz.answers import Answer
from quizapp.quiz.models import Attempt, ClosedBy
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in, token

PAPERS = 24


def make_closed(
    track: Track,
    items: list[tuple[QuestionRevision, list[int], int]],
    *,
    seconds: int = 30,
    part: int | None = None,
) -> Attempt:
    """A closed paper of these revisions, each with what was chosen and the points earned of 5."""
    account = builders.make_account()
    started = clock.now() - timedelta(hours=1)
    paper = [
        {"question_id": revision.question_id, "revision_id": revision.id, "type": revision.type.value,
         "order": list(range(len(revision.options))), "points": 5, "scoring": "all_or_nothing", "blanks": 0,
         "part": part}
        for revision, _, _ in items
    ]  # fmt: skip
    answers = {
        str(place): {"sequence": 1, "choice": chosen,
                     "at": (started + timedelta(seconds=seconds * (place + 1))).isoformat(timespec="seconds")}
        for place, (_, chosen, _) in enumerate(items) if chosen
    }  # fmt: skip
    marks = [earned for _, _, earned in items]
    attempt = Attempt(
        account_id=account.id, track_id=track.id, number=1, attempt_limit=2, pass_mark=80, seed=1, paper=paper,
        answers=answers, marks=marks, started_at=started, deadline_at=clock.now(), closed_at=clock.now(),
        closed_by=ClosedBy.LEARNER, points=sum(marks), total_points=5 * len(items), passed=False,
    )  # fmt: skip
    builders.added(attempt)
    return attempt


@pytest.fixture
def track(app: Flask) -> Track:
    return builders.make_track(builders.make_campaign())


@pytest.fixture
def bank(track: Track) -> Bank:
    """A bank of three questions: a good one, one whose key fewer of the better half chose, an unused one."""
    bank = builders.make_bank()
    good, misleading, _ = (builders.make_question(bank) for _ in range(3))
    elsewhere = builders.make_question(builders.make_bank())
    for number in range(PAPERS):
        able = number % 2 == 0
        make_closed(
            track,
            [
                (good, [1] if able else [0, 2][number % 4 // 2 : number % 4 // 2 + 1], 5 if able else 0),
                (misleading, [3] if able else ([1] if number % 4 == 1 else []), 5 if number % 4 == 1 else 0),
                (elsewhere, [1] if able else [0], 5 if able else 0),
            ],
        )
    open_one = make_closed(track, [(good, [1], 5)])
    open_one.closed_at = open_one.closed_by = open_one.points = open_one.passed = open_one.marks = None
    db.session.commit()
    return bank


@pytest.fixture
def editor(app: Flask, track: Track) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


def count(client: FlaskClient, bank: Bank) -> Any:
    address = f"/banks/{bank.slug}/analysis"
    return client.post(address, data={"csrf_token": token(client.get(address).text)})


def rows_of(bank: Bank) -> dict[int, Any]:
    db.session.rollback()
    found = analyses.find_analysis(bank.id)
    assert found
    return {row.question_id: row for row in found.rows}


def test_the_figures_are_those_of_the_closed_papers_with_the_banks_questions(
    editor: FlaskClient, bank: Bank
) -> None:
    assert "还没有统计过" in editor.get(f"/banks/{bank.slug}/analysis").text

    assert count(editor, bank).status_code == 302

    rows = list(rows_of(bank).values())
    found = analyses.find_analysis(bank.id)
    assert found
    assert (found.papers, len(rows)) == (PAPERS, 3)
    good, misleading, unused = (row.figures for row in rows)
    assert (good.used, good.facility, good.discrimination) == (PAPERS, 0.5, 1.0)
    assert [option.count for option in good.options] == [6, 12, 6, 0]
    assert (good.timed, good.seconds) == (PAPERS, 30)
    assert (misleading.left_open, misleading.facility) == (6, 0.25)
    assert (misleading.discrimination, misleading.correlation) == (0.0, -0.5774)
    assert "misleading_distractor" in misleading.concerns
    assert (unused.used, unused.facility, unused.concerns) == (0, None, ())


def test_a_count_takes_the_place_of_the_last_one(
    editor: FlaskClient, track: Track, bank: Bank, moved_clock: MovableClock
) -> None:
    count(editor, bank)
    first = db.session.scalars(db.select(QuestionRevision).order_by(QuestionRevision.id)).first()
    assert first
    make_closed(track, [(first, [1], 5)])
    db.session.commit()
    moved_clock.forward(minutes=5)

    count(editor, bank)

    assert rows_of(bank)[first.question_id].figures.used == PAPERS + 1
    assert "12:05" in editor.get(f"/banks/{bank.slug}/analysis").text


def _revise(revision: QuestionRevision, number: int, key: list[int], stem: str) -> QuestionRevision:
    revised = QuestionRevision(
        question_id=revision.question_id, number=number, type=revision.type, stem=stem, options=revision.options,
        key=key, explanation="", source="", tags=[], difficulty=revision.difficulty, roles=[],
        created_at=revision.created_at,
    )  # fmt: skip
    builders.added(revised)
    db.session.get_one(Question, revision.question_id).revision = number
    return revised


def test_revisions_are_summed_while_their_key_stays_and_stand_apart_when_it_changed(
    editor: FlaskClient, track: Track
) -> None:
    bank = builders.make_bank()
    first = builders.make_question(bank)
    wrong_key = [first, _revise(first, 2, [1], "改过题干？")]
    corrected = [_revise(first, 3, [2], "改过答案？"), _revise(first, 4, [2], "又改题干？")]
    for revision, papers in zip([*wrong_key, *corrected], (1, 2, 30, 5), strict=True):
        for number in range(papers):
            make_closed(track, [(revision, [2 if number % 2 else 0], 5 if number % 2 else 0)])
    db.session.commit()

    count(editor, bank)

    row = rows_of(bank)[first.question_id]
    assert row.revisions == (3, 4)
    assert row.figures.used == 35
    assert {number: found.used for number, found in row.by_revision.items()} == {1: 1, 2: 2, 3: 30, 4: 5}
    assert row.by_revision[4].facility is None
    assert [option.is_key for option in row.by_revision[1].options] == [False, True, False, False]
    page = editor.get(f"/banks/{bank.slug}/analysis/{first.question_id}").text
    assert page.count("答案已改，不计入合计") == 2
    assert "又改题干？" in page


def test_each_part_of_a_case_is_an_item(editor: FlaskClient, track: Track) -> None:
    bank = builders.make_bank()
    builders.make_question(bank, QuestionType.CASE)
    builders.make_blueprint(track, bank, {QuestionType.CASE: 1})
    learner = builders.make_learner(track)
    db.session.commit()
    attempt = attempts.start(learner.account_id, track.id)
    attempts.save(
        learner.account_id, attempt.id, Answer(0, 1, tuple(builders.right_choice(attempt.paper[0])))
    )
    attempts.save(learner.account_id, attempt.id, Answer(2, 1, texts=("一小时", "9")))
    attempts.submit(learner.account_id, attempt.id)
    db.session.commit()

    count(editor, bank)

    found = analyses.find_analysis(bank.id)
    assert found
    assert [(row.part, row.type, row.figures.left_open) for row in found.rows] == [
        (0, "single", 0),
        (1, "multiple", 1),
        (2, "fill_in", 0),
    ]
    assert found.papers == 1
    page = editor.get(f"/banks/{bank.slug}/analysis/{found.rows[0].question_id}")
    assert page.text.count("小题") == 3


@pytest.mark.parametrize(
    ("asked", "stems"),
    [
        ({}, [0, 1, 2]),
        ({"sort": "facility", "order": "up"}, [1, 0, 2]),
        ({"sort": "facility", "order": "down"}, [0, 1, 2]),
        ({"sort": "discrimination"}, [1, 0, 2]),
        ({"sort": "used"}, [2, 0, 1]),
        ({"sort": "nonsense", "type": "nonsense", "concern": "nonsense", "page": "x"}, [0, 1, 2]),
        ({"concern": "misleading_distractor"}, [1]),
        ({"type": "multiple"}, []),
        ({"page": "9"}, []),
    ],
)
def test_the_list_is_filtered_and_ordered_by_its_address_and_so_is_the_export(
    editor: FlaskClient, bank: Bank, asked: dict[str, str], stems: list[int]
) -> None:
    count(editor, bank)
    names = list(
        db.session.scalars(
            db.select(QuestionRevision.stem)
            .join(Question, Question.id == QuestionRevision.question_id)
            .where(Question.bank_id == bank.id)
            .order_by(QuestionRevision.id)
        )
    )
    address = f"/banks/{bank.slug}/analysis"
    page = editor.get(address, query_string=asked).text
    shown = [row.split("</a>")[0].rsplit(">", 1)[1] for row in page.split('class="item-stem"')[1:]]
    answer = editor.post(
        f"{address}/export", query_string=asked, data={"format": "csv", "csrf_token": token(page)}
    )
    lines = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))

    assert shown == [names[place] for place in stems]
    if "page" not in asked:
        assert [line[2] for line in lines[1:]] == shown
    detail = db.session.scalars(
        db.select(AuditEntry.detail).where(AuditEntry.action == "analysis.export")
    ).one()
    assert detail == {
        "format": "csv",
        "filter": {name: value for name, value in asked.items() if name != "page"},
    }


def test_the_export_holds_counts_for_each_option_and_empty_cells_for_what_is_not_known(
    editor: FlaskClient, bank: Bank
) -> None:
    count(editor, bank)
    address = f"/banks/{bank.slug}/analysis"
    form = {"format": "csv", "csrf_token": token(editor.get(address).text)}
    lines = list(
        csv.DictReader(io.StringIO(editor.post(f"{address}/export", data=form).text.lstrip("\ufeff")))
    )
    workbook = editor.post(f"{address}/export", data={**form, "format": "xlsx"})

    assert (lines[0]["使用次数"], lines[0]["得分率（百分比）"], lines[0]["区分度"]) == ("24", "50.0", "1.0")
    assert [lines[0][f"选项{letter}"] for letter in "ABCDE"] == ["6", "12", "6", "0", ""]
    assert lines[0]["正确选项"] == "B"
    assert (lines[2]["使用次数"], lines[2]["得分率（百分比）"], lines[2]["用时中位数（秒）"]) == ("0", "", "")
    assert workbook.data.startswith(b"PK")
    assert editor.post(f"{address}/export", data={**form, "format": "exe"}).status_code == 400


def test_a_question_of_another_bank_is_not_there(editor: FlaskClient, bank: Bank) -> None:
    other = builders.make_question(builders.make_bank())
    db.session.commit()

    assert editor.get(f"/banks/{bank.slug}/analysis/{other.question_id}").status_code == 404
    assert editor.get("/banks/nowhere/analysis").status_code == 404


def test_the_page_of_a_bank_leads_to_each_questions_figures(editor: FlaskClient, bank: Bank) -> None:
    page = editor.get(f"/banks/{bank.slug}").text
    links = [part.split('"')[0] for part in page.split(f'href="/banks/{bank.slug}/analysis/')[1:]]

    assert len(links) == 3
    assert "还没有统计过这道题" in editor.get(f"/banks/{bank.slug}/analysis/{links[0]}").text


def test_progress_is_told_and_nothing_is_under_way_after_the_count(editor: FlaskClient, bank: Bank) -> None:
    count(editor, bank)

    told = editor.get(f"/banks/{bank.slug}/analysis/progress").json

    assert told == {"state": "counted", "step": "", "percent": 0, "silent": False}
    assert "job-bar" not in editor.get(f"/banks/{bank.slug}/analysis").text


def test_the_command_counts_too(app: Flask, bank: Bank) -> None:
    done = app.test_cli_runner().invoke(args=["quiz", "analyse", "--bank", bank.slug, "--json"])

    assert json.loads(done.output) == {"papers": PAPERS, "items": 3, "with_concerns": 2}
    assert len(rows_of(bank)) == 3


def test_the_first_save_of_a_place_keeps_its_moment_whatever_comes_later(
    app: Flask, track: Track, moved_clock: MovableClock
) -> None:
    builders.make_quiz(track)
    learner = builders.make_learner(track)
    db.session.commit()
    attempt = attempts.start(learner.account_id, track.id)
    first = moved_clock.forward(seconds=20)
    attempts.save(learner.account_id, attempt.id, Answer(0, 1, (0,)))
    moved_clock.forward(seconds=20)
    attempts.save(learner.account_id, attempt.id, Answer(0, 2, (1,)))
    attempts.submit(learner.account_id, attempt.id, [Answer(0, 3, (0,)), Answer(1, 1, (0,))])
    db.session.commit()

    assert attempt.answers["0"]["at"] == first.isoformat(timespec="seconds")
    assert attempt.answers["0"]["sequence"] == 3
    assert "at" not in attempt.answers["1"]
