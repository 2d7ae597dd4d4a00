"""A selection as conditions of SQL: the figures and the list use the same ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select

from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.campaigns.models import Enrolment
from quizapp.coverage.selection import Selection, Status
from quizapp.directory.models import Enterprise, Placement
from quizapp.directory.queries import reached_by, within
from quizapp.study.models import Progress, TrackModule


def in_force(row: Any, begun: Any, ended: Any, at: datetime) -> ColumnElement[bool]:
    """Return that a fact holds at a moment: begun by then and not ended."""
    return and_(getattr(row, begun) <= at, or_(getattr(row, ended).is_(None), getattr(row, ended) > at))


def in_scope(scope: Scope, fact: type[Enrolment | Placement]) -> ColumnElement[bool]:
    """Return that a fact, joined with its region, lies within what somebody may see."""
    return reached_by(scope, fact.member_unit_id, fact.enterprise_id)


def has_by(moment: Any, at: datetime) -> ColumnElement[bool]:
    """Return that something had happened by a moment."""
    return and_(moment.is_not(None), moment <= at)


def enrolments_of(selection: Selection) -> list[ColumnElement[bool]]:
    """Return the conditions on enrolments, joined with their region, enterprise and account."""
    at = selection.as_of
    conditions = [
        Enrolment.campaign_id == selection.campaign_id,
        in_force(Enrolment, "enrolled_at", "withdrawn_at", at),
        in_scope(selection.scope, Enrolment),
    ]
    if selection.region:
        conditions.append(within(selection.region))
    if selection.scale is not None:
        conditions.append(Enrolment.scale == selection.scale)
    if selection.role is not None:
        conditions.append(Enrolment.job_role == selection.role)
    if selection.enterprise_id is not None:
        conditions.append(Enrolment.enterprise_id == selection.enterprise_id)
    if selection.status is not None:
        conditions.append(status_at(at) == selection.status)
    if selection.text:
        conditions.append(_mentions(selection.text))
    return conditions


def enterprises_of(selection: Selection) -> list[ColumnElement[bool]]:
    """Return the conditions on enterprises, joined with their placement and its region."""
    conditions = [
        in_force(Placement, "since", "until", selection.as_of),
        in_scope(selection.scope, Placement),
    ]
    if selection.region:
        conditions.append(within(selection.region))
    if selection.scale is not None:
        conditions.append(Placement.scale == selection.scale)
    if selection.enterprise_id is not None:
        conditions.append(Enterprise.id == selection.enterprise_id)
    if selection.text:
        conditions.append(
            or_(
                Enterprise.name.contains(selection.text, autoescape=True),
                Enterprise.uscc.startswith(selection.text.upper(), autoescape=True),
            )
        )
    return conditions


def status_at(at: datetime) -> ColumnElement[str]:
    """Return how far an enrolment had come by a moment."""
    begun = (
        select(Progress.id)
        .join(TrackModule, TrackModule.module_id == Progress.module_id)
        .where(
            Progress.account_id == Enrolment.account_id,
            TrackModule.track_id == Enrolment.track_id,
            Progress.first_beat_at <= at,
        )
        .correlate(Enrolment)
        .exists()
    )
    return case(
        (has_by(Enrolment.completed_at, at), Status.COMPLETE.value),
        (has_by(Enrolment.studied_at, at), Status.STUDIED.value),
        (has_by(Enrolment.passed_at, at), Status.PASSED.value),
        (begun, Status.STUDYING.value),
        else_=Status.UNTOUCHED.value,
    )


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(
        Account.name.contains(text, autoescape=True),
        Enterprise.name.contains(text, autoescape=True),
        Enterprise.uscc.startswith(text.upper(), autoescape=True),
    )
