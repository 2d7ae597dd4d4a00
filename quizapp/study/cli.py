"""Commands on study content."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db
from quizapp.study import content, modules

group = AppGroup("study", help="Study content.")


@group.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def load(folder: Path) -> None:
    """Bring in the modules of a folder; again changes nothing."""
    ids = modules.load_modules(COMMAND_LINE, content.read_folder(folder))
    db.session.commit()
    click.echo(f"{len(ids)} modules")
