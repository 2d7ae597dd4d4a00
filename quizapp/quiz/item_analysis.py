"""How well an item measures: pure formulas of classical test theory on counts that grow paper by paper.

An item is one question on a paper, or one part of a case. Its tally keeps, for each whole percent that papers
with it have earned in all, how many papers there are, the marks on the item, and who chose what; so its size
does not grow with the number of papers, and tallies of several revisions add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import sqrt

from quizapp.bank.questions import QuestionContent

#: A whole mark. Marks are kept as whole ten-thousandths of what an item is worth, so that sums are exact.
SCALE = 10_000
#: Below so many papers an index says nothing, and none is shown.
FEWEST = 20
#: The share of papers in the upper and in the lower group that tells items apart best when scores are
#: spread normally (Kelley 1939, "The selection of upper and lower groups for the validation of test items",
#: Journal of Educational Psychology 30, 17 to 24).
GROUP_SHARE = 0.27
#: Below it an item tells the able from the others poorly (Ebel & Frisbie, Essentials of Educational
#: Measurement, chapter on item analysis: .40 and up very good, .30 good, .20 marginal, below poor).
LOW_DISCRIMINATION = 0.20
#: Outside of it an item is too hard or too easy to tell anybody from anybody (Crocker & Algina,
#: Introduction to Classical and Modern Test Theory, chapter 14, on the difficulty of items).
FACILITY_RANGE = (0.30, 0.95)
#: What took longer is counted as so long: somebody went away.
LONGEST_SECONDS = 1800
#: Within the counts of one score: papers, marks, left open; the options follow.
PEOPLE, MARKS, OPEN, OPTIONS = range(4)


class Concern(StrEnum):
    """What is wrong with an item, or may be."""

    LOW_DISCRIMINATION = "low_discrimination"
    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    IDLE_DISTRACTOR = "idle_distractor"
    MISLEADING_DISTRACTOR = "misleading_distractor"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """An item on one closed paper.

    `score` is what the whole paper earned in whole percent; `mark` is what the item earned and `rest`
    what all others did, in ten-thousandths of what they are worth (None: there are no others).
    """

    score: int
    mark: int
    rest: int | None
    #: Original option indices; () also for what is filled in.
    chosen: tuple[int, ...] = ()
    is_open: bool = False
    #: Time on it, None where it was not measured.
    seconds: int | None = None


class Tally:
    """What closed papers say of one item."""

    __slots__ = ("by_score", "options", "pairs", "seconds")

    def __init__(self, options: int) -> None:
        self.options = options
        self.by_score: dict[int, list[int]] = {}
        #: Of the papers with other items: how many; sums of mark, mark², rest, rest², mark · rest.
        self.pairs = [0] * 6
        self.seconds: Counter[int] = Counter()

    def add(self, seen: Sighting) -> None:
        """Count one paper more."""
        cells = self.by_score.get(seen.score)
        if cells is None:
            cells = self.by_score[seen.score] = [0] * (OPTIONS + self.options)
        cells[PEOPLE] += 1
        cells[MARKS] += seen.mark
        cells[OPEN] += seen.is_open
        for option in seen.chosen:
            cells[OPTIONS + option] += 1
        if seen.rest is not None:
            x, r = seen.mark, seen.rest
            for place, value in enumerate((1, x, x * x, r, r * r, x * r)):
                self.pairs[place] += value
        if seen.seconds is not None:
            self.seconds[min(seen.seconds, LONGEST_SECONDS)] += 1

    def absorb(self, other: Tally) -> None:
        """Count what another tally of the same options has counted."""
        for score, cells in other.by_score.items():
            own = self.by_score.setdefault(score, [0] * (OPTIONS + self.options))
            own[:] = map(sum, zip(own, cells, strict=True))
        self.pairs[:] = map(sum, zip(self.pairs, other.pairs, strict=True))
        self.seconds.update(other.seconds)

    @property
    def used(self) -> int:
        """Return how many papers had the item."""
        return sum(cells[PEOPLE] for cells in self.by_score.values())

    def total(self, column: int) -> int:
        """Return a column's sum over all papers."""
        return sum(cells[column] for cells in self.by_score.values())


def facility(tally: Tally) -> float | None:
    """Return the mean mark over the greatest mark, 0 to 1; of items marked right or wrong this is p.

    Crocker & Algina, chapter 14: item difficulty; for marks between, the mean over the range.
    """
    return tally.total(MARKS) / (SCALE * tally.used) if tally.used else None


def discrimination(tally: Tally) -> float | None:
    """Return the upper group's facility minus the lower group's, -1 to 1: 27 % of the papers each.

    The index D of Ebel & Frisbie with the groups of Kelley (1939), formed by the score of the whole
    paper. Papers of equal score at a group's edge belong to it in equal shares, so that no order matters.
    """
    if not tally.used:
        return None
    size = max(1, round(GROUP_SHARE * tally.used))
    upper, lower = _group(tally, size, best=True), _group(tally, size, best=False)
    return (upper[MARKS] - lower[MARKS]) / (SCALE * size)


