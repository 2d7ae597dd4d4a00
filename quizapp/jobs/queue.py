"""The queue of background jobs, on huey: SQLite by default, PostgreSQL or Redis between several nodes.

A job is a function of plain values under a name; a worker calls it within the application. A worker that
dies takes its job with it: what a job changes, it changes in one transaction, and who waits may ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey

from config import SettingError, Settings
from quizapp.jobs.messages import SignedJson

Job = Callable[..., None]

#: In place of an address: every job runs at once in the process that asks for it.
IMMEDIATE = "immediate"
NAME = "quizapp"


def bind(app: Flask, settings: Settings, jobs: Mapping[str, Job]) -> None:
    """Give the application its queue and the jobs that may stand in it."""
    huey = _open(settings)

    def run(name: str, values: dict[str, Any]) -> None:
        with app.app_context():
            jobs[name](**values)

    app.extensions["huey"] = huey
    app.extensions["run_job"] = huey.task(name="run")(run)


def enqueue(name: str, **values: object) -> None:
    """Ask for a job. What it needs to see must be committed."""
    current_app.extensions["run_job"](name, values)


def queue() -> Huey:
    """Return the application's queue."""
    return current_app.extensions["huey"]


def _open(settings: Settings) -> Huey:
    url = settings.jobs_url or _beside(settings)
    # Nobody asks for the outcome of a job: it changes the database, or says there why it did not.
    common = {"results": False, "serializer": SignedJson(secret=settings.secret_key, salt="jobs")}
    if url == IMMEDIATE:
        return MemoryHuey(NAME, immediate=True, **common)
    if url.startswith(("redis://", "rediss://")):
        return RedisHuey(NAME, url=url, **common)
    if url.startswith("postgresql"):
        dsn = url.replace("postgresql+psycopg://", "postgresql://", 1)
        return PostgresHuey(NAME, dsn=dsn, create_tables=False, **common)
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        file.parent.mkdir(parents=True, exist_ok=True)
        # No WAL: the library that Python brings may have the WAL-reset bug.
        return SqliteHuey(NAME, filename=str(file), journal_mode="delete", fsync=True, **common)
    raise SettingError(f"JOBS_URL must begin with sqlite:///, postgresql:// or redis://, not {url!r}")


def _beside(settings: Settings) -> str:
    """Return the queue's address when none is set: the PostgreSQL database, or a file of its own."""
    if settings.database_url.startswith("postgresql"):
        return settings.database_url
    return f"sqlite:///{settings.var_dir / 'jobs.sqlite3'}"
