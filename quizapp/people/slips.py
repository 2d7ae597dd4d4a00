"""Activation slips: one-time codes to print and hand over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quizapp.accounts import activations, codes
from quizapp.accounts import queries as account_queries
from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import Actor
from quizapp.directory import queries as directory_queries
from quizapp.directory.queries import PersonInPost


@dataclass(frozen=True, slots=True)
class Slip:
    """An activation slip to print and hand over."""

    name: str
    phone: str
    code: str


def issue_slips(
    actor: Actor, people: Iterable[PersonInPost], scope: Scope, *, also_to_staff: bool
) -> tuple[list[Slip], list[str]]:
    """Return a slip with a fresh one-time code for each person, and the names of those who get none.

    A code opens the account, so nobody gets one from somebody whose scope does not hold all of their
    posts, and who does staff work gets one from the district alone. Older codes are void.
    """
    by_account = {person.account_id: person for person in people if person.ended_at is None}
    barred = directory_queries.held_outside(scope, by_account)
    if not also_to_staff:
        barred |= account_queries.staff_among(by_account)
    slips = [
        Slip(person.name, person.phone, codes.printed(activations.issue_code(actor, account_id)))
        for account_id, person in by_account.items()
        if account_id not in barred
    ]
    return slips, [by_account[account_id].name for account_id in sorted(barred)]
