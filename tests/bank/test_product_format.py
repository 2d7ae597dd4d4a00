"""The product's own JSON: out and in again gives the same, and nothing else comes in."""

from __future__ import annotations

import contextlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizapp.bank.documents import document
from quizapp.bank.formats import product
from quizapp.bank.formats.registry import FORMATS
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.imports.tables import UnreadableFile
from tests.bank.strategies import PICTURES, questions

QUESTION = QuestionContent(type=QuestionType.SINGLE, stem="问？", options=("甲", "乙"), key=(0,))


@given(st.lists(questions(), min_size=1, max_size=5))
def test_out_and_in_again_gives_the_same_questions(many: list[QuestionContent]) -> None:
    parsed = product.read(product.write(many, PICTURES))

    assert parsed.refused == ()
    assert [one.content for one in parsed.questions] == many
    assert [one.content.code for one in parsed.questions] == [one.code for one in many]
    assert parsed.pictures == PICTURES


def _file(**changes: object) -> bytes:
    whole = {"format": "quizapp-bank", "version": 1, "questions": [], "pictures": {}}
    return json.dumps({**whole, **changes}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, _file(), _file(version=2), _file(format="x"),
        _file(questions={}), _file(pictures=[]), _file(questions=[1], pictures={"a": "!"}),
        _file(questions=[1], pictures={"a" * 64: ""}),
    ],
)  # fmt: skip
def test_what_is_no_bank_of_ours_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        product.read(content)


def test_a_question_that_cannot_be_is_named_by_its_number() -> None:
    parsed = product.read(
        _file(questions=[None, {}, {"stem": "只有题干"}, {"type": "essay", "stem": "论述"}])
    )

    assert parsed.questions == ()
    assert [problem.row for problem in parsed.refused] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "changes",
    [{"stem": "半个\ud800字"}, {"stem": "空\0字"}, {"options": ["甲", "\udfff"]}, {"explanation": "\ud83d"},
     {"type": "fill_in", "stem": "填____", "options": [], "key": [], "blanks": [{"accepted": ["a\0"], "tolerance": None}]}],
)  # fmt: skip
def test_signs_that_no_database_takes_are_refused(changes: dict[str, object]) -> None:
    parsed = product.read(_file(questions=[{**document(QUESTION), **changes}]))

    assert parsed.questions == ()
    assert "不能保存" in str(parsed.refused[0].reason)


def test_a_thousand_broken_files_are_refused_or_read() -> None:
    source = random.Random(3)
    good = product.write([QUESTION], PICTURES)
    for _ in range(1000):
        broken = bytearray(good)
        for _ in range(source.randint(1, 6)):
            broken[source.randrange(len(broken))] = source.randrange(256)
        with contextlib.suppress(UnreadableFile):
            assert product.read(bytes(broken)).pictures is not None


def test_the_child_process_gives_back_what_the_format_reads() -> None:
    parsed = read_bank(product.write([QUESTION], PICTURES), "bank.json")

    assert [one.content for one in parsed.questions] == [QUESTION]
    assert parsed.pictures == PICTURES


def test_every_format_has_a_name_and_a_way_in() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    assert all(one.is_readable or one.write for one in FORMATS)
