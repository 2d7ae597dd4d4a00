"""Commands on papers and attempts."""

from __future__ import annotations

import json
import time
from typing import Any

import click
from flask.cli import AppGroup

from quizapp.bank.queries import get_bank
from quizapp.database import reading
from quizapp.extensions import db
from quizapp.quiz import analyses, blueprints, overdue
from quizapp.quiz.blueprints import TrackPaper

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


@group.command("analyse")
@click.option("--bank", "slug", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def analyse(slug: str, *, as_json: bool) -> None:
    """Count from all closed papers how the items of a bank did."""
    with reading():
        bank_id = get_bank(slug).id
        db.session.rollback()
    found = analyses.analyse(bank_id)
    db.session.commit()
    concerned = sum(bool(row.figures.concerns) for row in found.rows)
    counts = {"papers": found.papers, "items": len(found.rows), "with_concerns": concerned}
    click.echo(json.dumps(counts) if as_json else ", ".join(f"{name} {n}" for name, n in counts.items()))


blueprint = AppGroup("blueprint", help="How papers are drawn.")
group.add_command(blueprint)


@blueprint.command("check")
@click.option("--campaign", default=None, help="Slug; without it, every campaign.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(campaign: str | None, *, as_json: bool) -> None:
    """Say whether the banks can fill every paper; exit 1 naming each section that some draw cannot."""
    with reading():
        papers = blueprints.papers(campaign)
    if as_json:
        click.echo(json.dumps({"tracks": [_document(paper) for paper in papers]}, ensure_ascii=False))
    else:
        for paper in papers:
            _print(paper)
    raise SystemExit(0 if papers and all(paper.is_ready for paper in papers) else 1)


def _print(paper: TrackPaper) -> None:
    name = f"{paper.track.campaign_slug} {paper.track.job_role.value}"
    if not paper.sections:
        click.echo(f"{name}: no blueprint")
    for gap in paper.shortfalls:
        click.echo(f"{name}: section {gap.place}: wanted {gap.wanted}, found {gap.found}")
    if paper.is_ready:
        click.echo(f"{name}: {paper.questions} questions, {paper.points[0]} to {paper.points[1]} points")


def _document(paper: TrackPaper) -> dict[str, Any]:
    return {
        "campaign": paper.track.campaign_slug,
        "role": paper.track.job_role.value,
        "questions": paper.questions,
        "points": list(paper.points),
        "ready": paper.is_ready,
        "shortfalls": [
            {"section": gap.place, "wanted": gap.wanted, "found": gap.found} for gap in paper.shortfalls
        ],
    }
