"""What a learner should do next: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """The one thing that the home page's button does."""

    RESUME_ATTEMPT = "resume_attempt"
    STUDY = "study"
    TAKE_QUIZ = "take_quiz"
    COMPLETE = "complete"
    NO_ATTEMPTS_LEFT = "no_attempts_left"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step, and the module or attempt that it leads to (0 for none)."""

    kind: StepKind
    target: int = 0


def next_step(
    *,
    is_open: bool,
    passed: bool,
    quiz_is_open: bool,
    undone: Sequence[int],
    open_attempt: int | None,
    attempts_left: int,
) -> NextStep:
    """Return what comes next: an open paper first, then study, then the quiz."""
    if open_attempt is not None:
        return NextStep(StepKind.RESUME_ATTEMPT, open_attempt)
    if passed and not undone:
        return NextStep(StepKind.COMPLETE)
    if not is_open:
        return NextStep(StepKind.NOT_RUNNING)
    if undone:
        return NextStep(StepKind.STUDY, undone[0])
    if attempts_left <= 0 or not quiz_is_open:
        return NextStep(StepKind.NO_ATTEMPTS_LEFT)
    return NextStep(StepKind.TAKE_QUIZ)
