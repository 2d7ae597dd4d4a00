"""Those who write to one SQLite file take turns."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from quizapp import writers
from quizapp.extensions import db
from quizapp.writers import WriterQueue


def test_one_at_a_time_and_everybody_in_the_end(tmp_path: Path) -> None:
    queue, inside, most = WriterQueue(str(tmp_path / "a.sqlite3")), 0, 0

    def write() -> None:
        nonlocal inside, most
        for _ in range(50):
            assert queue.enter()
            inside += 1
            most = max(most, inside)
            inside -= 1
            queue.leave()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most, inside) == (1, 0)


def test_who_waits_too_long_goes_on_without_a_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "LONGEST_WAIT_SECONDS", 0.01)
    queue = WriterQueue(str(tmp_path / "a.sqlite3"))

    assert queue.enter()
    assert not queue.enter()
    queue.leave()
    assert queue.enter()


def test_a_file_that_cannot_be_made_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "LONGEST_WAIT_SECONDS", 0.01)
    queue = WriterQueue(str(tmp_path / "nowhere" / "a.sqlite3"))

    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            queue.enter()


def test_a_connection_that_begins_twice_gives_its_turn_back(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "LONGEST_WAIT_SECONDS", 0.01)
    with db.engine.connect() as connection:
        for _ in range(2):
            with connection.begin():
                connection.execute(text("SELECT 1"))

    with db.engine.connect() as connection, connection.begin():
        assert connection.info.get("has_turn", True)
