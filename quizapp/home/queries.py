"""Where a learner stands, put together from campaigns, study and quiz."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quizapp.campaigns.queries import OwnTrack, own_tracks
from quizapp.home.steps import NextStep, next_step
from quizapp.quiz import queries as quiz_queries
from quizapp.quiz.queries import AttemptSummary, PaperSize
from quizapp.study import queries as study_queries
from quizapp.study.queries import TrackStep


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One track of a learner: what is done, what is left, and what comes next."""

    track: OwnTrack
    steps: tuple[TrackStep, ...]
    size: PaperSize | None
    attempts: tuple[AttemptSummary, ...]
    days_left: int
    next_step: NextStep

    @property
    def done(self) -> int:
        """Return how many modules are done."""
        return sum(step.is_done for step in self.steps)

    @property
    def parts(self) -> int:
        """Return how many parts the track has: its modules and the quiz."""
        return len(self.steps) + 1

    @property
    def parts_done(self) -> int:
        """Return how many parts are done."""
        return self.done + (self.track.passed_at is not None)

    @property
    def attempts_left(self) -> int:
        """Return how many more sittings may be begun."""
        return max(0, self.track.attempt_limit - len(self.attempts))


def standings(account_id: int, now: datetime) -> list[Standing]:
    """Return where the account stands in each of its tracks, in four statements."""
    tracks = own_tracks(account_id)
    if not tracks:
        return []
    track_ids = [track.track_id for track in tracks]
    steps = study_queries.steps(account_id, track_ids)
    sizes = quiz_queries.paper_sizes(track_ids)
    attempts = quiz_queries.own_attempts(account_id)
    return [
        _standing(
            track,
            tuple(steps[track.track_id]),
            sizes.get(track.track_id),
            tuple(attempt for attempt in attempts if attempt.track_id == track.track_id),
            now,
        )
        for track in tracks
    ]


def _standing(
    track: OwnTrack,
    steps: tuple[TrackStep, ...],
    size: PaperSize | None,
    attempts: tuple[AttemptSummary, ...],
    now: datetime,
) -> Standing:
    return Standing(
        track=track,
        steps=steps,
        size=size,
        attempts=attempts,
        days_left=max(0, (track.closes_at - now).days),
        next_step=next_step(
            is_open=track.is_open(now),
            passed=track.passed_at is not None,
            quiz_is_open=track.quiz_is_open_to_them,
            # What was studied stays so, also when a module of it came out anew.
            undone=[] if track.studied_at else [step.module_id for step in steps if not step.is_done],
            open_attempt=next((attempt.id for attempt in attempts if attempt.closed_at is None), None),
            attempts_left=track.attempt_limit - len(attempts),
        ),
    )
