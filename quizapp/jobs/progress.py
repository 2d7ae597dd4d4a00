"""How far a job is, for who waits for it; kept in the queue, apart from the transaction of the job."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quizapp.jobs.queue import queue

#: A job says how far it is at most so often.
EVERY_SECONDS = 0.5
#: One that has said nothing for so long may have died with its worker.
SILENT_SECONDS = 120


class Step(StrEnum):
    """What a job is at."""

    WAITING = "waiting"
    READING = "reading"
    COMPARING = "comparing"
    KEEPING = "keeping"
    WRITING = "writing"
    COUNTING = "counting"


#: Of the whole, how much is done when a step begins, in percent.
BEGINS_AT = {
    Step.WAITING: 0,
    Step.READING: 2,
    Step.COMPARING: 25,
    Step.KEEPING: 60,
    Step.WRITING: 60,
    Step.COUNTING: 2,
}
ENDS_AT = {
    Step.WAITING: 2,
    Step.READING: 25,
    Step.COMPARING: 60,
    Step.KEEPING: 99,
    Step.WRITING: 99,
    Step.COUNTING: 99,
}

Tell = Callable[[Step, int, int], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """The step, how much of it is done of how much (0 of 0: not known), and when that was said."""

    step: Step
    done: int
    of: int
    at: float

    @property
    def percent(self) -> int:
        """Return about how much of the whole is done."""
        begin, end = BEGINS_AT[self.step], ENDS_AT[self.step]
        return begin + (end - begin) * min(self.done, self.of) // self.of if self.of else begin

    @property
    def is_silent(self) -> bool:
        """Say whether the job has said nothing for so long that it may have died."""
        return time.time() - self.at > SILENT_SECONDS


def begin(key: str) -> None:
    """Say that a job waits to be run."""
    _put(key, Step.WAITING, 0, 0)


def teller(key: str) -> Tell:
    """Return what a job calls to say how far it is; in between calls are free."""
    said: list[Any] = [None, 0.0]

    def tell(step: Step, done: int = 0, of: int = 0) -> None:
        now = time.monotonic()
        if step is not said[0] or now - said[1] >= EVERY_SECONDS:
            said[:] = step, now
            _put(key, step, done, of)

    return tell


def read(key: str) -> Progress | None:
    """Return how far a job is, None when the queue does not know it, or holds what we did not write."""
    try:
        kept = queue().get(_name(key), peek=True)
    except ValueError:  # it does not carry our signature
        return None
    return Progress(Step(kept[0]), *kept[1:]) if kept else None


def end(key: str) -> None:
    """Forget how far a job was."""
    queue().delete(_name(key))


def silent(_step: Step, _done: int = 0, _of: int = 0) -> None:
    """Tell nobody."""


def _put(key: str, step: Step, done: int, of: int) -> None:
    queue().put(_name(key), [step.value, done, of, time.time()])


def _name(key: str) -> str:
    return f"progress:{key}"
