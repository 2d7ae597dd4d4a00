"""Drawing and grading by their properties."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.bank.questions import (
    ActiveQuestion,
    AnswerKey,
    Blank,
    Difficulty,
    QuestionType,
    Shape,
)
from quizapp.quiz.answers import merge
from quizapp.quiz.drawing import Section, draw_paper
from quizapp.quiz.grading import Gradable, Scoring, earned, grade

SHAPES = {
    QuestionType.SINGLE: (Shape(QuestionType.SINGLE, 4),),
    QuestionType.MULTIPLE: (Shape(QuestionType.MULTIPLE, 4),),
    QuestionType.TRUE_FALSE: (Shape(QuestionType.TRUE_FALSE, 2),),
    QuestionType.FILL_IN: (Shape(QuestionType.FILL_IN, 0, 2),),
    QuestionType.CASE: (Shape(QuestionType.MULTIPLE, 4), Shape(QuestionType.FILL_IN, 0, 1)),
}
POOL = [
    ActiveQuestion(
        question_id=number,
        revision_id=100 + number,
        bank_id=1,
        type=kind,
        difficulty=list(Difficulty)[number % 3],
        tags=("甲",) if number % 2 else ("乙",),
        roles=(),
        shapes=SHAPES[kind],
    )
    for number, kind in enumerate(list(QuestionType) * 12)
]
SECTIONS = [
    Section(bank_id=1, type=QuestionType.SINGLE, count=4, points=5),
    Section(bank_id=1, type=QuestionType.SINGLE, tag="甲", count=3, points=5),
    Section(bank_id=1, type=QuestionType.TRUE_FALSE, count=2, points=4),
    Section(bank_id=1, type=QuestionType.SINGLE, difficulty=Difficulty.HARD, count=2, points=6),
    Section(bank_id=1, type=QuestionType.FILL_IN, count=1, points=3, scoring=Scoring.PARTIAL),
    Section(bank_id=1, type=QuestionType.CASE, count=2, points=2),
]


@given(st.integers(0, 2**62))
def test_a_paper_is_what_the_blueprint_says_and_the_same_from_the_same_seed(seed: int) -> None:
    paper = draw_paper(SECTIONS, POOL, seed)

    kinds = [QuestionType.SINGLE] * 7 + [QuestionType.TRUE_FALSE] * 2 + [QuestionType.SINGLE] * 2
    assert [item.type for item in paper[:11]] == kinds
    assert len({item.question_id for item in paper[:12]}) == 12
    assert all("甲" in POOL[item.question_id].tags for item in paper[4:7])
    assert all(POOL[item.question_id].difficulty is Difficulty.HARD for item in paper[9:11])
    assert all(sorted(item.order) == [0, 1, 2, 3] for item in [*paper[:7], *paper[9:11]])
    assert all(item.order == (0, 1) for item in paper[7:9])
    assert (paper[11].blanks, paper[11].order, paper[11].scoring) == (2, (), Scoring.PARTIAL)
    parts = [(item.part, item.type) for item in paper[12:]]
    assert parts == [(0, QuestionType.MULTIPLE), (1, QuestionType.FILL_IN)] * 2
    assert len({item.question_id for item in paper[12:]}) == 2
    assert draw_paper(SECTIONS, list(reversed(POOL)), seed) == paper


keys = st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=8)


@given(keys, st.data())
def test_points_are_earned_for_exactly_the_key_and_nothing_else(
    right: list[set[int]], data: st.DataObject
) -> None:
    points = data.draw(st.lists(st.integers(1, 9), min_size=len(right), max_size=len(right)))
    chosen = {place: data.draw(st.sets(st.integers(0, 3))) for place in range(len(right))}

    paper = [Gradable(AnswerKey(tuple(key)), worth) for key, worth in zip(right, points, strict=True)]
    graded = grade(paper, chosen, 80)

    assert list(graded.marks) == [p if chosen[i] == right[i] else 0 for i, p in enumerate(points)]
    assert graded.passed == (graded.points / graded.total_points >= 0.8)


@given(st.permutations(range(1, 7)))
def test_in_whatever_order_saves_arrive_the_newest_stands(sequences: list[int]) -> None:
    saved: dict[str, dict[str, object]] = {}
    for sequence in [*sequences, *sequences]:
        saved = merge(saved, 0, sequence, [sequence]) or saved

    assert saved == {"0": {"sequence": 6, "choice": [6]}}


@given(st.sets(st.integers(0, 5), min_size=1), st.sets(st.integers(0, 5)), st.integers(1, 20))
def test_part_marks_are_the_share_of_the_right_options_unless_a_wrong_one_is_chosen(
    right: set[int], chosen: set[int], points: int
) -> None:
    key = AnswerKey(tuple(sorted(right)))

    marks = earned(Gradable(key, points, Scoring.PARTIAL), sorted(chosen))

    assert marks == (points * len(chosen) // len(right) if chosen <= right else 0)
    assert (marks == points) >= (chosen == right)


@pytest.mark.parametrize(
    ("texts", "marks"),
    [
        (["一 小时", "2.0"], 6),
        (["１小时", "2"], 6),
        (["1小时", "2.4"], 6),
        (["1小时", "2.6"], 3),
        (["两小时", "2.6"], 0),
        (["", ""], 0),
        ([], 0),
        (["1小时"], 3),
        (["1小时", "two"], 3),
        (["1小时", "1e999999"], 3),
        (["1小时", "NaN"], 3),
    ],
)
def test_blanks_take_their_variants_and_numbers_within_their_tolerance(texts: list[str], marks: int) -> None:
    key = AnswerKey(blanks=(Blank(("1小时", "一小时")), Blank(("2",), Decimal("0.5"))))

    assert earned(Gradable(key, 6, Scoring.PARTIAL), texts) == marks
    assert earned(Gradable(key, 6), texts) == (6 if marks == 6 else 0)


def test_nothing_is_earned_where_no_answer_can_be_right() -> None:
    assert earned(Gradable(AnswerKey(), 5), []) == 0
