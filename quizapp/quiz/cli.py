"""Commands on attempts."""

from __future__ import annotations

import time

import click
from flask.cli import AppGroup

from quizapp.quiz import overdue

group = AppGroup("quiz", help="Papers and attempts.")


@group.command("close-overdue")
@click.option("--every", type=click.IntRange(1, 3600), help="Go on for ever, pausing so many seconds.")
def close_overdue(every: int | None) -> None:
    """Grade every attempt that is past its deadline; exit 1 when one could not be."""
    while every:
        overdue.sweep()
        time.sleep(every)
    swept = overdue.sweep()
    click.echo(f"closed {swept.closed}, failed {len(swept.failed)}")
    for attempt_id in swept.failed:
        click.echo(f"attempt {attempt_id} could not be graded; see the log", err=True)
    raise SystemExit(1 if swept.failed else 0)
