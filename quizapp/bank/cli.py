"""Commands on banks."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from quizapp.audit.actors import COMMAND_LINE
from quizapp.bank import banks, exporting
from quizapp.bank.banks import BankImporter
from quizapp.bank.formats.registry import FORMATS
from quizapp.extensions import db
from quizapp.imports.commands import import_file
from quizapp.imports.plans import Fate

group = AppGroup("bank", help="Question banks.")
#: What a question can become.
FATES = (Fate.NEW, Fate.CHANGED, Fate.SAME, Fate.DUPLICATE)
READABLE = [one.name for one in FORMATS if one.is_readable]
WRITABLE = [one.name for one in FORMATS if one.write]


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
@click.option(
    "--format", "format_name", type=click.Choice(READABLE), default=None, help="Else by ending and content."
)
@click.option("--dry-run", is_flag=True, help="Plan only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_questions(file: Path, slug: str, format_name: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Plan a file and apply it whole, or exit 1 naming every refused row."""
    import_file(BankImporter(slug, format_name or ""), file, FATES, dry_run=dry_run, as_json=as_json)


@group.command("export")
@click.option("--bank", "slug", required=True)
@click.option("--format", "format_name", type=click.Choice(WRITABLE), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export_questions(slug: str, format_name: str, out: Path) -> None:
    """Write a bank's active questions, keys included, to a file."""
    exported = exporting.export_bank(COMMAND_LINE, slug, format_name)
    out.write_bytes(exported.content)
    db.session.commit()
