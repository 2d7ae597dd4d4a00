"""Commands on banks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from quizapp.audit.actors import COMMAND_LINE
from quizapp.bank import banks
from quizapp.bank.banks import BankImporter
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.imports import pipeline
from quizapp.imports.plans import Fate, Plan

group = AppGroup("bank", help="Question banks.")
#: What a question can become.
FATES = (Fate.NEW, Fate.CHANGED, Fate.SAME, Fate.DUPLICATE)
FORMATS = ("spreadsheet",)


@group.command("create")
@click.option("--slug", required=True)
@click.option("--name", required=True)
@click.option("--unless-there", is_flag=True, help="Leave a bank of that name as it is.")
def create(slug: str, name: str, *, unless_there: bool) -> None:
    """Make an empty bank."""
    try:
        banks.create_bank(COMMAND_LINE, slug=slug, name=name)
    except banks.BankExists:
        db.session.rollback()
        if not unless_there:
            raise
    db.session.commit()


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--bank", "slug", required=True)
@click.option("--format", "format_", type=click.Choice(FORMATS), default="spreadsheet", show_default=True)
@click.option("--dry-run", is_flag=True, help="Plan only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_file(file: Path, slug: str, format_: str, *, dry_run: bool, as_json: bool) -> None:  # noqa: ARG001 - one format so far
    """Plan a file and apply it whole, or exit 1 naming every refused row."""
    importer, content = BankImporter(slug), file.read_bytes()
    try:
        plan = pipeline.plan_file(importer, content, file.name, to_apply=not dry_run)
    except AppError as error:
        _report({"refused": [_whole_file(error)], **_no_rows()}, as_json=as_json)
        raise SystemExit(1) from error
    if not dry_run and plan.can_be_applied and plan.changes_something:
        pipeline.apply_plan(importer, COMMAND_LINE, plan, digest=hashlib.sha256(content).hexdigest())
        db.session.commit()
    db.session.rollback()
    _report(_summary(plan), as_json=as_json)
    raise SystemExit(0 if plan.can_be_applied else 1)


def _summary(plan: Plan) -> dict[str, Any]:
    counts = {fate.value: plan.count(fate) for fate in FATES}
    refused = [
        {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "reason": str(problem.reason),
        }
        for problem in plan.refused
    ]
    return {**counts, "refused": refused}


def _no_rows() -> dict[str, int]:
    return {fate.value: 0 for fate in FATES}


def _whole_file(error: AppError) -> dict[str, Any]:
    return {"sheet": "", "row": 0, "column": "", "value": "", "reason": str(error.message)}


def _report(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
        return
    for problem in summary["refused"]:
        place = f"{problem['sheet']}!{problem['column']}{problem['row']}" if problem["row"] else ""
        click.echo(f"{place} {problem['value']!r}: {problem['reason']}", err=True)
    counts = ", ".join(f"{name} {count}" for name, count in summary.items() if name != "refused")
    click.echo(f"{counts}, refused {len(summary['refused'])}")
