"""The application on a real SQLite file and on a real PostgreSQL server, with a clock that tests move."""

from __future__ import annotations

import contextvars
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from playwright.sync_api import Browser, sync_playwright

from config import Settings
from quizapp import clock
from quizapp.extensions import db
from quizapp.factory import create_app
from tests import servers

NOON = datetime(2026, 9, 18, 4, 0, tzinfo=UTC)
TABLES_KEPT = {"alembic_version", "audit_head"}
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class MovableClock:
    """The application's clock, standing still until it is moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **parts: float) -> datetime:
        """Move on and return the new moment."""
        self.moment += timedelta(**parts)
        return self.moment


class FreshClient(FlaskClient):
    """Each request in a context of its own, as in a server; the test's own transaction ends first."""

    def open(self, *args: Any, **values: Any) -> Any:
        db.session.rollback()
        return contextvars.Context().run(super().open, *args, **values)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if servers.postgres_programs() is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    with servers.postgres() as url:
        yield url


def settings(url: str, folder: Path) -> Settings:
    """Return settings for tests: a cheap password hash, no second factor demanded, jobs at once; all else as in production."""
    return Settings(
        database_url=url,
        secret_key=secrets.token_hex(32),
        var_dir=folder,
        argon2_time_cost=1,
        argon2_memory_kib=8,
        second_factor_for=(),
        jobs_url="immediate",
    )


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def whole_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("var")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'test.sqlite3'}"
    else:
        url = request.getfixturevalue("postgres_url")
    app = create_app(settings(url, folder))
    app.test_client_class = FreshClient
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def moved_clock() -> Iterator[MovableClock]:
    movable = MovableClock()
    clock.set_source(movable)
    yield movable
    clock.set_source(None)


@pytest.fixture
def real_time_app(whole_app: Flask) -> Iterator[Flask]:
    """The application with empty tables and the clock of the machine."""
    with whole_app.app_context():
        yield whole_app
        db.session.rollback()
        empty_tables()


@pytest.fixture
def app(real_time_app: Flask, moved_clock: MovableClock) -> Flask:
    """The application with empty tables and a clock that stands still."""
    return real_time_app


def empty_tables() -> None:
    """Take every row out, the append-only ones too."""
    names = [table.name for table in db.metadata.sorted_tables if table.name not in TABLES_KEPT]
    with triggers_set_aside():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(sqlalchemy.text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            db.session.execute(sqlalchemy.text("PRAGMA defer_foreign_keys = ON"))
            for table in reversed(names):
                db.session.execute(sqlalchemy.text(f"DELETE FROM {table}"))
    db.session.execute(sqlalchemy.text(f"UPDATE audit_head SET sequence = 0, hash = '{'0' * 64}'"))
    db.session.commit()


@contextmanager
def triggers_set_aside() -> Iterator[None]:
    """The triggers do their work for everybody else; only the database's owner may set them aside."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sqlalchemy.text("SET session_replication_role = replica"))
        yield
        db.session.execute(sqlalchemy.text("SET session_replication_role = DEFAULT"))
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = db.session.execute(sqlalchemy.text(query)).all()
    for name, _ in triggers:
        db.session.execute(sqlalchemy.text(f"DROP TRIGGER {name}"))
    yield
    for _, sql in triggers:
        db.session.execute(sqlalchemy.text(sql))
