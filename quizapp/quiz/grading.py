"""Grading a paper: pure, in whole points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from quizapp.bank.questions import AnswerKey

#: What was saved at a place: original option indices, or one text for each blank.
Answered = Collection[int] | Sequence[str]


class Scoring(StrEnum):
    """What an answer earns that is right in part."""

    #: All of a question's points or none.
    ALL_OR_NOTHING = "all_or_nothing"
    #: Its share of several right options or blanks, rounded down; one wrong option earns nothing.
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Gradable:
    """A place on the paper: what is right there, what it is worth and how it is scored."""

    key: AnswerKey
    points: int
    scoring: Scoring = Scoring.ALL_OR_NOTHING


@dataclass(frozen=True, slots=True)
class GradedPaper:
    """Points by place, their sum, and whether it reaches the pass mark."""

    marks: tuple[int, ...]
    points: int
    total_points: int
    passed: bool


def grade(paper: Sequence[Gradable], answers: Mapping[int, Answered], pass_mark: int) -> GradedPaper:
    """Grade the answers by place; a place without one earns nothing.

    `pass_mark` is percent of the paper's points, compared in whole numbers without rounding.
    """
    marks = tuple(earned(item, answers.get(place, ())) for place, item in enumerate(paper))
    total = sum(item.points for item in paper)
    return GradedPaper(marks, sum(marks), total, sum(marks) * 100 >= pass_mark * total)


def earned(item: Gradable, answer: Answered) -> int:
    """Return the points that an answer earns."""
    right, of = _filled(item.key, answer) if item.key.blanks else _chosen(item.key, answer)
    if right < of and item.scoring is Scoring.ALL_OR_NOTHING:
        return 0
    return item.points * right // of if of else 0


def _chosen(key: AnswerKey, answer: Answered) -> tuple[int, int]:
    """Return how many of the right options were chosen, 0 when a wrong one was, and how many there are."""
    chosen, right = set(answer), set(key.choice)
    return (len(chosen) if chosen <= right else 0), len(right)


def _filled(key: AnswerKey, answer: Answered) -> tuple[int, int]:
    """Return how many blanks are filled rightly, and how many there are."""
    filled = zip(key.blanks, answer, strict=False)
    return sum(blank.takes(str(text)) for blank, text in filled), len(key.blanks)
