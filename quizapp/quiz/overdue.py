"""Sweeping up attempts whose deadline has passed, each in a transaction of its own."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from quizapp import clock
from quizapp.database import reading
from quizapp.extensions import db
from quizapp.quiz import attempts, queries

#: How many are taken up in one sweep.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Swept:
    """How many attempts were closed, and which ones could not be graded."""

    closed: int
    failed: tuple[int, ...]


def sweep() -> Swept:
    """Close every overdue attempt. One that cannot be graded is reported and holds up no other.

    Commits after each attempt, so that being killed in the middle loses nothing.
    """
    with reading():
        overdue = queries.overdue_attempts(clock.now() - attempts.GRACE, MOST)
        db.session.rollback()
    closed, failed = 0, []
    for attempt_id in overdue:
        try:
            closed += attempts.close_overdue(attempt_id)
            db.session.commit()
        except Exception:
            db.session.rollback()
            logging.getLogger("quizapp").exception("attempt %s could not be graded", attempt_id)
            failed.append(attempt_id)
    return Swept(closed, tuple(failed))
