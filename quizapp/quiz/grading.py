"""Grading a paper: pure, in whole points."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GradedPaper:
    """Points by place, their sum, and whether it reaches the pass mark."""

    marks: tuple[int, ...]
    points: int
    total_points: int
    passed: bool


def grade(
    keys: Sequence[Collection[int]],
    points: Sequence[int],
    choices: Mapping[int, Collection[int]],
    pass_mark: int,
) -> GradedPaper:
    """Grade the choices by place against the keys: all of a question's points or none.

    `keys` and `choices` hold original option indices; a place without a choice earns nothing.
    `pass_mark` is percent of the paper's points, compared in whole numbers without rounding.
    """
    marks = tuple(
        worth if set(choices.get(place, ())) == set(key) else 0
        for place, (key, worth) in enumerate(zip(keys, points, strict=True))
    )
    total = sum(points)
    return GradedPaper(marks, sum(marks), total, sum(marks) * 100 >= pass_mark * total)
