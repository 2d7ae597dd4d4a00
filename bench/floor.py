"""The floor: the cheapest Flask application that answers the learner's journey.

One bare INSERT for each write, no ORM, no forms, no templates: its pages are the product's own, as
bytes. The same session cookie, password hash and durability. Run as a program it makes its tables
and the people that stand on standard input: {"hash": …, "phones": […]}.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

TABLE = (
    "CREATE TABLE IF NOT EXISTS writes "
    "(id {key}, kind TEXT NOT NULL, account TEXT NOT NULL, detail TEXT NOT NULL)"
)
PEOPLE = "CREATE TABLE IF NOT EXISTS people (phone TEXT PRIMARY KEY, hash TEXT NOT NULL)"

local = threading.local()
url = os.environ["DATABASE_URL"]
on_sqlite = url.startswith("sqlite")
mark = "?" if on_sqlite else "%s"
hasher = PasswordHasher(
    time_cost=int(os.environ["ARGON2_TIME_COST"]),
    memory_cost=int(os.environ["ARGON2_MEMORY_KIB"]),
    parallelism=1,
)
recorded = json.loads(Path(os.environ["FLOOR_PAGES"]).read_text())
pages: dict[str, bytes] = {name: text.encode() for name, text in recorded.items()}


def connection() -> Any:
    """Return this thread's connection; every statement commits by itself."""
    if not hasattr(local, "connection"):
        local.connection = _sqlite() if on_sqlite else _postgres()
    return local.connection


def _sqlite() -> Any:
    from pysqlite3 import dbapi2  # noqa: PLC0415 - only one of the two is needed

    opened = dbapi2.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        opened.execute(f"PRAGMA {pragma}")
    return opened


def _postgres() -> Any:
    import psycopg  # noqa: PLC0415 - only one of the two is needed

    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)


def prepare(phones: list[str], password_hash: str) -> None:
    """Make the tables and the people."""
    opened = connection()
    key = "INTEGER PRIMARY KEY" if on_sqlite else "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    opened.execute(TABLE.format(key=key))
    opened.execute(PEOPLE)
    opened.execute("DELETE FROM people")
    many = opened.cursor()
    many.execute("BEGIN")
    many.executemany(
        f"INSERT INTO people VALUES ({mark}, {mark})", [(phone, password_hash) for phone in phones]
    )
    many.execute("COMMIT")


def write(kind: str, detail: str) -> None:
    """The bare INSERT."""
    connection().execute(
        f"INSERT INTO writes (kind, account, detail) VALUES ({mark}, {mark}, {mark})",
        (kind, session["phone"], detail),
    )


def page(name: str, mimetype: str = "text/html") -> Response:
    """Return what the product answered."""
    return Response(pages[name], mimetype=mimetype)


app = Flask("floor")
app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]


@app.get("/sign-in")
def sign_in_page() -> Response:
    """Show the form."""
    return page("sign-in page")


@app.post("/sign-in")
def sign_in() -> AnyResponse:
    """Check the password and remember who it is."""
    phone = request.form["phone"]
    row = connection().execute(f"SELECT hash FROM people WHERE phone = {mark}", (phone,)).fetchone()
    hasher.verify(row[0], request.form["password"])
    session["phone"] = phone
    write("sign-in", request.remote_addr or "")
    return redirect("/")


@app.get("/")
def home() -> Response:
    """Show the list."""
    return page("list")


@app.get("/modules/<int:module_id>")
def module(module_id: int) -> Response:  # noqa: ARG001 - every module is the same
    """Show the module."""
    return page("open module")


@app.post("/modules/<int:module_id>/beats")
def beat(module_id: int) -> Response:
    """Keep a heartbeat."""
    write("beat", f"{module_id} {request.get_json()['visible_ms']}")
    return page("heartbeat", "application/json")


@app.post("/tracks/<int:track_id>/attempts")
def start(track_id: int) -> AnyResponse:
    """Begin."""
    write("start", str(track_id))
    return redirect("/attempts/1")


@app.get("/attempts/<int:attempt_id>")
def paper(attempt_id: int) -> Response:  # noqa: ARG001 - every paper is the same
    """Show the paper."""
    return page("paper")


@app.post("/attempts/<int:attempt_id>/answers")
def save(attempt_id: int) -> Response:
    """Keep an answer."""
    write("save", f"{attempt_id} {request.get_json()['choice']}")
    return page("save", "application/json")


@app.post("/attempts/<int:attempt_id>/submission")
def submit(attempt_id: int) -> AnyResponse:
    """Hand in."""
    write("submit", str(attempt_id))
    return redirect(f"/attempts/{attempt_id}/result")


@app.get("/attempts/<int:attempt_id>/result")
def result(attempt_id: int) -> Response:  # noqa: ARG001 - every result is the same
    """Show the result."""
    return page("result")


if __name__ == "__main__":
    people = json.load(sys.stdin)
    prepare(people["phones"], people["hash"])
