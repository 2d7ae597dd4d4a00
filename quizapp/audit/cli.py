"""Commands on the audit log."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from quizapp.audit import queries
from quizapp.database import reading

group = AppGroup("audit", help="The log of who did what.")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(*, as_json: bool) -> None:
    """Walk the hash chain; exit 1 naming each entry that does not fit."""
    with reading():
        problems = [str(problem) for problem in queries.broken_links()]
        entries = queries.count_entries()
    if as_json:
        click.echo(json.dumps({"entries": entries, "problems": problems}, ensure_ascii=False))
    else:
        click.echo("\n".join([*problems, f"{entries} entries, {len(problems)} problems"]))
    raise SystemExit(1 if problems else 0)
