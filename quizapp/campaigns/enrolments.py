"""What happens to enrolments: posts begin and end, somebody studied everything, somebody passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.database import Moment, in_chunks
from quizapp.directory.queries import held_posts
from quizapp.directory.roles import REQUIRED_ROLES
from quizapp.extensions import db

#: What of a post an enrolment carries; when one of them changes, the next row takes over.
CARRIED = ("post_id", "account_id", "enterprise_id", "job_role", "region_id", "member_unit_id", "scale")


def follow_posts(at: datetime) -> None:
    """Let the enrolments of campaigns that are not over say who must be covered from now on.

    Who no longer must, is withdrawn. Who must, and is not enrolled as their post stands now, gets a row
    that takes over what the withdrawn one had earned, or another of the same account in the track.
    """
    wanted = _wanted(at)
    # Plain equality where nothing is null: PostgreSQL can only hash that.
    same = [
        wanted.c[name].is_not_distinct_from(getattr(Enrolment, name))
        if name == "member_unit_id"
        else wanted.c[name] == getattr(Enrolment, name)
        for name in CARRIED
    ]
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.withdrawn_at.is_(None),
            Enrolment.campaign_id.in_(select(Campaign.id).where(Campaign.closes_at > at)),
            ~exists(select(wanted.c.post_id).where(wanted.c.track_id == Enrolment.track_id, *same)),
        )
        .values(withdrawn_at=at)
        .execution_options(synchronize_session=False)
    )
    earned = _earned(at)
    enrolled = exists(
        select(Enrolment.id).where(
            Enrolment.post_id == wanted.c.post_id,
            Enrolment.campaign_id == wanted.c.campaign_id,
            Enrolment.withdrawn_at.is_(None),
        )
    )
    names = ["campaign_id", "track_id", *CARRIED]
    done = case((earned.c.studied_at > earned.c.passed_at, earned.c.studied_at), else_=earned.c.passed_at)
    db.session.execute(
        insert(Enrolment).from_select(
            [*names, "enrolled_at", "studied_at", "passed_at", "attempt_id", "completed_at"],
            select(
                *(wanted.c[name] for name in names),
                literal(at, type_=Moment),
                earned.c.studied_at,
                earned.c.passed_at,
                earned.c.attempt_id,
                case((and_(earned.c.studied_at.is_not(None), earned.c.passed_at.is_not(None)), done)),
            )
            .select_from(wanted)
            .outerjoin(
                earned,
                and_(earned.c.account_id == wanted.c.account_id, earned.c.track_id == wanted.c.track_id),
            )
            .where(~enrolled),
            include_defaults=False,
        )
    )


def _wanted(at: datetime) -> Subquery:
    """Return who must be covered: each held post whose size requires its role, in each campaign."""
    held = held_posts()
    return (
        select(Track.campaign_id, Track.id.label("track_id"), *(held.c[name] for name in CARRIED))
        .join(Track, Track.job_role == held.c.job_role)
        .join(Campaign, Campaign.id == Track.campaign_id)
        .where(Campaign.closes_at > at, _is_required(held))
        .subquery("wanted")
    )


def _is_required(held: Subquery) -> ColumnElement[bool]:
    return or_(
        *(and_(held.c.scale == scale, held.c.job_role.in_(roles)) for scale, roles in REQUIRED_ROLES.items())
    )


def _earned(at: datetime) -> CTE:
    """Return what accounts have earned in tracks: by rows in force, and by those withdrawn just now."""
    return (
        select(
            Enrolment.account_id,
            Enrolment.track_id,
            func.min(Enrolment.studied_at).label("studied_at"),
            func.min(Enrolment.passed_at).label("passed_at"),
            func.min(Enrolment.attempt_id).label("attempt_id"),
        )
        .where(or_(Enrolment.withdrawn_at.is_(None), Enrolment.withdrawn_at == at))
        .group_by(Enrolment.account_id, Enrolment.track_id)
        .cte("earned")
    )


def record_studied(account_id: int, track_ids: Select[int], at: datetime) -> None:
    """Record that the account has studied all of these tracks; it completes what is already passed.

    A person in the same role of several enterprises has one enrolment for each: all of them are met.
    """
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.account_id == account_id,
            Enrolment.track_id.in_(track_ids),
            Enrolment.withdrawn_at.is_(None),
            Enrolment.studied_at.is_(None),
        )
        .values(studied_at=at, completed_at=_done_if(Enrolment.passed_at, at))
        .execution_options(synchronize_session=False)
    )


def record_studied_where(has_studied: ColumnElement[bool], track_ids: Select[int], at: datetime) -> None:
    """Record that whoever meets a condition on enrolments has studied, in these tracks."""
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.track_id.in_(track_ids),
            Enrolment.withdrawn_at.is_(None),
            Enrolment.studied_at.is_(None),
            has_studied,
        )
        .values(studied_at=at, completed_at=_done_if(Enrolment.passed_at, at))
        .execution_options(synchronize_session=False)
    )


def reopen_study(account_ids: Select[int], track_ids: Select[int], at: datetime) -> int:
    """Let these accounts study these tracks again, but for what is completed; return how many enrolments.

    A row that says "studied" is withdrawn and a new one takes over, so that the past can still be asked.
    """
    withdrawn = db.session.scalars(
        update(Enrolment)
        .where(
            Enrolment.account_id.in_(account_ids),
            Enrolment.track_id.in_(track_ids),
            Enrolment.withdrawn_at.is_(None),
            Enrolment.studied_at.is_not(None),
            Enrolment.completed_at.is_(None),
        )
        .values(withdrawn_at=at)
        .returning(Enrolment.id)
        .execution_options(synchronize_session=False)
    ).all()
    names = ["campaign_id", "track_id", *CARRIED]
    for chunk in in_chunks(withdrawn):
        db.session.execute(
            insert(Enrolment).from_select(
                [*names, "enrolled_at"],
                select(*(getattr(Enrolment, name) for name in names), literal(at, type_=Moment)).where(
                    Enrolment.id.in_(chunk)
                ),
                include_defaults=False,
            )
        )
    return len(withdrawn)


def record_passed(account_id: int, track_id: int, attempt_id: int, at: datetime) -> None:
    """Record that the attempt passed the track's quiz; it completes what is already studied."""
    db.session.execute(
        update(Enrolment)
        .where(
            Enrolment.account_id == account_id,
            Enrolment.track_id == track_id,
            Enrolment.withdrawn_at.is_(None),
            Enrolment.passed_at.is_(None),
        )
        .values(passed_at=at, attempt_id=attempt_id, completed_at=_done_if(Enrolment.studied_at, at))
        .execution_options(synchronize_session=False)
    )


def _done_if(other: Any, at: datetime) -> Any:
    """Return the later of both moments, once the other one stands too."""
    return case((other > at, other), (other.is_not(None), at), else_=None)
