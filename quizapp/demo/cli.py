"""The demonstration district on the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from config import ROOT
from quizapp.audit.actors import COMMAND_LINE
from quizapp.demo import loading
from quizapp.extensions import db
from quizapp.study.content import read_folder

group = AppGroup("demo", help="A made-up district to try things in.")


@group.command("load")
@click.option("--enterprises", type=click.IntRange(1), default=60, show_default=True)
@click.option("--people", type=click.IntRange(1), default=600, show_default=True)
@click.option("--seed", type=int, default=2020, show_default=True)
def load(enterprises: int, people: int, seed: int) -> None:
    """Make the demonstration district in an empty database; a second time changes nothing."""
    if loading.is_loaded():
        click.echo("the demonstration district is there already")
        return
    files = read_folder(ROOT / "question_bank" / "modules")
    loaded = loading.load(COMMAND_LINE, files, enterprises=enterprises, people=people, seed=seed)
    db.session.commit()
    click.echo(f"{loaded.enterprises} enterprises, {loaded.posts} posts")
