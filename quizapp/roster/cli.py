"""Commands on the roster."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from quizapp.accounts.scopes import Scope
from quizapp.imports.commands import import_file
from quizapp.imports.plans import Fate
from quizapp.roster.importing import RosterImporter
from quizapp.roster.matching import Missing

group = AppGroup("directory", help="Enterprises and their people.")
#: What an enterprise or a person can become.
FATES = (Fate.NEW, Fate.CHANGED, Fate.MOVED, Fate.SAME, Fate.DUPLICATE, Fate.LEFT)


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--missing",
    type=click.Choice([missing.value for missing in Missing]),
    help="People whom the roster has and the file has not: keep them, or end their posts.",
)
@click.option("--dry-run", is_flag=True, help="Plan only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_roster(file: Path, missing: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Plan a file of enterprises and people and apply it whole, or exit 1 naming every refused row."""
    importer = RosterImporter(Scope(everything=True), Missing(missing) if missing else None)
    import_file(importer, file, FATES, dry_run=dry_run, as_json=as_json)
