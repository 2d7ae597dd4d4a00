"""Drawing and grading by their properties."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quizapp.bank.questions import ActiveQuestion, QuestionType
from quizapp.quiz.answers import merge
from quizapp.quiz.drawing import Section, draw_paper
from quizapp.quiz.grading import grade

POOL = [
    ActiveQuestion(number, 100 + number, 1, kind, ("甲",) if number % 2 else ("乙",), (), 4)
    for number, kind in enumerate(list(QuestionType) * 10)
]
SECTIONS = [
    Section(1, QuestionType.SINGLE, "", 4, 5),
    Section(1, QuestionType.SINGLE, "甲", 3, 5),
    Section(1, QuestionType.TRUE_FALSE, "", 2, 4),
]


@given(st.integers(0, 2**62))
def test_a_paper_is_what_the_blueprint_says_and_the_same_from_the_same_seed(seed: int) -> None:
    paper = draw_paper(SECTIONS, POOL, seed)

    assert [item.type for item in paper] == [QuestionType.SINGLE] * 7 + [QuestionType.TRUE_FALSE] * 2
    assert len({item.question_id for item in paper}) == len(paper)
    assert all("甲" in POOL[item.question_id].tags for item in paper[4:7])
    assert all(sorted(item.order) == [0, 1, 2, 3] for item in paper)
    assert all(item.order == (0, 1, 2, 3) for item in paper[7:])
    assert draw_paper(SECTIONS, list(reversed(POOL)), seed) == paper


keys = st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=8)


@given(keys, st.data())
def test_points_are_earned_for_exactly_the_key_and_nothing_else(
    right: list[set[int]], data: st.DataObject
) -> None:
    points = data.draw(st.lists(st.integers(1, 9), min_size=len(right), max_size=len(right)))
    chosen = {place: data.draw(st.sets(st.integers(0, 3))) for place in range(len(right))}

    graded = grade(right, points, chosen, 80)

    assert list(graded.marks) == [p if chosen[i] == right[i] else 0 for i, p in enumerate(points)]
    assert graded.passed == (graded.points / graded.total_points >= 0.8)


@given(st.permutations(range(1, 7)))
def test_in_whatever_order_saves_arrive_the_newest_stands(sequences: list[int]) -> None:
    saved: dict[str, dict[str, object]] = {}
    for sequence in [*sequences, *sequences]:
        saved = merge(saved, 0, sequence, [sequence]) or saved

    assert saved == {"0": {"sequence": 6, "choice": [6]}}
