"""The roster import at the size of a district: the whole process's time and memory, on both databases.

``python -m bench.roster [--people 100000 --enterprises 5000 --runs 3 --database both]``
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import district
from quizapp.demo.territory import REGIONS
from quizapp.directory.uscc import check_character
from tests.servers import ROOT, postgres

HEADINGS = (
    "企业名称",
    "统一社会信用代码",
    "属地",
    "年主营业务收入(万元)",
    "姓名",
    "手机号",
    "岗位类别",
    "职务",
)
ROLES = ("主要负责人", "安全管理人员", "关键岗位人员")


def write_file(path: Path, enterprises: int, people: int) -> None:
    """Write a made-up roster: every enterprise with its people, one a row."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADINGS)
        for number in range(people):
            unit = number % enterprises
            body = f"91320412BCH{unit:06d}"
            region = REGIONS[unit % len(REGIONS)][1]
            revenue = 1500 if unit % 3 else 4000
            role = ROLES[min(number // enterprises, 2)]
            writer.writerow(
                (f"测量{unit}厂", body + check_character(body), region, revenue, f"测员{number}",
                 f"17{number:09d}", role, "班组长")
            )  # fmt: skip


@contextmanager
def databases(which: str) -> Iterator[dict[str, str]]:
    """Yield the addresses of empty databases by name."""
    with tempfile.TemporaryDirectory() as folder, postgres() as url:
        found = {"sqlite": f"sqlite:///{folder}/roster.sqlite3", "postgresql": url}
        yield {name: address for name, address in found.items() if which in {name, "both"}}


def measured(environment: dict[str, str], *words: str) -> tuple[str, float, float]:
    """Run a command; return what it printed, its seconds and the peak of its memory in MB.

    The peak is the larger of the process and the child that reads the file: the two take turns.
    """
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from flask.cli import main\n"
        "try:\n    main()\n"
        "finally:\n"
        # Its own ru_maxrss would be at least what this process held when it was started.
        "    own = Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]\n"
        "    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "    print('peak', own, child, file=sys.stderr)\n"
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code, "--app", "wsgi", *words],
        check=False, cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    own, child = map(int, done.stderr.rsplit("peak ", 1)[1].split())
    print(f"    process {own / 1024:.0f} MB, reader {child / 1024:.0f} MB")
    return done.stdout.strip(), seconds, max(own, child) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--enterprises", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "roster.csv"
        write_file(file, asked.enterprises, asked.people)
        for run in range(asked.runs):
            with databases(asked.database) as addresses:
                for name, address in addresses.items():
                    _run(name, run, address, folder, file)


def _run(name: str, run: int, address: str, folder: str, file: Path) -> None:
    environment = {
        **os.environ, "DATABASE_URL": address, "SECRET_KEY": "only for measuring, nothing is signed",
        "VAR_DIR": folder,
    }  # fmt: skip
    district.fill(environment, enterprises=10, people=60)
    for what in ("import", "again"):
        printed, seconds, peak = measured(environment, "directory", "import", str(file))
        print(f"{name} run {run + 1} {what}: {seconds:.1f} s, {peak:.0f} MB peak · {printed}", flush=True)


if __name__ == "__main__":
    main()
