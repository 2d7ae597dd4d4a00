"""A number counts when the provider says in so many words that it has verified a Chinese mobile number."""

from __future__ import annotations

import pytest

from quizapp.accounts import claims

NUMBER = "13800000001"


@pytest.mark.parametrize(
    "written",
    [NUMBER, f"+86{NUMBER}", f"+86 {NUMBER}", f"+86-{NUMBER}", "+86 138-0000 0001", "138 0000 0001"],
)
def test_a_number_is_read_in_the_ways_it_is_written(written: str) -> None:
    assert claims.verified_phone({"phone_number": written, "phone_number_verified": True}) == NUMBER


@pytest.mark.parametrize(
    "written",
    [
        "", "+86", "1380000000", f"{NUMBER}1", f"+1{NUMBER[1:]}", f"+86+86{NUMBER}", f"{NUMBER}+86", f"0086{NUMBER}",
        "A0000000001", "１３８００００００01", "¹3800000001", f"{NUMBER}\n", int(NUMBER), [NUMBER], None, True,
    ],
)  # fmt: skip
def test_what_is_no_chinese_mobile_number_is_none(written: object) -> None:
    assert claims.verified_phone({"phone_number": written, "phone_number_verified": True}) is None


@pytest.mark.parametrize("says", [False, None, 1, 1.0, "true", "True", [True], {"value": True}])
def test_only_true_is_verified(says: object) -> None:
    assert claims.verified_phone({"phone_number": NUMBER, "phone_number_verified": says}) is None
    assert claims.verified_phone({"phone_number": NUMBER}) is None


@pytest.mark.parametrize("value", ["", "a" * 256, "名", "a\0", "a\nb", 7, None, ["a"]])
def test_a_subject_is_1_to_255_ascii_characters(value: object) -> None:
    with pytest.raises(ValueError, match="subject"):
        claims.subject({"sub": value})

    assert claims.subject({"sub": "a" * 255}) == "a" * 255


def test_the_label_is_what_people_are_called() -> None:
    assert claims.label({"sub": "7f3", "preferred_username": "zhou", "name": "周立安"}) == "周立安"
    assert claims.label({"sub": "7f3", "preferred_username": "zhou", "name": 7}) == "zhou"
    assert claims.label({"sub": "7f3", "name": ""}) == "7f3"
    assert len(claims.label({"sub": "7f3", "name": "周" * 1000})) == claims.LONGEST_LABEL
