"""Serve the application: gunicorn, and beside it the sweep that grades overdue attempts.

Both are children of this process. It ends when gunicorn ends, starts the sweep again when that
ends, and hands SIGTERM and SIGINT on to both.
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
SWEEP = [
    sys.executable,
    "-m",
    "flask",
    "--app",
    "wsgi",
    "quiz",
    "close-overdue",
    "--every",
    str(SWEEP_SECONDS),
]


def main() -> int:
    """Run until told to stop; return gunicorn's exit status."""
    web = subprocess.Popen(GUNICORN, cwd=ROOT)
    sweep = subprocess.Popen(SWEEP, cwd=ROOT)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        web.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while web.poll() is None:
        if sweep.poll() is not None:
            sweep = subprocess.Popen(SWEEP, cwd=ROOT)
        time.sleep(1)
    sweep.terminate()
    sweep.wait()
    return web.returncode


if __name__ == "__main__":
    sys.exit(main())
