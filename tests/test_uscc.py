"""The check character of the unified social credit code (GB 32100-2015)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.directory.uscc import ALPHABET, check_character, is_valid

BODY = st.text(ALPHABET, min_size=17, max_size=17)


def test_the_example_of_the_standard_is_valid() -> None:
    assert is_valid("91350100M000100Y43")


@given(BODY, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, other: str) -> None:
    code = body + check_character(body)
    changed = code[:place] + other + code[place + 1 :]

    assert is_valid(code)
    assert is_valid(changed) == (changed == code)


@given(BODY, st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_found(body: str, place: int) -> None:
    code = body + check_character(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert is_valid(swapped) == (swapped == code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "91350100M000100Y4",
        "91350100M000100Y433",
        "91350100m000100y43",
        "91350100M0001O0Y43",
        "９１350100M000100Y43",
    ],
)
def test_another_length_case_or_letter_is_no_code(code: str) -> None:
    assert not is_valid(code)


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    assert is_valid(text) in (True, False)
