"""Measures the learner's journey against the floor: `python -m bench.run`.

Both run under gunicorn with the same workers and threads, in turn within one run, on SQLite and on
PostgreSQL, with the password hash as in production and with one made negligible. Prints tables and
writes var/bench/journey.json. Exit status 1 when a step failed, not when a budget is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from argon2 import PasswordHasher

from bench import district
from bench.client import Client
from bench.journey import Journey, Timings, drive
from config import Settings
from tests import servers

PASSWORD = "a long password"
HASHES = {
    "production hash": (Settings.argon2_time_cost, Settings.argon2_memory_kib),
    "negligible hash": (1, 8),
}
BUDGETS = {"production hash": 75, "negligible hash": 40}
WORKERS, THREADS = 2, 4
#: How often one learner walks; the track allows one sitting more.
SITTINGS = 4
WARM_UP_SECONDS = 3


@dataclass(frozen=True)
class Place:
    """Where the two applications keep their data."""

    product: str
    floor: str
    folder: Path


@contextmanager
def place(database: str) -> Iterator[Place]:
    """Make two empty databases of a kind."""
    with tempfile.TemporaryDirectory(prefix="quizapp-bench-") as name:
        folder = Path(name)
        if database == "sqlite":
            yield Place(f"sqlite:///{folder}/product.sqlite3", f"sqlite:///{folder}/floor.sqlite3", folder)
            return
        with servers.postgres() as url:
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                connection.execute("CREATE DATABASE product")
                connection.execute("CREATE DATABASE floor")
            yield Place(url.replace("/postgres", "/product"), url.replace("/postgres", "/floor"), folder)


def measure(database: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one database with both hashes."""
    found: dict[str, Any] = {}
    with place(database) as here:
        common = {
            **os.environ, "SECRET_KEY": secrets.token_hex(32), "VAR_DIR": str(here.folder),
            "FLOOR_PAGES": str(here.folder / "pages.json"),
        }  # fmt: skip
        print(f"\n{database}: filling", flush=True)
        district.fill(
            {**common, "DATABASE_URL": here.product}, enterprises=options.enterprises, people=options.people
        )
        engine = district.engine(here.product)
        with engine.begin() as connection:
            ids = district.open_the_quiz(connection)
            phones = district.untouched(connection)
        supply = chain.from_iterable([phones] * SITTINGS)
        for name, (time_cost, memory_kib) in HASHES.items():
            costs = {"ARGON2_TIME_COST": str(time_cost), "ARGON2_MEMORY_KIB": str(memory_kib)}
            password_hash = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1).hash(
                PASSWORD
            )
            with engine.begin() as connection:
                district.give_password(connection, password_hash)
            product = {**common, **costs, "DATABASE_URL": here.product}
            floor = {**common, **costs, "DATABASE_URL": here.floor}
            with ExitStack() as running:
                ports = {"product": _start(running, product, "wsgi:app")}
                _record(ports["product"], next(supply), ids, Path(common["FLOOR_PAGES"]))
                _make_floor(floor, password_hash, phones)
                ports["floor"] = _start(running, floor, "bench.floor:app")
                found[name] = _in_turn(ports, supply, ids, options)
            show(f"{database}, {name}", found[name], BUDGETS[name])
        engine.dispose()
    return found


def _start(running: ExitStack, environment: dict[str, str], application: str) -> int:
    """Start a server that ends with the stack; return its port."""
    address = running.enter_context(servers.gunicorn(environment, application, WORKERS, THREADS))
    return int(address.rsplit(":", 1)[1])


def _record(port: int, phone: str, ids: tuple[int, int], file: Path) -> None:
    """Walk once and keep the product's pages for the floor."""
    journey = Journey(Client(port), Timings(), *ids)
    journey.walk(phone, PASSWORD)
    file.write_text(json.dumps({name: body.decode() for name, body in journey.pages.items()}))


