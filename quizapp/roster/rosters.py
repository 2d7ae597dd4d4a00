"""What clerks and contacts do with the roster: one change at a time, and the enrolments follow."""

from __future__ import annotations

from collections.abc import Mapping

from quizapp import clock
from quizapp.accounts import accounts
from quizapp.audit.actors import Actor
from quizapp.directory import enterprises, posts
from quizapp.directory.facts import EnterpriseFacts
from quizapp.directory.models import Enterprise, Post
from quizapp.directory.posts import NewPost
from quizapp.directory.roles import EnterpriseState, JobRole
from quizapp.roster.following import roster_change


def register_enterprise(actor: Actor, facts: EnterpriseFacts) -> int:
    """Register an enterprise and return its id. Raises Invalid and EnterpriseExists."""
    with roster_change(actor) as at:
        return enterprises.register(actor, facts, at)


def change_enterprise(actor: Actor, enterprise: Enterprise, facts: EnterpriseFacts) -> bool:
    """Bring an enterprise to these facts; False when nothing changes. Raises Invalid, EnterpriseExists."""
    with roster_change(actor) as at:
        return enterprises.change(actor, enterprise, facts, at)


def set_state(actor: Actor, enterprise: Enterprise, state: EnterpriseState, reason: str) -> bool:
    """Suspend, close or reopen an enterprise; False when nothing changes. Raises ReasonMissing, Invalid."""
    with roster_change(actor) as at:
        return enterprises.set_state(actor, enterprise, state, reason, at)


def declare(actor: Actor, enterprise_id: int, people: Mapping[JobRole, int | None]) -> bool:
    """Take down the declared head-counts; False when nothing changes. Raises Invalid."""
    return enterprises.declare(actor, enterprise_id, people, clock.now())


def add_person(actor: Actor, enterprise_id: int, *, phone: str, name: str, role: JobRole, title: str) -> int:
    """Let somebody take up a post; return its id. Raises Invalid, NameDiffers, PostHeld."""
    with roster_change(actor) as at:
        account_id = accounts.find_or_add(actor, phone=phone, name=name)
        post = NewPost(account_id=account_id, enterprise_id=enterprise_id, job_role=role, title=title)
        return posts.begin(actor, post, at)


def change_post(actor: Actor, post: Post, *, role: JobRole, title: str) -> int:
    """Give somebody another title or role; return the post in force. Raises Invalid, PostHeld."""
    with roster_change(actor) as at:
        return posts.change(actor, post, at, job_role=role, title=title)


def end_post(actor: Actor, post: Post) -> None:
    """Let somebody leave a post."""
    with roster_change(actor) as at:
        posts.end(actor, post, at)
