"""What every import command does and prints."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from quizapp.audit.actors import COMMAND_LINE
from quizapp.errors import AppError
from quizapp.extensions import db
from quizapp.imports import pipeline
from quizapp.imports.pipeline import Importer
from quizapp.imports.plans import Fate, Plan


def import_file(
    importer: Importer[Any], file: Path, fates: Sequence[Fate], *, dry_run: bool, as_json: bool
) -> None:
    """Plan a file and apply it whole, or exit 1 naming every refused row; print the counts of `fates`."""
    content = file.read_bytes()
    try:
        plan = pipeline.plan_file(importer, content, file.name, to_apply=not dry_run)
    except AppError as error:
        _report({**dict.fromkeys(fates, 0), "refused": [_whole_file(error)]}, as_json=as_json)
        raise SystemExit(1) from error
    if not dry_run and plan.can_be_applied and plan.changes_something:
        pipeline.apply_plan(importer, COMMAND_LINE, plan, digest=hashlib.sha256(content).hexdigest())
        db.session.commit()
    db.session.rollback()
    _report({**{fate: plan.count(fate) for fate in fates}, "refused": _refused(plan)}, as_json=as_json)
    raise SystemExit(0 if plan.can_be_applied else 1)


def _refused(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "sheet": problem.sheet,
            "row": problem.row,
            "column": problem.column,
            "value": problem.value,
            "reason": str(problem.reason),
        }
        for problem in plan.refused
    ]


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
