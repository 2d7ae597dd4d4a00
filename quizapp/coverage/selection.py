"""Which part of a campaign's coverage is asked for, and when: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from enum import StrEnum

from quizapp.accounts.scopes import Scope
from quizapp.clock import DISTRICT_TIME
from quizapp.directory.roles import JobRole, Scale
from quizapp.errors import Invalid
from quizapp.messages import M


class Status(StrEnum):
    """How far an enrolment has come."""

    COMPLETE = "complete"
    #: Studied everything, has not passed.
    STUDIED = "studied"
    #: Passed, has not studied everything.
    PASSED = "passed"
    #: Has begun to study.
    STUDYING = "studying"
    UNTOUCHED = "untouched"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """A campaign at a moment, within what somebody may see; narrowed by region, size, role, …."""

    campaign_id: int
    as_of: datetime
    scope: Scope
    region: str = ""
    scale: Scale | None = None
    role: JobRole | None = None
    status: Status | None = None
    enterprise_id: int | None = None
    text: str = ""


def read_as_of(text: str, now: datetime) -> datetime:
    """Return the moment asked for: a day means its end in the district, nothing means now.

    Raises Invalid for what is no date, and for the future, which nobody knows.
    """
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(M("日期应写作 2026-09-30。")) from error
    # The ends of the calendar have no day before or after, as other time zones may need.
    if not MINYEAR < moment.year < MAXYEAR:
        raise Invalid(M("日期应写作 2026-09-30。"))
    if "T" not in text and " " not in text:
        moment += timedelta(days=1, microseconds=-1)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=DISTRICT_TIME)
    if (
        aware.astimezone(UTC) > now
        and aware.astimezone(DISTRICT_TIME).date() > now.astimezone(DISTRICT_TIME).date()
    ):
        raise Invalid(M("不能查询将来的日期。"))
    return min(aware.astimezone(UTC), now)