def item_rest_correlation(tally: Tally) -> float | None:
    """Return the correlation of the mark with the rest of the paper, -1 to 1; None when one never varies.

    For items marked right or wrong this is the point-biserial correlation corrected for the item itself
    (Crocker & Algina, chapter 14; Henrysson 1963, Psychometrika 28, 211 to 218).
    """
    n, x, xx, r, rr, xr = tally.pairs
    spread = (n * xx - x * x) * (n * rr - r * r)
    return (n * xr - x * r) / sqrt(spread) if spread > 0 else None


def median_seconds(tally: Tally) -> int | None:
    """Return the lower median of the measured times; None when nothing was measured."""
    left = (tally.seconds.total() + 1) // 2
    for seconds in sorted(tally.seconds):
        left -= tally.seconds[seconds]
        if left <= 0:
            return seconds
    return None


def upper_half(tally: Tally) -> list[float]:
    """Return how many of the better half of the papers chose each option; ties at its edge by shares."""
    return _group(tally, tally.used / 2, best=True)[OPTIONS:]


def _group(tally: Tally, size: float, *, best: bool) -> list[float]:
    """Return the columns' sums over so many of the best, or of the worst, papers."""
    sums = [0.0] * (OPTIONS + tally.options)
    left = size
    for score in sorted(tally.by_score, reverse=best):
        cells = tally.by_score[score]
        share = min(1.0, left / cells[PEOPLE])
        sums = [so_far + share * value for so_far, value in zip(sums, cells, strict=True)]
        left -= cells[PEOPLE]
        if left <= 0:
            break
    return sums


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionFigures:
    """How often an option was chosen, in all and by the better half of the papers."""

    count: int
    upper: float
    is_key: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What is shown of an item. Indices are None with too few papers, and where there is none."""

    used: int
    facility: float | None
    discrimination: float | None
    correlation: float | None
    options: tuple[OptionFigures, ...]
    left_open: int
    timed: int
    seconds: int | None
    concerns: tuple[Concern, ...]


def figures(tally: Tally, key: Sequence[int]) -> Figures:
    """Return what the counts say of an item with this key (original option indices)."""
    options = tuple(
        OptionFigures(
            count=tally.total(OPTIONS + option), upper=round(upper, 2), is_key=option in key
        )
        for option, upper in enumerate(upper_half(tally))
    )  # fmt: skip
    timed = tally.seconds.total()
    enough = tally.used >= FEWEST
    found = Figures(
        used=tally.used,
        facility=_rounded(facility, tally) if enough else None,
        discrimination=_rounded(discrimination, tally) if enough else None,
        correlation=_rounded(item_rest_correlation, tally) if tally.pairs[0] >= FEWEST else None,
        options=options,
        left_open=tally.total(OPEN),
        timed=timed,
        seconds=median_seconds(tally) if timed >= FEWEST else None,
        concerns=(),
    )
    return _with_concerns(found) if enough else found


def _rounded(formula: Callable[[Tally], float | None], tally: Tally) -> float | None:
    value = formula(tally)
    return None if value is None else round(value, 4)


def _with_concerns(found: Figures) -> Figures:
    ease, tells_apart = found.facility or 0.0, found.discrimination or 0.0
    keys = [option for option in found.options if option.is_key]
    distractors = [option for option in found.options if not option.is_key]
    least_key = min((option.upper for option in keys), default=0.0)
    signs = {
        Concern.LOW_DISCRIMINATION: tells_apart < LOW_DISCRIMINATION,
        Concern.TOO_HARD: ease < FACILITY_RANGE[0],
        Concern.TOO_EASY: ease > FACILITY_RANGE[1],
        Concern.IDLE_DISTRACTOR: any(option.count == 0 for option in distractors),
        Concern.MISLEADING_DISTRACTOR: any(option.upper > least_key for option in distractors),
    }
    return replace(found, concerns=tuple(sign for sign, is_on in signs.items() if is_on))


def asks_the_same(earlier: QuestionContent, later: QuestionContent) -> bool:
    """Say whether two revisions of an item may be counted together: same key, options in the same places."""
    moved = earlier.options != later.options and set(earlier.options) == set(later.options)
    return (
        earlier.type is later.type
        and earlier.key == later.key
        and earlier.blanks == later.blanks
        and len(earlier.options) == len(later.options)
        and not moved
    )


def eras(revisions: Iterable[tuple[int, QuestionContent]]) -> list[list[int]]:
    """Return the runs of an item's revisions, in their order, between which its key has changed."""
    runs: list[list[int]] = []
    before: QuestionContent | None = None
    for revision_id, content in revisions:
        if before is None or not asks_the_same(before, content):
            runs.append([])
        runs[-1].append(revision_id)
        before = content
    return runs
