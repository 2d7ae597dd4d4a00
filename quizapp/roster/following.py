"""After a change of the roster: who must be covered follows, with what they have earned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from quizapp import clock
from quizapp.accounts import grants
from quizapp.audit.actors import Actor
from quizapp.campaigns import enrolments
from quizapp.database import lock_for_transaction
from quizapp.directory import queries as directory_queries
from quizapp.extensions import db
from quizapp.quiz import attempts
from quizapp.study import progress

LOCK = "roster"


@contextmanager
def roster_change(actor: Actor) -> Iterator[datetime]:
    """Change the roster within, as of the moment given, alone; the enrolments follow at the end.

    A contact who has left the enterprise keeps its roster no longer.

    Everything in one change carries the same moment, so that any moment of the past shows either all
    of it or nothing.
    """
    lock_for_transaction(db.session, LOCK)
    at = clock.now()
    yield at
    db.session.flush()
    enrolments.follow_posts(at)
    progress.recognise(at)
    attempts.recognise(at)
    grants.withdraw_contacts(actor, directory_queries.left_at(at))
