"""How far somebody is in what they must do: pure."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from quizapp.messages import M


class Stage(StrEnum):
    """From nothing to done, as those who chase see it."""

    NOT_NEEDED = "not_needed"
    NOT_STARTED = "not_started"
    STUDYING = "studying"
    NOT_PASSED = "not_passed"
    PASSED_NOT_STUDIED = "passed_not_studied"
    DONE = "done"


STAGE_NAMES = {
    Stage.NOT_NEEDED: M("不需参加"),
    Stage.NOT_STARTED: M("未开始"),
    Stage.STUDYING: M("未学完"),
    Stage.NOT_PASSED: M("已学完，答题未合格"),
    Stage.PASSED_NOT_STUDIED: M("已合格，未学完"),
    Stage.DONE: M("已完成"),
}


def stage_of(
    *,
    studied_at: datetime | None,
    passed_at: datetime | None,
    completed_at: datetime | None,
    has_begun: bool,
) -> Stage:
    """Return the stage of somebody who must be covered."""
    if completed_at is not None:
        return Stage.DONE
    if studied_at is not None:
        return Stage.NOT_PASSED
    if passed_at is not None:
        return Stage.PASSED_NOT_STUDIED
    return Stage.STUDYING if has_begun else Stage.NOT_STARTED
