"""Coming in by an enterprise's link: somebody applies, the contact says yes or no.

Nothing on the way tells the applicant who is on the roster: the answer to an application is the same for
everybody, and what it leads to is the contact's word.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from quizapp import clock
from quizapp.accounts import accounts, throttling
from quizapp.accounts import queries as account_queries
from quizapp.accounts.accounts import NameDiffers
from quizapp.accounts.passwords import hash_password
from quizapp.accounts.scopes import Scope
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.directory import posts
from quizapp.directory import queries as directory_queries
from quizapp.directory.initials import spoken_words
from quizapp.directory.posts import NewPost
from quizapp.directory.roles import JobRole
from quizapp.errors import Conflict
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.people import queries, slips
from quizapp.people.models import Application, ApplicationState, JoinLink
from quizapp.people.terms import MOST_WAITING
from quizapp.roster.following import roster_change

NUMBERS = 10_000


class TooManyWaiting(Conflict):
    """So many wait that the contact must decide first."""

    def __init__(self) -> None:
        super().__init__(M("等待确认的人太多，请联系本企业联络员。"))


def renew_link(actor: Actor, enterprise_id: int) -> str:
    """Give an enterprise a fresh link; the one before leads nowhere any more. Return its token."""
    now, token = clock.now(), secrets.token_urlsafe(12)
    held = db.session.scalar(
        db.select(JoinLink)
        .where(JoinLink.enterprise_id == enterprise_id, JoinLink.ended_at.is_(None))
        .with_for_update()
    )
    if held is not None:
        held.ended_at = now
        db.session.flush()
    db.session.add(JoinLink(enterprise_id=enterprise_id, token=token, made_at=now))
    db.session.flush()
    log.record(actor, "enterprise.renew_join_link", f"enterprise:{enterprise_id}")
    return token


@dataclass(frozen=True, kw_only=True, slots=True)
class Applicant:
    """What somebody says of themselves."""

    name: str
    phone: str
    job_role: JobRole
    title: str
    password: str


def apply(actor: Actor, enterprise_id: int, enterprise_name: str, applicant: Applicant) -> Application:
    """Take an application down; it waits for the contact. Raises Invalid, TooManyTries, TooManyWaiting.

    Every application counts as a try of its phone number and its address, also those of people who are
    on the roster.
    """
    throttling.check("join", applicant.phone, actor.address)
    accounts.check_person(applicant.phone, applicant.name)
    accounts.check_password(
        applicant.password, applicant.phone, applicant.name, spoken_words(enterprise_name, applicant.name)
    )
    if queries.count_waiting(enterprise_id) >= MOST_WAITING:
        raise TooManyWaiting
    throttling.count_failure("join", applicant.phone, actor.address)
    application = Application(
        enterprise_id=enterprise_id,
        number=f"{secrets.randbelow(NUMBERS):04d}",
        name=applicant.name,
        phone=applicant.phone,
        job_role=applicant.job_role,
        title=applicant.title,
        password_hash=hash_password(applicant.password),
        state=ApplicationState.WAITING,
        applied_at=clock.now(),
    )
    db.session.add(application)
    db.session.flush()
    log.record(actor, "application.apply", f"application:{application.id}", {"enterprise": enterprise_id})
    return application


@dataclass(slots=True)
class Decision:
    """What accepting did: whose password was set, who keeps or lacks one, who could not be accepted."""

    entered: list[str]
    kept_password: list[str]
    differing: list[str]


def accept(
    actor: Actor, enterprise_id: int, application_ids: list[int], scope: Scope, *, also_staff: bool
) -> Decision:
    """Say yes: each applicant is on the roster from now on and may sign in with the password they chose.

    A password that an account has already stays: the link is no way into somebody's account. Nor is one
    set where the contact could not hand over a code either: for people with posts outside the scope,
    and for staff.
    """
    decision = Decision([], [], [])
    with roster_change(actor) as at:
        applications = queries.lock_waiting(enterprise_id, application_ids)
        holders = directory_queries.holders(enterprise_id)
        for application in applications:
            try:
                account_id = accounts.find_or_add(actor, phone=application.phone, name=application.name)
            except NameDiffers:
                decision.differing.append(application.name)
                continue
            if account_id not in holders:
                posts.begin(actor, _post(application, account_id), at)
                holders.add(account_id)
            password_hash = application.password_hash or ""
            _decide(actor, application, ApplicationState.ACCEPTED)
            if _may_be_let_in(account_id, scope, also_staff=also_staff):
                accounts.set_first_password(actor, account_id, password_hash)
                decision.entered.append(application.name)
            else:
                decision.kept_password.append(application.name)
    return decision


def _post(application: Application, account_id: int) -> NewPost:
    return NewPost(
        account_id=account_id,
        enterprise_id=application.enterprise_id,
        job_role=application.job_role,
        title=application.title,
    )


def _may_be_let_in(account_id: int, scope: Scope, *, also_staff: bool) -> bool:
    """Say whether a contact's yes may give this account its first password."""
    if account_queries.get_account(account_id).password_hash is not None:
        return False
    return not slips.out_of_reach([account_id], scope, also_staff=also_staff)


def refuse(actor: Actor, enterprise_id: int, application_ids: list[int]) -> int:
    """Say no; return to how many."""
    applications = queries.lock_waiting(enterprise_id, application_ids)
    for application in applications:
        _decide(actor, application, ApplicationState.REFUSED)
    return len(applications)


def _decide(actor: Actor, application: Application, state: ApplicationState) -> None:
    application.state = state
    application.decided_at = clock.now()
    application.decided_by = actor.account_id
    application.password_hash = None
    db.session.flush()
    verb = {ApplicationState.ACCEPTED: "accept", ApplicationState.REFUSED: "refuse"}[state]
    log.record(actor, f"application.{verb}", f"application:{application.id}")


def forget(before: datetime) -> int:
    """Delete the applications made before a moment, all answered or lapsed; return how many."""
    gone = delete(Application).where(Application.applied_at < before).returning(Application.id)
    return len(db.session.scalars(gone.execution_options(synchronize_session=False)).all())
