"""A PostgreSQL that was restarted, or ended a connection, is found alive again by the next request."""

from __future__ import annotations

import time

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from quizapp import database
from quizapp.extensions import db

GONE_WITHIN_SECONDS = 10


@pytest.fixture
def resting(app: Flask) -> int:
    """The number of the one connection in the pool, 0 where there is a file and nothing to lose."""
    if db.engine.dialect.name != "postgresql":
        assert db.session.scalar(text("SELECT 1")) == 1
        return 0
    db.engine.dispose()
    number = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    return int(number)


def end_connection(number: int) -> None:
    """Let the server end a connection, and return when it is gone."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    alive = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (number,))
        latest = time.monotonic() + GONE_WITHIN_SECONDS
        while other.execute(alive, (number,)).fetchone() != (0,):
            assert time.monotonic() < latest
            time.sleep(0.01)


def test_a_connection_that_the_server_ended_is_replaced_at_once(resting: int) -> None:
    if resting:
        end_connection(resting)

        assert db.session.scalar(text("SELECT pg_backend_pid()")) != resting


def test_a_connection_that_died_in_silence_is_replaced_after_a_rest(
    resting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if resting:
        end_connection(resting)
        monkeypatch.setattr(database, "_has_spoken", lambda _connection: False)
        monkeypatch.setattr(database, "PING_AFTER_SECONDS", 0)

        assert db.session.scalar(text("SELECT pg_backend_pid()")) != resting
