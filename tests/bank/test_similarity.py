"""Questions that say nearly the same are found, and fast enough for a whole bank."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz

from quizapp.bank.similarity import LEAST_LIKENESS, Twin, likely_twins

TEXT = st.text("安全生产法隐患报告培训消防", min_size=30, max_size=60)


@given(TEXT, st.lists(TEXT, max_size=20), st.integers(0, 28))
def test_a_text_with_one_changed_sign_finds_its_twin(text: str, others: list[str], place: int) -> None:
    changed = text[:place] + "改" + text[place + 1 :]

    (twin,) = likely_twins([*others, text], [changed])

    assert twin is not None
    assert twin.percent >= int(fuzz.ratio(text, changed))


@given(st.lists(TEXT, min_size=1, max_size=10), st.lists(TEXT, min_size=1, max_size=10))
def test_what_is_told_is_true_and_nothing_is_its_own_twin(known: list[str], new: list[str]) -> None:
    texts = [*known, *new]

    for place, twin in enumerate(likely_twins(known, new), start=len(known)):
        if twin is not None:
            assert twin.place < place
            assert twin.percent == int(fuzz.ratio(texts[place], texts[twin.place])) >= LEAST_LIKENESS


def test_the_closest_is_told_also_among_the_new_ones() -> None:
    known = ["单位负责人接到事故报告后应当于一小时内向有关部门报告"]
    new = [
        "单位负责人接到事故报告后应当在一小时内向有关部门报告",
        "单位负责人接到事故报告后应当在一小时内向主管部门报告",
        "天气晴",
    ]

    twins = likely_twins(known, new)

    assert twins[0] == Twin(0, twins[0].percent) if twins[0] else False
    assert twins[1]
    assert twins[1].place == 1
    assert twins[2] is None
    assert likely_twins([], []) == []
