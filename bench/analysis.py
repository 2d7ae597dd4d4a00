"""Item analysis of a bank from many closed papers: the whole process's time and memory, on both databases.

``python -m bench.analysis [--papers 100000 --database both]``
"""

from __future__ import annotations

import argparse
import os
import tempfile

from sqlalchemy import text

from bench import district
from bench.roster import databases, measured

#: Attempts may be repeated without end here, so that papers can be had by copying.
COLUMNS = (
    "account_id, track_id, pass_mark, seed, paper, answers, started_at, deadline_at, closed_at,"
    " closed_by, total_points, points, marks, passed"
)
COPY = f"""
INSERT INTO attempts (number, attempt_limit, {COLUMNS})
SELECT number + :step, 1000000, {COLUMNS} FROM attempts WHERE closed_at IS NOT NULL ORDER BY id LIMIT :most
"""
COUNT = "SELECT count(*) FROM attempts WHERE closed_at IS NOT NULL"


def multiply(address: str, papers: int) -> None:
    """Copy closed papers until there are so many."""
    with district.engine(address).begin() as connection:
        while (held := int(connection.scalar(text(COUNT)) or 0)) < papers:
            step = connection.scalar(text("SELECT max(number) FROM attempts"))
            connection.execute(text(COPY), {"step": step, "most": papers - held})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, databases(asked.database) as addresses:
        for name, address in addresses.items():
            environment = {
                **os.environ, "DATABASE_URL": address, "VAR_DIR": folder,
                "SECRET_KEY": "only for measuring, nothing is signed",
            }  # fmt: skip
            district.fill(environment, enterprises=60, people=600)
            for papers in (asked.papers // 10, asked.papers):
                multiply(address, papers)
                words = ("quiz", "analyse", "--bank", district.BANK)
                printed, seconds, peak = measured(environment, *words)
                print(f"{name}: {seconds:.1f} s, {peak:.0f} MB peak · {printed}", flush=True)


if __name__ == "__main__":
    main()
