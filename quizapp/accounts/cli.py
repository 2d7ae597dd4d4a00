"""Commands on accounts: the first administrator, and the way back in."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from quizapp.accounts import accounts, grants, queries, second_factors
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.signed_in import HeldGrant
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
@click.option("--region", default=None, help="Path of a region, such as wujin/hutang.")
@click.option("--member-unit", type=int, default=None, help="Number of a member unit.")
@click.option("--enterprise", type=int, default=None, help="Number of an enterprise.")
def grant(phone: str, kind: str, region: str | None, member_unit: int | None, enterprise: int | None) -> None:
    """Let an account do staff work in a place; without one, everywhere."""
    account = queries.get_by_phone(phone)
    grants.give(COMMAND_LINE, account.id, HeldGrant(GrantKind(kind), region, member_unit, enterprise))
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


@group.command("reset-second-factor")
@click.option("--phone", required=True)
def reset_second_factor(phone: str) -> None:
    """Take an account's second factor away, for who lost phone and recovery codes."""
    account = queries.get_by_phone(phone)
    removed = second_factors.remove(COMMAND_LINE, account.id)
    db.session.commit()
    click.echo(f"second factor of {account.name} removed" if removed else f"{account.name} has none")
