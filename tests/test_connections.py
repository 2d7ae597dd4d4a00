"""A PostgreSQL that was restarted is found alive again by the next request after a rest."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from quizapp import database
from quizapp.extensions import db


def test_a_connection_that_died_while_it_rested_is_replaced(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "postgresql":
        assert db.session.scalar(text("SELECT 1")) == 1, "a file has no connection to lose"
        return
    resting = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.rollback()
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (resting,))
    monkeypatch.setattr(database, "PING_AFTER_SECONDS", 0)

    assert db.session.scalar(text("SELECT pg_backend_pid()")) != resting
