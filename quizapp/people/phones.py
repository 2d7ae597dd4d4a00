"""A person's phone number in full: for a stated purpose, which the log keeps and the person can read."""

from __future__ import annotations

from quizapp.accounts import queries as account_queries
from quizapp.accounts import throttling
from quizapp.accounts.scopes import Scope
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.directory.models import Post
from quizapp.errors import NotAllowed
from quizapp.messages import M
from quizapp.people import slips

#: What a person can have failed at, by number.
TRIED = ("sign_in", "activate", "second_factor")


def reveal(actor: Actor, post: Post, purpose: str) -> str:
    """Return the phone number of who holds a post; record for what it is needed."""
    account = account_queries.get_account(post.account_id)
    detail = {"purpose": purpose, "enterprise": post.enterprise_id}
    log.record(actor, "person.reveal_phone", f"account:{account.id}", detail)
    return account.phone


class BeyondReach(NotAllowed):
    """The person also works elsewhere, or does staff work."""

    def __init__(self) -> None:
        super().__init__(M("此人在其他企业也有任职，或有管理权限，请由属地或区安委办工作人员解除。"))


def unlock(actor: Actor, post: Post, scope: Scope, *, also_staff: bool) -> None:
    """Let somebody try again at once who must wait after failures.

    Whoever could do so at will could also guess at will. So it is for those alone who could hand over a
    code: raises BeyondReach for the others.
    """
    if slips.out_of_reach([post.account_id], scope, also_staff=also_staff):
        raise BeyondReach
    account = account_queries.get_account(post.account_id)
    for what in TRIED:
        throttling.forget(what, account.phone)
    log.record(actor, "account.unlock", f"account:{account.id}")
