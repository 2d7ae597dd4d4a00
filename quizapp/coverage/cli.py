"""The coverages on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from quizapp import clock
from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import COMMAND_LINE
from quizapp.campaigns.queries import get_campaign
from quizapp.coverage import listing, queries, verification
from quizapp.coverage.exports import record_export
from quizapp.coverage.rates import Figures, People
from quizapp.coverage.selection import Selection, Status, read_as_of
from quizapp.database import reading
from quizapp.directory.queries import get_region
from quizapp.extensions import db
from quizapp.web.display import percent
from quizapp.web.exports import csv_chunks, write_xlsx

group = AppGroup("coverage", help="The two full coverages.")
_campaign = click.option("--campaign", default=None, help="Slug; without it, the newest campaign.")
_region = click.option("--region", default="", help="Path of a region, such as wujin/hutang.")
_as_of = click.option("--as-of", default="", help="A day or a moment, such as 2026-09-30.")
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def _selection(campaign: str | None, region: str, as_of: str, status: Status | None = None) -> Selection:
    if region:
        get_region(region)
    return Selection(
        campaign_id=get_campaign(campaign).id,
        as_of=read_as_of(as_of, clock.now()),
        scope=Scope(everything=True),
        region=region,
        status=status,
    )


@group.command("show")
@_campaign
@_region
@_as_of
@_json
def show(campaign: str | None, region: str, as_of: str, *, as_json: bool) -> None:
    """Print the two coverages and those of each region."""
    with reading():
        selection = _selection(campaign, region, as_of)
        overview = queries.overview(selection)
    if as_json:
        click.echo(json.dumps(_document(selection, overview), ensure_ascii=False))
        return
    click.echo(f"as of {selection.as_of.isoformat()}, {overview.different_people} different people")
    for name, above, below in [
        ("", overview.above, overview.below),
        *((row.name, row.above, row.below) for row in overview.regions),
    ]:
        click.echo(f"{name}\t规上 {_words(above)}\t规下 {_words(below)}")


def _words(figures: Figures) -> str:
    people, units = figures.people, figures.enterprises
    return (
        f"{people.completed}/{people.enrolled} {percent(people.completed, people.enrolled)}"
        f" 企业 {units.covered}/{units.total}"
    )


def _document(selection: Selection, overview: queries.Overview) -> dict[str, Any]:
    return {
        "campaign": selection.campaign_id,
        "as_of": selection.as_of.isoformat(),
        "region": selection.region,
        "above": _figures(overview.above),
        "below": _figures(overview.below),
        "different_people": overview.different_people,
        "roles": [
            {"scale": scale.value, "role": role.value, **_people(people)}
            for (scale, role), people in sorted(overview.by_role.items())
        ],
        "regions": [
            {"path": row.path, "name": row.name, "above": _figures(row.above), "below": _figures(row.below)}
            for row in overview.regions
        ],
    }


def _figures(figures: Figures) -> dict[str, Any]:
    units = figures.enterprises
    return {
        "people": _people(figures.people),
        "enterprises": {
            "total": units.total,
            "covered": units.covered,
            "missing_role": units.missing_role,
            "unfinished": units.unfinished,
            "under_declared": units.under_declared,
        },
    }


def _people(people: People) -> dict[str, int]:
    return {"enrolled": people.enrolled, "completed": people.completed, "expected": people.expected}


@group.command("list")
@_campaign
@_region
@_as_of
@click.option("--status", type=click.Choice([status.value for status in Status]), default=None)
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def list_(campaign: str | None, region: str, as_of: str, status: str | None, kind: str, out: Path) -> None:
    """Write the completion list to a file."""
    selection = _selection(campaign, region, as_of, Status(status) if status else None)
    record_export(COMMAND_LINE, selection, kind=kind)
    db.session.commit()
    with reading(), out.open("wb") as file:
        rows = listing.lines(queries.stream_list(selection))
        if kind == "xlsx":
            write_xlsx(file, "完成名单", listing.headings(), rows)
        else:
            file.writelines(csv_chunks(listing.headings(), rows))


@group.command("verify")
@_campaign
@_json
def verify(campaign: str | None, *, as_json: bool) -> None:
    """Recompute everything from the facts; exit 1 naming each difference."""
    with reading():
        found = [str(message) for message in verification.differences(_selection(campaign, "", ""))]
    if as_json:
        click.echo(json.dumps({"differences": found}, ensure_ascii=False))
    else:
        click.echo("\n".join([*found, f"{len(found)} differences"]))
    raise SystemExit(1 if found else 0)
