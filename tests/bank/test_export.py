"""A bank on its way out and in again, through pages and commands."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from quizapp.accounts.kinds import GrantKind
from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.models import AuditEntry
from quizapp.bank import queries, revising
from quizapp.bank.formats.registry import FORMATS
from quizapp.bank.models import Bank
from quizapp.bank.questions import QuestionContent, QuestionState, QuestionType
from quizapp.extensions import db
from quizapp.files import store
from quizapp.files.references import refer, without_pictures
from tests import builders
from tests.bank.strategies import PICTURES
from tests.pages import sign_in, token

WRITABLE = [one.name for one in FORMATS if one.write]


@pytest.fixture
def bank(app: Flask) -> Bank:
    """A bank with a question of every type, one of them with a picture, and one that is retired."""
    found = builders.make_bank()
    store.keep_pictures(COMMAND_LINE, PICTURES.values())
    for number, kind in enumerate(QuestionType, start=1):
        content = builders.make_content(kind, number)
        revising.add_question(COMMAND_LINE, found.id, content)
    stem = f"图中是什么？\n{refer(min(PICTURES), '锅炉房')}"
    shown = QuestionContent(
        type=QuestionType.SINGLE, stem=stem, options=("锅炉", "冲床"), key=(0,), code="P-1"
    )
    revising.add_question(COMMAND_LINE, found.id, shown)
    retired = revising.add_question(COMMAND_LINE, found.id, builders.make_content(QuestionType.SINGLE, 99))
    revising.set_state(COMMAND_LINE, retired, QuestionState.RETIRED)
    db.session.commit()
    return found


def _contents(bank_id: int) -> list[QuestionContent]:
    db.session.rollback()
    rows = queries.revisions_in_force(bank_id)
    return [
        queries.content_of(revision) for question, revision in rows if question.state is QuestionState.ACTIVE
    ]


@pytest.mark.parametrize("name", WRITABLE)
def test_a_bank_goes_out_by_command_and_comes_into_another_the_same(
    app: Flask, bank: Bank, tmp_path: Path, name: str
) -> None:
    other = builders.make_bank()
    db.session.commit()
    before, bank_slug, other_slug, other_id = _contents(bank.id), bank.slug, other.slug, other.id
    run = app.test_cli_runner()
    ending = next(one.endings[0] for one in FORMATS if one.name == name)
    file = tmp_path / f"bank.{ending}"

    out = run.invoke(args=["bank", "export", "--bank", bank_slug, "--format", name, "--out", str(file)])
    back = run.invoke(args=["bank", "import", str(file), "--bank", other_slug, "--format", name, "--json"])

    assert out.exit_code == 0, out.output
    assert json.loads(back.output)["refused"] == []
    if name == "csv":  # which has no place for pictures
        before = [replace(content, stem=without_pictures(content.stem)) for content in before]
    assert _contents(other_id) == before
    again = run.invoke(args=["bank", "import", str(file), "--bank", other_slug, "--json"])
    assert json.loads(again.output)["new"] == 0


def test_an_export_from_the_page_is_on_record(app: Flask, bank: Bank) -> None:
    auditor = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    client = sign_in(app, auditor)
    page = f"/banks/{bank.slug}"

    form = {"csrf_token": token(client.get(page).text), "format": "json"}
    answer = client.post(f"{page}/export", data=form)
    unknown = client.post(f"{page}/export", data={**form, "format": "doc"})

    assert len(json.loads(answer.text)["questions"]) == len(QuestionType) + 1
    assert unknown.status_code == 422
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "bank.export")).one()
    assert entry.detail == {"format": "json", "questions": len(QuestionType) + 1}
