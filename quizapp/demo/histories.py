"""What a made-up person has done so far: study and attempts, as rows. Pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from quizapp.bank.questions import ActiveQuestion, AnswerKey
from quizapp.demo.population import Progressed
from quizapp.quiz.drawing import PaperItem, Section, draw_paper
from quizapp.quiz.grading import GradedPaper, grade
from quizapp.quiz.papers import gradables

#: How often somebody who passes, and somebody who fails, knows an answer.
_KNOWS = {True: 0.97, False: 0.45}


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackRules:
    """What a track asks for."""

    track_id: int
    pass_mark: int
    attempt_limit: int
    minutes: int
    #: Modules in their order: id and minimum seconds.
    modules: tuple[tuple[int, int], ...]
    sections: tuple[Section, ...]
    questions: tuple[ActiveQuestion, ...]
    keys: Mapping[int, AnswerKey]


@dataclass(slots=True)
class History:
    """Rows of study and attempts without their account, and the moments they add up to."""

    progress: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    studied_at: datetime | None = None
    passed_at: datetime | None = None


def make_history(
    rules: TrackRules, progressed: Progressed, source: random.Random, opens_at: datetime, now: datetime
) -> History:
    """Return what somebody who has come so far has done between the opening and now."""
    history = History()
    if progressed is Progressed.UNTOUCHED:
        return history
    span = (now - opens_at).total_seconds()
    at = opens_at + timedelta(seconds=span * (0.05 + 0.85 * source.random()))
    count = (
        source.randint(1, max(1, len(rules.modules) - 1))
        if progressed is Progressed.STUDYING
        else len(rules.modules)
    )
    for place, (module_id, min_seconds) in enumerate(rules.modules[:count]):
        is_last_open = progressed is Progressed.STUDYING and place == count - 1
        at = _study(history, module_id, min_seconds, at, source, done=not is_last_open)
    if progressed is Progressed.STUDYING:
        return history
    history.studied_at = at
    _sit(history, rules, progressed, source, at + timedelta(minutes=source.randint(2, 30)), now)
    return history


def _study(
    history: History, module_id: int, min_seconds: int, at: datetime, source: random.Random, *, done: bool
) -> datetime:
    seconds = int(min_seconds * (source.uniform(1.0, 1.4) if done else source.uniform(0.1, 0.8)))
    end = at + timedelta(seconds=seconds)
    history.progress.append(
        {
            "module_id": module_id,
            "credited_ms": seconds * 1000,
            "first_beat_at": at,
            "last_beat_at": end,
            "end_reached_at": end if done else None,
            "done_at": end if done else None,
        }
    )
    return end


def _sit(
    history: History,
    rules: TrackRules,
    progressed: Progressed,
    source: random.Random,
    at: datetime,
    now: datetime,
) -> None:
    if progressed is Progressed.STUDIED:
        return
    if progressed is Progressed.SITTING:
        _attempt(history, rules, source, now - timedelta(minutes=3), passes=True, is_open=True)
        return
    failures = source.randint(1, 2) if progressed is Progressed.FAILED else source.choice((0, 0, 0, 1))
    for _ in range(failures):
        at = _attempt(history, rules, source, at, passes=False) + timedelta(minutes=source.randint(1, 90))
    if progressed is Progressed.COMPLETE:
        history.passed_at = _attempt(history, rules, source, at, passes=True)


def _attempt(
    history: History,
    rules: TrackRules,
    source: random.Random,
    at: datetime,
    *,
    passes: bool,
    is_open: bool = False,
) -> datetime:
    seed = source.getrandbits(62)
    paper = draw_paper(rules.sections, rules.questions, seed)
    answers, graded = _answer(rules, paper, source, passes=passes, places=6 if is_open else len(paper))
    deadline = at + timedelta(minutes=rules.minutes)
    _time(answers, at, random.Random(seed))  # noqa: S311 - demonstration data
    closed = None if is_open else at + timedelta(seconds=source.randint(240, rules.minutes * 60 - 60))
    history.attempts.append(
        {
            "track_id": rules.track_id,
            "number": len(history.attempts) + 1,
            "attempt_limit": rules.attempt_limit,
            "pass_mark": rules.pass_mark,
            "seed": seed,
            "paper": [asdict(item) for item in paper],
            "answers": answers,
            "started_at": at,
            "deadline_at": deadline,
            "closed_at": closed,
            "closed_by": None if is_open else "learner",
            "total_points": graded.total_points,
            "points": None if is_open else graded.points,
            "marks": None if is_open else list(graded.marks),
            "passed": None if is_open else graded.passed,
        }
    )
    return closed or deadline


def _answer(
    rules: TrackRules, paper: Sequence[PaperItem], source: random.Random, *, passes: bool, places: int
) -> tuple[dict[str, dict[str, Any]], GradedPaper]:
    """Answer until the result is the one that is wanted."""
    right = gradables([asdict(item) for item in paper], rules.keys)
    while True:
        choices = {}
        for place in range(places):
            key = right[place].key.choice
            knows = source.random() < _KNOWS[passes]
            choices[place] = list(key) if knows else _wrong(paper[place], key, source)
        graded = grade(right, choices, rules.pass_mark)
        if places < len(paper) or graded.passed == passes:
            return {
                str(place): {"sequence": 1, "choice": choice} for place, choice in choices.items()
            }, graded


def _time(answers: dict[str, dict[str, Any]], at: datetime, source: random.Random) -> None:
    """Say of each answer when it was first saved, so many seconds after the one before."""
    for answer in answers.values():
        at += timedelta(seconds=source.randint(3, 18))
        answer["at"] = at.isoformat(timespec="seconds")


def _wrong(item: PaperItem, key: Sequence[int], source: random.Random) -> list[int]:
    others = [place for place in item.order if place not in key]
    return [source.choice(others)] if others else [key[0]]
