"""Commands on background jobs."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from quizapp.jobs.queue import queue

group = AppGroup("jobs", help="What runs in the background.")


@group.command("work")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 16), help="Jobs at a time.")
def work(workers: int) -> None:
    """Run jobs until told to stop."""
    queue().create_consumer(workers=workers, periodic=False, max_delay=1.0).run()
