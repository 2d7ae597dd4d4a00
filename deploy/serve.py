"""Serve the application: gunicorn, and beside it the sweep that grades overdue attempts and the jobs' worker.

All are children of this process. It ends when gunicorn ends, starts the others again when they end, and
hands SIGTERM and SIGINT on to all.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
SWEEP_SECONDS = 15
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py"), "wsgi:app"]
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
BESIDE = (
    [*FLASK, "quiz", "close-overdue", "--every", str(SWEEP_SECONDS)],
    [*FLASK, "jobs", "work"],
)


def main() -> int:
    """Run until told to stop; return gunicorn's exit status."""
    web = subprocess.Popen(GUNICORN, cwd=ROOT)
    beside = [subprocess.Popen(command, cwd=ROOT) for command in BESIDE]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        web.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while web.poll() is None:
        for place, command in enumerate(BESIDE):
            if beside[place].poll() is not None:
                beside[place] = subprocess.Popen(command, cwd=ROOT)
        time.sleep(1)
    for process in beside:
        process.terminate()
        process.wait()
    return web.returncode


if __name__ == "__main__":
    sys.exit(main())
