"""The database that the product is measured on: the demonstration district at a size of our choice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import sqlalchemy
from sqlalchemy import Connection, Engine, text

from quizapp.database import engine_options
from tests.servers import ROOT

BANK = "work-safety"
#: Key post staff of one enterprise who have not begun: each of them is one journey.
UNTOUCHED = """
SELECT a.phone FROM enrolments e JOIN accounts a ON a.id = e.account_id
WHERE e.job_role = 'key_post' AND e.studied_at IS NULL AND e.passed_at IS NULL
AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.account_id = a.id)
AND NOT EXISTS (SELECT 1 FROM progress p WHERE p.account_id = a.id)
AND (SELECT count(*) FROM enrolments o WHERE o.account_id = a.id) = 1
ORDER BY a.id
"""
TRACK = "SELECT id FROM tracks WHERE job_role = 'key_post'"
MODULE = "SELECT module_id FROM track_modules WHERE track_id = :track ORDER BY position LIMIT 1"


def fill(environment: Mapping[str, str], *, enterprises: int, people: int) -> None:
    """Migrate, load the shipped content and the demonstration district."""
    banks = sorted(ROOT.glob("question_bank/banks/*.csv"))
    commands = [
        ["db", "upgrade"],
        ["study", "load", "question_bank/modules"],
        ["bank", "create", "--slug", BANK, "--name", BANK],
        *(["bank", "import", str(file), "--bank", BANK] for file in banks),
        ["demo", "load", "--enterprises", str(enterprises), "--people", str(people)],
        ["assets", "build"],
    ]  # fmt: skip
    for command in commands:
        run = [sys.executable, "-m", "flask", "--app", "wsgi", *command]
        subprocess.run(run, cwd=ROOT, env=dict(environment), check=True, capture_output=True)


def engine(url: str) -> Engine:
    """Return an engine for a look from outside."""
    return sqlalchemy.create_engine(url, **engine_options(url, pool_size=1))


def open_the_quiz(connection: Connection) -> tuple[int, int]:
    """Let the quiz be taken without minutes of study before; return the module and the track."""
    connection.execute(text("UPDATE tracks SET study_first = :no"), {"no": False})
    track = connection.scalar(text(TRACK))
    return int(connection.scalar(text(MODULE), {"track": track}) or 0), int(track or 0)


def give_password(connection: Connection, password_hash: str) -> None:
    """Give everybody the same password."""
    connection.execute(text("UPDATE accounts SET password_hash = :hash"), {"hash": password_hash})


def untouched(connection: Connection) -> list[str]:
    """Return the phone numbers of those who have not begun."""
    return [phone for (phone,) in connection.execute(text(UNTOUCHED))]
