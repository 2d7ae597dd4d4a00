"""The demonstration district: the same from the same seed, marked as such, true in itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from config import ROOT
from quizapp.accounts.models import Account
from quizapp.campaigns.models import Campaign, Enrolment
from quizapp.coverage.selection import Status
from quizapp.demo.population import make_enterprises
from quizapp.directory.models import Enterprise
from quizapp.directory.uscc import is_valid
from quizapp.extensions import db
from tests import builders


def run(app: Flask, *arguments: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def content(app: Flask) -> None:
    run(app, "study", "load", str(ROOT / "question_bank/modules"))
    run(app, "bank", "create", "--slug", "work-safety", "--name", "题库")
    for file in sorted((ROOT / "question_bank/banks").glob("*.csv")):
        assert run(app, "bank", "import", str(file), "--bank", "work-safety").exit_code == 0


def test_the_same_seed_makes_the_same_people_and_another_does_not() -> None:
    first, again, other = (list(make_enterprises(20, 200, seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_a_loaded_district_is_marked_and_every_figure_in_it_is_true(app: Flask, content: None) -> None:
    assert run(app, "demo", "load", "--enterprises", "12", "--people", "120").exit_code == 0
    again = run(app, "demo", "load", "--enterprises", "12", "--people", "120")

    assert "already" in again.output
    assert run(app, "coverage", "verify").output == "0 differences\n"
    assert run(app, "audit", "verify").exit_code == 0
    assert db.session.scalars(select(Campaign.is_demonstration)).all() == [True]
    assert db.session.scalar(select(func.count(Enterprise.id))) == 12
    assert all("演示" in name for name in db.session.scalars(select(Enterprise.name)))
    assert all(is_valid(code) for code in db.session.scalars(select(Enterprise.uscc)))
    phones = db.session.scalars(select(Account.phone)).all()
    assert all(phone.startswith("100") for phone in phones), "no number that somebody could have"


def test_the_district_shows_every_state_and_each_list_holds_just_its_people(
    app: Flask, content: None, tmp_path: Path
) -> None:
    run(app, "demo", "load", "--enterprises", "20", "--people", "300")
    listed = {}
    for status in Status:
        file = tmp_path / f"{status}.csv"
        command = ("coverage", "list", "--status", status.value, "--format", "csv", "--out", str(file))
        assert run(app, *command).exit_code == 0
        listed[status] = len(file.read_text(encoding="utf-8-sig").splitlines()) - 1

    assert sum(listed.values()) == db.session.scalar(select(func.count(Enrolment.id)))
    assert all(
        listed[status] for status in (Status.COMPLETE, Status.STUDIED, Status.STUDYING, Status.UNTOUCHED)
    )


def test_it_is_never_loaded_over_somebodys_data(app: Flask, content: None) -> None:
    builders.make_enterprise(builders.make_region())
    db.session.commit()

    refused = run(app, "demo", "load")

    assert refused.exit_code == 1
    assert "不能载入演示区" in refused.output
