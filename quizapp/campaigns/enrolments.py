"""What happens to enrolments: somebody studied everything, somebody passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, update

from quizapp.campaigns.models import Enrolment
from quizapp.extensions import db


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
    return case((other.is_not(None), at), else_=None)
