"""Activation slips: one-time codes to print and hand over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
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


def out_of_reach(account_ids: Collection[int], scope: Scope, *, also_staff: bool) -> set[int]:
    """Return whose sign-in somebody has no say in: people with posts outside the scope, and staff."""
    found = directory_queries.held_outside(scope, account_ids)
    return found if also_staff else found | account_queries.staff_among(account_ids)


def issue_slips(
    actor: Actor, people: Iterable[PersonInPost], scope: Scope, *, also_staff: bool
) -> tuple[list[Slip], list[str]]:
    """Return a slip with a fresh one-time code for each person, and the names of those who get none.

    A code opens the account, so nobody gets one from somebody whose scope does not hold all of their
    posts, and who does staff work gets one from the district alone. Older codes are void.
    """
    by_account = {person.account_id: person for person in people if person.ended_at is None}
    barred = out_of_reach(by_account.keys(), scope, also_staff=also_staff)
    slips = [
        Slip(person.name, person.phone, codes.printed(activations.issue_code(actor, account_id)))
        for account_id, person in by_account.items()
        if account_id not in barred
    ]
    return slips, [by_account[account_id].name for account_id in sorted(barred)]
