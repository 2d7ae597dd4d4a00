"""The formulas of item analysis against plain computations on the papers themselves."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.quiz.item_analysis import (
    FEWEST,
    LONGEST_SECONDS,
    SCALE,
    Concern,
    Sighting,
    Tally,
    asks_the_same,
    discrimination,
    eras,
    facility,
    figures,
    item_rest_correlation,
    median_seconds,
    upper_half,
)
from quizapp.quiz.sightings import seconds_by_place, sightings

OPTIONS = 4
seen = st.builds(
    Sighting,
    score=st.integers(0, 100),
    mark=st.sampled_from([0, SCALE // 3, SCALE // 2, SCALE]),
    rest=st.none() | st.integers(0, SCALE),
    chosen=st.sets(st.integers(0, OPTIONS - 1)).map(lambda chosen: tuple(sorted(chosen))),
    is_open=st.booleans(),
    seconds=st.none() | st.integers(1, 3 * LONGEST_SECONDS),
)
papers = st.lists(seen, min_size=1, max_size=60)


def tally_of(found: list[Sighting]) -> Tally:
    tally = Tally(OPTIONS)
    for one in found:
        tally.add(one)
    return tally


def evened(found: list[Sighting], values: list[float]) -> list[float]:
    """Return the values from the lowest score to the highest; among equal scores each has their mean."""
    by_score: dict[int, list[float]] = {}
    for one, value in zip(found, values, strict=True):
        by_score.setdefault(one.score, []).append(value)
    return [
        statistics.fmean(by_score[score]) for score in sorted(by_score) for _ in range(len(by_score[score]))
    ]


@given(papers)
def test_facility_is_the_mean_mark(found: list[Sighting]) -> None:
    assert facility(tally_of(found)) == pytest.approx(statistics.fmean(one.mark / SCALE for one in found))


@given(papers)
def test_discrimination_is_the_upper_less_the_lower_27_percent(found: list[Sighting]) -> None:
    size = max(1, round(0.27 * len(found)))
    marks = evened(found, [one.mark / SCALE for one in found])

    expected = statistics.fmean(marks[-size:]) - statistics.fmean(marks[:size])

    assert discrimination(tally_of(found)) == pytest.approx(expected)
    assert discrimination(tally_of(found)) == discrimination(tally_of(found[::-1]))


@given(papers)
def test_the_correlation_is_that_of_the_mark_with_the_rest_of_the_paper(found: list[Sighting]) -> None:
    pairs = [(one.mark, one.rest) for one in found if one.rest is not None]
    marks, rests = [mark for mark, _ in pairs], [rest for _, rest in pairs]

    computed = item_rest_correlation(tally_of(found))

    if len(set(marks)) < 2 or len(set(rests)) < 2:
        assert computed is None
    else:
        assert computed == pytest.approx(statistics.correlation(marks, rests))


@given(papers)
def test_the_median_time_is_that_of_the_measured_times(found: list[Sighting]) -> None:
    times = [min(one.seconds, LONGEST_SECONDS) for one in found if one.seconds is not None]

    assert median_seconds(tally_of(found)) == (statistics.median_low(times) if times else None)


@given(papers)
def test_choices_are_counted_and_those_of_the_better_half_apart(found: list[Sighting]) -> None:
    tally = tally_of(found)
    shown = figures(tally, (0,))

    assert shown.used == len(found)
    assert shown.left_open == sum(one.is_open for one in found)
    for option in range(OPTIONS):
        chose = [float(option in one.chosen) for one in found]
        better = evened(found, chose)[::-1]
        half = len(found) / 2
        expected = sum(better[: int(half)]) + (half - int(half)) * better[min(int(half), len(better) - 1)]
        assert upper_half(tally)[option] == pytest.approx(expected)
        assert shown.options[option].count == sum(chose)


@given(papers, papers)
def test_tallies_of_two_revisions_add_up(first: list[Sighting], second: list[Sighting]) -> None:
    summed = tally_of(first)
    summed.absorb(tally_of(second))
    whole = tally_of(first + second)

    assert (summed.by_score, summed.pairs, summed.seconds) == (whole.by_score, whole.pairs, whole.seconds)


def test_a_tally_does_not_grow_with_the_number_of_papers() -> None:
    tally = Tally(OPTIONS)
    for number in range(20_000):
        tally.add(Sighting(score=number % 101, mark=0, rest=number, seconds=number, chosen=(number % 4,)))

    assert len(tally.by_score) == 101
    assert len(tally.seconds) <= LONGEST_SECONDS + 1


def _paper(right: int, wrong: int, *, key: int = 0, distractor: int = 1) -> list[Sighting]:
    """The better papers are right, the others chose a distractor."""
    able = [Sighting(score=90, mark=SCALE, rest=9000, chosen=(key,)) for _ in range(right)]
    return able + [Sighting(score=40, mark=0, rest=4000, chosen=(distractor,)) for _ in range(wrong)]


def test_an_index_needs_twenty_papers() -> None:
    few, enough = figures(tally_of(_paper(10, 9)), (0,)), figures(tally_of(_paper(10, 10)), (0,))

    assert FEWEST == 20
    assert (few.used, few.facility, few.discrimination, few.correlation) == (19, None, None, None)
    assert few.concerns == ()
    assert (enough.facility, enough.discrimination, enough.correlation) == (0.5, 1.0, 1.0)


@pytest.mark.parametrize(
    ("found", "concerns"),
    [
        (_paper(12, 18) + [Sighting(score=50, mark=0, rest=5000, chosen=(option,)) for option in (2, 3)], set()),
        (_paper(15, 15), {Concern.IDLE_DISTRACTOR}),
        (_paper(30, 0), {Concern.TOO_EASY, Concern.LOW_DISCRIMINATION, Concern.IDLE_DISTRACTOR}),
        (
            _paper(5, 30) + [Sighting(score=30, mark=0, rest=300, chosen=(option,)) for option in (2, 3)],
            {Concern.TOO_HARD, Concern.MISLEADING_DISTRACTOR},
        ),
        (
            [Sighting(score=90, mark=0, rest=9000, chosen=(1,))] * 15
            + [Sighting(score=30, mark=SCALE, rest=3000, chosen=(0,))] * 15,
            {Concern.LOW_DISCRIMINATION, Concern.IDLE_DISTRACTOR, Concern.MISLEADING_DISTRACTOR},
        ),
    ],
)  # fmt: skip
def test_each_concern_is_raised_by_what_it_names(found: list[Sighting], concerns: set[Concern]) -> None:
    assert set(figures(tally_of(found), (0,)).concerns) == concerns


BASE = QuestionContent(type=QuestionType.SINGLE, stem="问？", options=("甲", "乙", "丙"), key=(1,))


@pytest.mark.parametrize(
    ("later", "same"),
    [
        (replace(BASE, stem="再问？"), True),
        (replace(BASE, options=("甲", "乙", "丙。")), True),
        (replace(BASE, explanation="因为"), True),
        (replace(BASE, key=(0,)), False),
        (replace(BASE, options=("乙", "甲", "丙")), False),
        (replace(BASE, options=("甲", "乙", "丙", "丁")), False),
        (replace(BASE, type=QuestionType.MULTIPLE), False),
    ],
)
def test_revisions_count_together_while_key_and_places_stay(later: QuestionContent, same: bool) -> None:
    assert asks_the_same(BASE, later) is same
    assert eras([(7, BASE), (8, later), (9, later)]) == ([[7, 8, 9]] if same else [[7], [8, 9]])


STARTED = datetime(2026, 9, 18, 4, 0, tzinfo=UTC)


def _at(seconds: int) -> str:
    return (STARTED + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def test_time_on_a_question_is_the_gap_between_first_saves_in_their_order() -> None:
    answers: dict[str, dict[str, Any]] = {
        "2": {"sequence": 1, "choice": [0], "at": _at(10)},
        "0": {"sequence": 5, "choice": [0], "at": _at(35)},
        "1": {"sequence": 1, "choice": [0], "at": _at(35)},  # sent in the same second
        "3": {"sequence": 1, "choice": [0]},  # handed in with the sheet
        "4": {"sequence": 1, "choice": [0], "at": _at(95)},
    }

    assert seconds_by_place(answers, STARTED) == {2: 10, 0: 25, 4: 60}


def test_a_closed_paper_tells_of_each_item_what_was_earned_on_it_and_on_the_rest() -> None:
    item = {"question_id": 1, "order": [1, 0], "scoring": "all_or_nothing", "blanks": 0}
    paper = [
        {**item, "revision_id": 11, "type": "single", "points": 4, "part": None},
        {**item, "revision_id": 12, "type": "fill_in", "points": 4, "part": 1},
        {**item, "revision_id": 13, "type": "multiple", "points": 2},
    ]
    answers = {"0": {"sequence": 1, "choice": [1]}, "1": {"sequence": 1, "choice": ["一小时", ""]}}

    told = dict(sightings(paper, answers, [4, 2, 0], STARTED))

    assert told == {
        (11, None): Sighting(score=60, mark=SCALE, rest=SCALE * 2 // 6, chosen=(1,)),
        (12, 1): Sighting(score=60, mark=SCALE // 2, rest=SCALE * 4 // 6),
        (13, None): Sighting(score=60, mark=0, rest=SCALE * 6 // 8, is_open=True),
    }
    assert list(sightings([], {}, [], STARTED)) == []
