"""Migrations up, in step with the models, down and up again, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.servers import ROOT, postgres, postgres_programs

STEPS = (("upgrade",), ("check",), ("downgrade", "base"), ("upgrade",))


def check(url: str) -> None:
    """Run the steps on an empty database; raise CalledProcessError when one fails."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "for migrations only, nothing is signed here",
    }
    for step in STEPS:
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "db", *step],
            check=True,
            cwd=ROOT,
            env=environment,
        )


def main() -> None:
    """Check both databases; say so when PostgreSQL is missing."""
    with tempfile.TemporaryDirectory() as folder:
        check(f"sqlite:///{folder}/migrations.sqlite3")
    if postgres_programs() is None:
        print("PostgreSQL is not installed: its migrations were not checked")
        sys.exit(1 if os.environ.get("CI") else 0)
    with postgres() as url:
        check(url)


if __name__ == "__main__":
    main()
