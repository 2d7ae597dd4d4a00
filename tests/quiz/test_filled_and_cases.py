"""Questions to fill in and cases, from the paper to the result."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.models import Account
from quizapp.bank.questions import QuestionType
from quizapp.campaigns.models import Enrolment
from quizapp.extensions import db
from quizapp.quiz.models import Attempt, BlueprintSection
from tests import builders
from tests.pages import begin_quiz, sign_in, token

FILL_IN, CASE = QuestionType.FILL_IN, QuestionType.CASE


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    """A paper of one question to fill in and one case with three parts, at 5 points a place."""
    track = builders.make_track(builders.make_campaign())
    bank = builders.make_bank()
    for kind in (FILL_IN, FILL_IN, CASE, CASE):
        builders.make_question(bank, kind)
    builders.make_blueprint(track, bank, {FILL_IN: 1, CASE: 1})
    enrolment = builders.make_learner(track)
    db.session.commit()
    return enrolment


@pytest.fixture
def client(app: Flask, enrolment: Enrolment) -> FlaskClient:
    return sign_in(app, db.session.get_one(Account, enrolment.account_id))


def _attempt() -> Attempt:
    db.session.rollback()
    found: Attempt = db.session.scalars(db.select(Attempt)).one()
    return found


def _save(client: FlaskClient, paper: str, **answer: object) -> tuple[int, dict[str, object]]:
    headers = {"X-CSRFToken": token(client.get("/me").text)}
    reply = client.post(f"{paper}/answers", json={"sequence": 1, **answer}, headers=headers)
    return reply.status_code, reply.get_json()


def _shown(item: dict[str, list[int]], *right: int) -> list[int]:
    return [item["order"].index(original) for original in right]


def test_a_case_stands_on_the_paper_with_all_its_parts_and_no_key_is_told(
    client: FlaskClient, enrolment: Enrolment
) -> None:
    page = client.get(begin_quiz(client, enrolment.track_id)).text

    assert page.count('class="question fill_in"') == 2
    assert page.count("个案例的材料。") == 3
    assert "一小时" not in page
    assert "1小时" not in page
    assert "解析" not in page


def test_every_place_is_saved_graded_and_shown(client: FlaskClient, enrolment: Enrolment) -> None:
    paper = begin_quiz(client, enrolment.track_id)
    places = _attempt().paper

    filled = _save(client, paper, place=0, texts=[" １小时 ", "2.4"])
    single = _save(client, paper, place=1, choice=_shown(places[1], 1))
    multiple = _save(client, paper, place=2, choice=_shown(places[2], 0, 2))
    wrong = _save(client, paper, place=3, texts=["两天", ""])
    client.post(f"{paper}/submission", data={"csrf_token": token(client.get(paper).text)})

    assert [reply[0] for reply in (filled, single, multiple, wrong)] == [200] * 4
    assert filled[1]["texts"] == ["１小时", "2.4"]
    assert _attempt().marks == [5, 5, 5, 0]
    result = client.get(f"{paper}/result").text
    assert "第 4 题 错" in result
    assert "两天；—" in result
    assert "一小时 / 1小时；2 ± 0.5" in result


def test_a_page_without_scripts_hands_in_blanks_too(client: FlaskClient, enrolment: Enrolment) -> None:
    paper = begin_quiz(client, enrolment.track_id)
    places = _attempt().paper
    form = {"csrf_token": token(client.get(paper).text), **{f"sequence-{place}": "1" for place in range(4)}}
    answers = {
        "text-0": ["1小时", "2"],
        "answer-1": [str(place) for place in _shown(places[1], 1)],
        "answer-2": [str(place) for place in _shown(places[2], 0, 2)],
        "text-3": ["一小时", "1.5"],
    }

    client.post(f"{paper}/submission", data={**form, **answers})

    assert _attempt().marks == [5, 5, 5, 5]
    assert _attempt().passed


@pytest.mark.parametrize(
    "answer",
    [
        {"place": 0, "choice": [0]},
        {"place": 0, "texts": ["只有一个"]},
        {"place": 0, "texts": ["长" * 201, "2"]},
        {"place": 0, "texts": [1, 2]},
        {"place": 0, "texts": "1小时"},
        {"place": 1, "texts": ["1小时", "2"]},
        {"place": 1, "choice": [0], "texts": ["1小时"]},
    ],
)
def test_an_answer_of_the_wrong_kind_changes_nothing(
    client: FlaskClient, enrolment: Enrolment, answer: dict[str, object]
) -> None:
    paper = begin_quiz(client, enrolment.track_id)

    status, _ = _save(client, paper, **answer)

    assert status == 422
    assert _attempt().answers == {}


def test_blanks_that_were_emptied_again_are_unanswered(client: FlaskClient, enrolment: Enrolment) -> None:
    paper = begin_quiz(client, enrolment.track_id)
    _save(client, paper, place=0, texts=["1小时", "2"])
    _save(client, paper, place=0, sequence=2, texts=["", " "])

    held = _attempt().answers["0"]
    assert (held["sequence"], held["choice"]) == (2, [])
    assert "还有 4 题没有作答" in client.get(paper).text


def test_part_marks_are_given_where_the_section_says_so(client: FlaskClient, enrolment: Enrolment) -> None:
    db.session.execute(db.update(BlueprintSection).values(scoring="partial"))
    db.session.commit()
    paper = begin_quiz(client, enrolment.track_id)
    places = _attempt().paper
    _save(client, paper, place=0, texts=["1小时", "9"])
    _save(client, paper, place=2, choice=_shown(places[2], 2))

    client.post(f"{paper}/submission", data={"csrf_token": token(client.get(paper).text)})

    assert _attempt().marks == [2, 0, 2, 0]
    assert "部分对" in client.get(f"{paper}/result").text
