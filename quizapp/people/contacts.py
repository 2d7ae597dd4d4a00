"""Who keeps an enterprise's roster: appointed by the clerks of its area."""

from __future__ import annotations

from quizapp.accounts import accounts, grants
from quizapp.accounts import queries as account_queries
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.signed_in import HeldGrant
from quizapp.audit.actors import Actor
from quizapp.errors import NotFound


def appoint(actor: Actor, enterprise_id: int, *, phone: str, name: str) -> None:
    """Let somebody keep an enterprise's roster. Raises Invalid and NameDiffers."""
    account_id = accounts.find_or_add(actor, phone=phone, name=name)
    grants.give(actor, account_id, HeldGrant(GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise_id))


def dismiss(actor: Actor, enterprise_id: int, grant_id: int) -> None:
    """Take an enterprise's contact their work. Raises NotFound for another's grant."""
    grant = account_queries.get_grant(grant_id)
    if grant.enterprise_id != enterprise_id or grant.kind is not GrantKind.ENTERPRISE_CONTACT:
        raise NotFound
    grants.withdraw(actor, grant)
