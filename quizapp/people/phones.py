"""A person's phone number in full: for a stated purpose, which the log keeps and the person can read."""

from __future__ import annotations

from quizapp.accounts import queries as account_queries
from quizapp.accounts import throttling
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.directory.models import Post

#: What a person can have failed at, by number.
TRIED = ("sign_in", "activate", "second_factor")


def reveal(actor: Actor, post: Post, purpose: str) -> str:
    """Return the phone number of who holds a post; record for what it is needed."""
    account = account_queries.get_account(post.account_id)
    detail = {"purpose": purpose, "enterprise": post.enterprise_id}
    log.record(actor, "person.reveal_phone", f"account:{account.id}", detail)
    return account.phone


def unlock(actor: Actor, post: Post) -> None:
    """Let somebody try again at once who must wait after failures."""
    account = account_queries.get_account(post.account_id)
    for what in TRIED:
        throttling.forget(what, account.phone)
    log.record(actor, "account.unlock", f"account:{account.id}")
