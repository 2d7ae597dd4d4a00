"""Who does staff work: granted and withdrawn by the district office, within its own reach."""

from __future__ import annotations

from dataclasses import dataclass

from quizapp.accounts import accounts, activations, codes, grants, second_factors
from quizapp.accounts import queries as account_queries
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.queries import GrantHolder
from quizapp.accounts.scopes import Scope
from quizapp.accounts.signed_in import HeldGrant
from quizapp.audit.actors import Actor
from quizapp.directory import queries as directory_queries
from quizapp.errors import Conflict, NotAllowed, NotFound
from quizapp.messages import M


class OwnGrant(Conflict):
    """Nobody takes away their own work: a district could be left without an administrator."""

    def __init__(self) -> None:
        super().__init__(M("不能撤销自己的权限，请由另一位管理员操作。"))


def holders(scope: Scope, *, kind: GrantKind | None, text: str, most: int) -> list[GrantHolder]:
    """Return who does staff work in a place that somebody reaches."""
    reached = account_queries.granted_within(scope, directory_queries.ids_within(scope))
    return account_queries.grants_in_force(reached, kind=kind, text=text, most=most)


def give(actor: Actor, scope: Scope, *, phone: str, name: str, wanted: HeldGrant) -> bool:
    """Let somebody do staff work, with a new account if they have none; False when they do already.

    Raises Invalid, NameDiffers, and NotAllowed for a place that the giver does not reach.
    """
    if not _reaches(scope, wanted):
        raise NotAllowed(M("这个范围超出您自己的权限。"))
    account_id = accounts.find_or_add(actor, phone=phone, name=name)
    return grants.give(actor, account_id, wanted)


def withdraw(actor: Actor, scope: Scope, grant_id: int) -> None:
    """Take staff work away. Raises NotFound for what the taker does not reach, and OwnGrant."""
    grant = account_queries.get_grant(grant_id)
    held = HeldGrant(grant.kind, grant.region_path, grant.member_unit_id, grant.enterprise_id)
    if not _reaches(scope, held):
        raise NotFound
    if grant.account_id == actor.account_id:
        raise OwnGrant
    grants.withdraw(actor, grant)


@dataclass(frozen=True, slots=True)
class StaffSlip:
    """A one-time code for somebody who does staff work."""

    name: str
    phone: str
    code: str


def issue_code(actor: Actor, scope: Scope, grant_id: int) -> StaffSlip:
    """Return a one-time code for who holds a grant. Raises NotFound for what the giver does not reach."""
    if not scope.everything:
        raise NotFound
    account = account_queries.get_account(account_queries.get_grant(grant_id).account_id)
    return StaffSlip(account.name, account.phone, codes.printed(activations.issue_code(actor, account.id)))


def reset_second_factor(actor: Actor, scope: Scope, grant_id: int) -> bool:
    """Take away the second factor of who holds a grant, after the loss of phone and codes."""
    grant = account_queries.get_grant(grant_id)
    if not scope.everything:
        raise NotFound
    return second_factors.remove(actor, grant.account_id)


def _reaches(scope: Scope, grant: HeldGrant) -> bool:
    """Say whether a place lies wholly within a scope."""
    if scope.everything:
        return True
    if grant.region_path is not None:
        return scope.covers(grant.region_path)
    if grant.enterprise_id is not None:
        try:
            directory_queries.get_enterprise(scope, grant.enterprise_id)
        except NotFound:
            return False
        return True
    return False
