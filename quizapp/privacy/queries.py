"""What is held about one person, and who looked at it: put together from every package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from quizapp.accounts import queries as account_queries
from quizapp.accounts.models import Account, Grant, Identity, SignIn
from quizapp.audit import queries as audit_queries
from quizapp.audit.names import action_name
from quizapp.campaigns import queries as campaign_queries
from quizapp.campaigns.queries import PastEnrolment
from quizapp.coverage import exports
from quizapp.directory import queries as directory_queries
from quizapp.directory.queries import OwnPost
from quizapp.messages import M, Message
from quizapp.people import queries as people_queries
from quizapp.people.models import Application
from quizapp.quiz import queries as quiz_queries
from quizapp.quiz.queries import AttemptSummary
from quizapp.study import queries as study_queries
from quizapp.study.queries import PastReading


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Something that somebody else did to or saw of a person; `purpose` is "" where none is asked for."""

    at: datetime
    actor_id: int | None
    what: Message
    purpose: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """Everything that is held about one person."""

    account: Account
    posts: Sequence[OwnPost]
    grants: Sequence[Grant]
    enrolments: Sequence[PastEnrolment]
    readings: Sequence[PastReading]
    attempts: Sequence[AttemptSummary]
    applications: Sequence[tuple[Application, str]]
    sign_ins: Sequence[SignIn]
    identities: Sequence[Identity]


def held(account_id: int) -> Held:
    """Return everything that is held about a person."""
    account = account_queries.get_account(account_id)
    return Held(
        account=account,
        posts=directory_queries.posts_of(account_id),
        grants=account_queries.grant_history(account_id),
        enrolments=campaign_queries.enrolments_of(account_id),
        readings=study_queries.readings_of(account_id),
        attempts=quiz_queries.own_attempts(account_id),
        applications=people_queries.applications_of(account.phone),
        sign_ins=account_queries.sign_ins_of(account_id),
        identities=account_queries.identities_of(account_id),
    )


def looks(everything: Held) -> list[Look]:
    """Return who did something to or saw something of a person, the latest first."""
    subjects = {f"account:{everything.account.id}"}
    subjects |= {f"post:{post.post_id}" for post in everything.posts}
    subjects |= {f"application:{application.id}" for application, _ in everything.applications}
    acts = [
        Look(
            at=entry.at,
            actor_id=entry.actor_id,
            what=action_name(entry.action),
            purpose=str(entry.detail.get("purpose", "")),
        )
        for entry in audit_queries.acts_on(subjects, not_by=everything.account.id)
    ]
    lists = [
        Look(
            at=one.at,
            actor_id=one.actor_id,
            what=M("导出含您的名单（完整手机号）") if one.purpose else M("导出含您的名单（手机号已遮盖）"),
            purpose=one.purpose,
        )
        for one in exports.lists_with(everything.account.id)
    ]
    return sorted([*acts, *lists], key=lambda look: look.at, reverse=True)


def document(everything: Held) -> dict[str, Any]:
    """Return the same as plain JSON values, for a person to take away (PIPL, article 45)."""
    account = everything.account
    return {
        "name": account.name,
        "phone": account.phone,
        "created_at": account.created_at,
        "posts": [asdict(post) for post in everything.posts],
        "grants": [
            {"kind": grant.kind, "granted_at": grant.granted_at, "withdrawn_at": grant.withdrawn_at}
            for grant in everything.grants
        ],
        "enrolments": [asdict(enrolment) for enrolment in everything.enrolments],
        "studied": [asdict(reading) for reading in everything.readings],
        "attempts": [asdict(attempt) for attempt in everything.attempts],
        "applications": [
            {
                "enterprise": enterprise,
                "name": application.name,
                "phone": application.phone,
                "job_role": application.job_role,
                "title": application.title,
                "state": application.state,
                "applied_at": application.applied_at,
            }
            for application, enterprise in everything.applications
        ],
        "sign_ins": [
            {
                "device": sign_in.device,
                "address": sign_in.address,
                "began_at": sign_in.began_at,
                "seen_at": sign_in.seen_at,
                "ended_at": sign_in.ended_at,
            }
            for sign_in in everything.sign_ins
        ],
        "identities": [
            {"issuer": identity.issuer, "subject": identity.subject, "linked_at": identity.linked_at}
            for identity in everything.identities
        ],
    }
