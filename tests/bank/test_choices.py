"""What a clerk is shown beside a row, and may leave out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.kinds import GrantKind
from quizapp.audit.models import AuditEntry
from quizapp.bank import queries as bank_queries
from quizapp.bank.models import Bank, Question
from quizapp.extensions import db
from quizapp.imports.models import ImportRow
from tests import builders
from tests.pages import sign_in, token

HEADINGS = "编号,题型,题干,选项A,选项B,答案"
FIRST = "AQ-1,单选题,单位负责人接到事故报告后应当在多长时间内上报？,一小时,二小时,A"


@pytest.fixture
def bank(app: Flask) -> Bank:
    found = builders.make_bank()
    db.session.commit()
    return found


@pytest.fixture
def clerk(app: Flask) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


def _upload(clerk: FlaskClient, bank: Bank, *rows: str) -> str:
    """Upload a file; return the address of its preview."""
    page = f"/banks/{bank.slug}/import"
    content = "\n".join((HEADINGS, *rows)).encode()
    form = {"csrf_token": token(clerk.get(page).text), "file": (io.BytesIO(content), "题.csv")}
    location: str = clerk.post(page, data=form).location
    return location


def _send(clerk: FlaskClient, preview: str, what: str, **form: Any) -> Any:
    return clerk.post(f"{preview}/{what}", data={**form, "csrf_token": token(clerk.get(preview).text)})


def _import(clerk: FlaskClient, bank: Bank, *rows: str) -> None:
    _send(clerk, _upload(clerk, bank, *rows), "apply")


def _keys(bank: Bank) -> dict[str, tuple[int, ...]]:
    db.session.rollback()
    rows = bank_queries.revisions_in_force(bank.id)
    return {question.code: tuple(revision.key) for question, revision in rows}


def _position(flag: str) -> int:
    db.session.rollback()
    found: int = db.session.scalars(db.select(ImportRow.position).where(ImportRow.flag == flag)).one()
    return found


def test_another_key_is_shown_beside_the_banks_and_taken_when_confirmed(
    clerk: FlaskClient, bank: Bank
) -> None:
    _import(clerk, bank, FIRST)

    preview = _upload(clerk, bank, FIRST[:-1] + "B")
    page = clerk.get(preview).text
    _send(clerk, preview, "apply")

    assert "题库中现在是" in page
    assert "题库中同一道题的答案不同" in page
    assert _keys(bank) == {"AQ-1": (1,)}


def test_a_row_that_is_left_out_changes_nothing_and_that_is_on_record(clerk: FlaskClient, bank: Bank) -> None:
    _import(clerk, bank, FIRST)
    other = "AQ-2,单选题,疏散通道可以堆放货物吗？,可以,不可以,B"

    preview = _upload(clerk, bank, FIRST[:-1] + "B", other)
    position = _position("conflict")
    _send(clerk, preview, "choices", shown=position, skip=position, fate="conflict")
    page = clerk.get(preview).text
    _send(clerk, preview, "apply")

    assert "将新增 1 题，修改 0 题" in page
    assert _keys(bank) == {"AQ-1": (0,), "AQ-2": (1,)}
    entry = db.session.scalars(
        db.select(AuditEntry).where(AuditEntry.action == "bank.import").order_by(AuditEntry.sequence.desc())
    ).first()
    assert entry
    assert entry.detail["skipped"] == 1


def test_a_choice_can_be_taken_back_and_touches_only_flagged_rows_shown(
    clerk: FlaskClient, bank: Bank
) -> None:
    _import(clerk, bank, FIRST)
    preview = _upload(clerk, bank, FIRST[:-1] + "B", "AQ-2,单选题,疏散通道可以堆放货物吗？,可以,不可以,B")
    position = _position("conflict")

    _send(clerk, preview, "choices", shown=position, skip=position)
    _send(clerk, preview, "choices", shown=[position, 1 - position], skip=1 - position)

    assert not any(db.session.scalars(db.select(ImportRow.skipped)))


def test_a_likely_repetition_stands_beside_its_twin_in_the_bank_or_the_file(
    clerk: FlaskClient, bank: Bank
) -> None:
    _import(clerk, bank, FIRST)
    near = "AQ-7,单选题,单位负责人接到事故报告以后应当在多长时间内上报？,一小时,二小时,A"
    nearer = "AQ-8,单选题,单位负责人接到事故报告以后应当在多少时间内上报？,一小时,二小时,A"

    page = clerk.get(_upload(clerk, bank, near, nearer) + "?fate=alike").text

    assert "题库中的 AQ-1" in page
    assert "本文件第 2 行" in page
    assert page.count("略过这道题") == 2


def test_the_good_rows_alone_come_in_when_the_clerk_says_so(clerk: FlaskClient, bank: Bank) -> None:
    preview = _upload(clerk, bank, FIRST, "AQ-2,单选题,没有答案的题？,可以,不可以,")

    whole = _send(clerk, preview, "apply")
    nothing = _keys(bank)
    _send(clerk, preview, "apply", act="good_only")

    assert whole.status_code == 409
    assert nothing == {}
    assert _keys(bank) == {"AQ-1": (0,)}
    assert "有 1 行不合格，没有导入" in clerk.get(preview).text
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "bank.import")).one()
    assert entry.detail["good_rows_only"] is True


def test_choices_are_over_when_the_import_is(clerk: FlaskClient, bank: Bank) -> None:
    preview = _upload(clerk, bank, FIRST)
    _send(clerk, preview, "apply")

    assert _send(clerk, preview, "choices", shown=0, skip=0).status_code == 409
    assert len(db.session.scalars(db.select(Question)).all()) == 1
