"""Commands on personal data."""

from __future__ import annotations

import json
from dataclasses import asdict

import click
from flask.cli import AppGroup

from quizapp.audit.actors import COMMAND_LINE
from quizapp.database import reading
from quizapp.extensions import db
from quizapp.privacy import keeping

group = AppGroup("privacy", help="Personal data.")


@group.command("anonymise")
@click.option("--dry-run", is_flag=True, help="Only say how many people are due.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def anonymise(*, dry_run: bool, as_json: bool) -> None:
    """Remove who somebody is after the keeping period; delete old uploads and applications. For a timer."""
    if dry_run:
        with reading():
            counts = {"due": len(keeping.due())}
    else:
        counts = asdict(keeping.forget(COMMAND_LINE))
        db.session.commit()
    click.echo(json.dumps(counts) if as_json else ", ".join(f"{name} {n}" for name, n in counts.items()))
