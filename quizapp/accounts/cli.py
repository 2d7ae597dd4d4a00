"""Commands on accounts: the first administrator, and the way back in."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from quizapp.accounts import accounts, queries
from quizapp.accounts.kinds import GrantKind
from quizapp.audit.actors import COMMAND_LINE
from quizapp.extensions import db

group = AppGroup("accounts", help="Accounts and what they may do.")
_password = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when not given."
)


@group.command("create")
@click.option("--phone", required=True)
@click.option("--name", required=True)
@_password
def create(phone: str, name: str, password: str) -> None:
    """Make an account."""
    accounts.create_account(COMMAND_LINE, phone=phone, name=name, password=password)
    db.session.commit()
    click.echo(f"created {name}")


@group.command("grant")
@click.option("--phone", required=True)
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in GrantKind]))
@click.option(
    "--region", default=None, help="Path of a region, such as wujin/hutang; without it, everywhere."
)
def grant(phone: str, kind: str, region: str | None) -> None:
    """Let an account do staff work."""
    account = queries.get_by_phone(phone)
    accounts.grant(COMMAND_LINE, account, GrantKind(kind), region)
    db.session.commit()
    click.echo(f"granted {kind} to {account.name}")


@group.command("reset")
@click.option("--phone", required=True)
@_password
def reset(phone: str, password: str) -> None:
    """Give an account a new password and end its sign-ins."""
    account = queries.get_by_phone(phone)
    accounts.set_password(COMMAND_LINE, account, password)
    db.session.commit()
    click.echo(f"new password for {account.name}")