def _make_floor(environment: dict[str, str], password_hash: str, phones: list[str]) -> None:
    people = json.dumps({"hash": password_hash, "phones": phones})
    subprocess.run(
        [sys.executable, "-m", "bench.floor"],
        cwd=servers.ROOT,
        env=environment,
        input=people,
        text=True,
        check=True,
    )


def _in_turn(
    ports: dict[str, int], supply: Iterator[str], ids: tuple[int, int], options: argparse.Namespace
) -> dict[str, Any]:
    """Let both walk in turn, so that a machine that changes its pace changes it for both."""
    for port in ports.values():  # templates and statements are compiled once in a process's life
        drive(port, supply, PASSWORD, ids, clients=options.clients, seconds=WARM_UP_SECONDS)
    whole = {name: Timings() for name in ports}
    spent = dict.fromkeys(ports, 0.0)
    for turn in range(options.turns):
        for name in sorted(ports, reverse=bool(turn % 2)):
            timings, seconds = drive(
                ports[name], supply, PASSWORD, ids, clients=options.clients, seconds=options.seconds
            )
            whole[name].add(timings)
            spent[name] += seconds
    rates = {name: whole[name].journeys / spent[name] for name in ports}
    return {
        "journeys_per_second": {name: round(rate, 2) for name, rate in rates.items()},
        "journeys": {name: timings.journeys for name, timings in whole.items()},
        "ratio_percent": round(100 * rates["product"] / rates["floor"], 1),
        "failures": {name: timings.failures for name, timings in whole.items()},
        "steps_ms": {name: _quantiles(timings) for name, timings in whole.items()},
    }


def _quantiles(timings: Timings) -> dict[str, dict[str, float]]:
    """Return p50, p95 and p99 of each step in ms."""
    found = {}
    for step, times in timings.steps.items():
        cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
        found[step] = {f"p{cut}": round(cuts[cut - 1], 1) for cut in (50, 95, 99)}
    return found


def show(title: str, result: dict[str, Any], budget: int) -> None:
    """Print one measurement."""
    rates, counts, failures = result["journeys_per_second"], result["journeys"], result["failures"]
    print(f"\n{title}")
    for name in ("floor", "product"):
        print(
            f"  {name:8} {rates[name]:7.2f} journeys/s   {counts[name]:5} journeys"
            f"   {len(failures[name])} failed"
        )
        for failure in sorted(set(failures[name]))[:3]:
            print(f"    {failure}")
    verdict = "met" if result["ratio_percent"] >= budget else "MISSED"
    print(f"  ratio    {result['ratio_percent']:6.1f} %   budget {budget} %: {verdict}")
    print(f"  {'ms':14} {'floor p50':>10} {'p95':>7} {'p99':>7} {'product p50':>12} {'p95':>7} {'p99':>7}")
    for step, mine in result["steps_ms"]["product"].items():
        least = result["steps_ms"]["floor"][step]
        print(
            f"  {step:14} {least['p50']:10.1f} {least['p95']:7.1f} {least['p99']:7.1f}"
            f" {mine['p50']:12.1f} {mine['p95']:7.1f} {mine['p99']:7.1f}"
        )
    sys.stdout.flush()


def main() -> int:
    """Measure what the options name."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seconds", type=float, default=8, help="how long each turn lasts")
    parser.add_argument("--turns", type=int, default=2, help="turns of each application")
    parser.add_argument("--clients", type=int, default=WORKERS * THREADS, help="learners at a time")
    parser.add_argument("--enterprises", type=int, default=1000)
    parser.add_argument("--people", type=int, default=20000)
    options = parser.parse_args()
    databases = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    results = {database: measure(database, options) for database in databases}
    file = Path(os.environ.get("VAR_DIR", servers.ROOT / "var")) / "bench" / "journey.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1))
    print(f"\n{file}")
    failed = [part for found in results.values() for part in found.values() if any(part["failures"].values())]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
