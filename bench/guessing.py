"""Does the time of an answer tell which phone numbers have an account? `python -m bench.guessing`.

Wrong passwords for known and unknown numbers in turn, with the password hash as in production, by one client
at a gunicorn of one worker and one thread. Prints the medians and their difference in percent of the known
one's; exit status 1 when it is above the target.
"""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from argon2 import PasswordHasher
from sqlalchemy import text

from bench import district
from bench.client import Client
from config import Settings
from quizapp.accounts.throttling import MOST_BY_ADDRESS
from tests import servers
from tests.pages import token

TARGET_PERCENT = 5
#: One address may fail so often in ten minutes; the rest is for warming up.
MOST_PAIRS = MOST_BY_ADDRESS["sign_in"] // 2 - 10
WARM_UP_PAIRS = 5
INSERT = text(
    "INSERT INTO accounts (phone, name, password_hash, created_at)"
    " VALUES (:phone, '测员', :hash, CURRENT_TIMESTAMP)"
)


def known(number: int) -> str:
    """Return a phone number that has an account."""
    return f"1380000{number:04d}"


def unknown(number: int) -> str:
    """Return a phone number that has none."""
    return f"1390000{number:04d}"


@contextmanager
def address_of(database: str) -> Iterator[str]:
    """Yield the address of an empty database of a kind."""
    if database == "postgresql":
        with servers.postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="quizapp-bench-") as folder:
        yield f"sqlite:///{folder}/guessing.sqlite3"


def measure(database: str, pairs: int) -> tuple[list[float], list[float]]:
    """Return the times of the answers in ms, for known and for unknown numbers."""
    with address_of(database) as url, tempfile.TemporaryDirectory(prefix="quizapp-bench-") as folder:
        environment = {
            **os.environ, "DATABASE_URL": url, "SECRET_KEY": secrets.token_hex(32), "VAR_DIR": folder,
        }  # fmt: skip
        _fill(environment, url, pairs + WARM_UP_PAIRS)
        with servers.gunicorn(environment, workers=1, threads=1) as site:
            return _in_turn(Client(int(site.rsplit(":", 1)[1])), pairs)


def _fill(environment: dict[str, str], url: str, people: int) -> None:
    upgrade = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(upgrade, cwd=servers.ROOT, env=environment, check=True, capture_output=True)
    hasher = PasswordHasher(
        time_cost=Settings.argon2_time_cost, memory_cost=Settings.argon2_memory_kib, parallelism=1
    )
    password_hash = hasher.hash("a long password")
    engine = district.engine(url)
    with engine.begin() as connection:
        connection.execute(INSERT, [{"phone": known(n), "hash": password_hash} for n in range(people)])
    engine.dispose()


def _in_turn(client: Client, pairs: int) -> tuple[list[float], list[float]]:
    """Ask for a known and an unknown number in turn, each pair the other way round than the one before."""
    form = token(client.get("/sign-in").body.decode())
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(pairs + WARM_UP_PAIRS):
        for kind in (0, 1) if number % 2 else (1, 0):
            phone = (known, unknown)[kind](number)
            body = urlencode({"csrf_token": form, "phone": phone, "password": "not the password"})
            begun = time.perf_counter()
            answer = client.post_form("/sign-in", body)
            took = (time.perf_counter() - begun) * 1000
            if answer.status != 403:
                raise RuntimeError(f"{phone} was answered with {answer.status}")
            if number >= WARM_UP_PAIRS:
                times[kind].append(took)
    return times


def main() -> int:
    """Measure what the options name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--pairs", type=int, default=MOST_PAIRS, help=f"at most {MOST_PAIRS}")
    options = parser.parse_args()
    databases = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    worst = 0.0
    for database in databases:
        times = measure(database, min(options.pairs, MOST_PAIRS))
        of_known, of_unknown = map(statistics.median, times)
        percent = 100 * abs(of_known - of_unknown) / of_known
        worst = max(worst, percent)
        print(
            f"{database}: median of {len(times[0])} each: known {of_known:.2f} ms, unknown {of_unknown:.2f}"
            f" ms, {percent:.1f} % apart (target {TARGET_PERCENT} %)",
            flush=True,
        )
    return 1 if worst > TARGET_PERCENT else 0


if __name__ == "__main__":
    sys.exit(main())
