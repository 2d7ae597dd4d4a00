"""The main job through the pages: a learner completes, the figures move, the list has them."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.accounts.policy import TABLE, action_of
from quizapp.audit import queries as audit_queries
from quizapp.campaigns.models import Enrolment
from quizapp.extensions import db
from quizapp.quiz.models import Attempt
from quizapp.web.security import FILE_ENDPOINTS
from tests import builders
from tests.conftest import MovableClock
from tests.pages import begin_quiz, sign_in, token


@pytest.fixture
def enrolment(app: Flask) -> Enrolment:
    track = builders.make_track(builders.make_campaign(), study_first=True)
    builders.make_quiz(track)
    builders.make_module(track, min_seconds=30)
    enterprise = builders.make_enterprise(builders.make_region())
    builders.make_enrolment(builders.make_account("别人"), track, enterprise)
    enrolment = builders.make_enrolment(builders.make_account(), track, enterprise)
    db.session.commit()
    return enrolment


def study(client: FlaskClient, module_id: int, moved_clock: MovableClock) -> None:
    page = client.get(f"/modules/{module_id}").text
    headers = {"X-CSRFToken": token(page)}
    for visible_ms, at_end in ((0, False), (15000, False), (15000, True)):
        answer = client.post(
            f"/modules/{module_id}/beats", json={"visible_ms": visible_ms, "at_end": at_end}, headers=headers
        )
        assert answer.status_code == 200
        moved_clock.forward(seconds=15)
    assert answer.json is not None
    assert answer.json["is_done"]


def take(client: FlaskClient, enrolment: Enrolment) -> str:
    paper = begin_quiz(client, enrolment.track_id)
    headers = {"X-CSRFToken": token(client.get(paper).text)}
    attempt_id = int(paper.rsplit("/", 1)[1])
    attempt = db.session.get(Attempt, attempt_id)
    assert attempt
    for place, item in enumerate(attempt.paper):
        saved = client.post(
            f"/attempts/{attempt_id}/answers",
            json={"place": place, "sequence": 1, "choice": builders.right_choice(item)},
            headers=headers,
        )
        assert saved.json is not None
        assert saved.json["accepted"]
    answer = client.post(f"/attempts/{attempt_id}/submission", data={"csrf_token": headers["X-CSRFToken"]})
    return client.get(answer.location).text


def test_a_learner_completes_and_both_figure_and_list_show_it(
    app: Flask, enrolment: Enrolment, moved_clock: MovableClock
) -> None:
    auditor_account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    account = db.session.get(Account, enrolment.account_id)
    assert account
    client = sign_in(app, account)
    home = client.get("/").text
    module_id = int(re.search(r"/modules/(\d+)", home)[1])  # type: ignore[index]
    early = client.post(
        f"/tracks/{enrolment.track_id}/attempts", data={"csrf_token": token(client.get("/me").text)}
    )
    assert early.status_code == 409

    study(client, module_id, moved_clock)
    result = take(client, enrolment)

    assert "合格" in result
    assert "您已完成" in client.get("/").text
    auditor = sign_in(app, auditor_account)
    dashboard = auditor.get("/coverage").text
    assert "50.0" in dashboard
    listing = auditor.get("/coverage/list?status=complete").text
    assert "周立安" in listing
    assert "别人" not in listing
    form = {"csrf_token": token(listing), "format": "xlsx"}
    book = openpyxl.load_workbook(
        io.BytesIO(auditor.post("/coverage/list/export?status=complete", data=form).data)
    )
    assert [row[5] for row in book.active.iter_rows(values_only=True)] == ["姓名", "周立安"]
    as_csv = auditor.post("/coverage/list/export", data={**form, "format": "csv"}).data.decode("utf-8-sig")
    assert as_csv.count("\n") == 3
    assert not list(audit_queries.broken_links())


def test_a_wrong_password_does_not_tell_which_part_was_wrong(app: Flask, enrolment: Enrolment) -> None:
    account = db.session.get(Account, enrolment.account_id)
    assert account
    pages = []
    for phone in (account.phone, "19999999999"):
        client = app.test_client()
        form = {
            "phone": phone,
            "password": "wrong password",
            "csrf_token": token(client.get("/sign-in").text),
        }
        answer = client.post("/sign-in", data=form)
        assert answer.status_code == 403
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))

    assert pages[0] == pages[1]


def test_every_route_asks_the_policy(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()} - FILE_ENDPOINTS

    assert [endpoint for endpoint in endpoints if action_of(endpoint) not in TABLE] == []


def test_a_learner_is_refused_every_staff_page(app: Flask, enrolment: Enrolment) -> None:
    account = db.session.get(Account, enrolment.account_id)
    assert account
    client = sign_in(app, account)
    for path in ("/coverage", "/coverage/list", "/coverage/enterprises", "/banks", "/imports/1"):
        assert client.get(path).status_code == 403


def test_a_post_without_its_token_is_refused(app: Flask, enrolment: Enrolment) -> None:
    account = db.session.get(Account, enrolment.account_id)
    assert account
    client = sign_in(app, account)

    assert client.post(f"/tracks/{enrolment.track_id}/attempts").status_code == 400


def test_pages_tell_the_browser_what_to_guard(app: Flask) -> None:
    answer = app.test_client().get("/sign-in")

    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Lax" in answer.headers["Set-Cookie"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "style=" not in answer.text
