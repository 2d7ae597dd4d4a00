"""Moodle's Aiken comes in; what it has no place for is refused with its line."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from quizapp.bank.formats.aiken import read
from quizapp.bank.formats.registry import format_of
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.reading import read_bank
from quizapp.imports.tables import UnreadableFile
from tests.bank.garbled import garbled_files

SAMPLE = (Path(__file__).parent / "samples" / "aiken.txt").read_bytes()


def test_a_file_as_moodle_describes_it_comes_in() -> None:
    parsed = read(SAMPLE)

    assert parsed.refused == ()
    assert [one.row for one in parsed.questions] == [1, 7]
    assert [one.content for one in parsed.questions] == [
        QuestionContent(
            type=QuestionType.SINGLE,
            stem="What is the first step with a powder extinguisher?",
            options=("Pull the pin", "Squeeze the lever", "Aim at the smoke"),
            key=(0,),
        ),
        QuestionContent(
            type=QuestionType.SINGLE,
            stem="发现有限空间内有人晕倒，首先应当怎么办？\n先看清：下面只有一个对。",
            options=("立即跳下去救人", "报告并通风，佩戴呼吸器后施救"),
            key=(1,),
        ),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("题\nA. 甲\nB. 乙\nANSWER: A, B", "一个大写字母"),
        ("题\nA. 甲\nB. 乙\nANSWER: AB", "一个大写字母"),
        ("题\nA. 甲\nB. 乙\nANSWER:", "一个大写字母"),
        ("题\nA. 甲\nB. 乙\nANSWER: C", "没有对应的选项"),
        ("题\nA. 甲\nC. 乙\nANSWER: A", "不连续"),
        ("题\nA. 甲\nA. 乙\nANSWER: A", "不连续"),
        ("题\nA. 甲\n接着甲\nB. 乙\nANSWER: A", "不是选项的行"),
        ("题\nA. 甲\nB. 乙\n\nANSWER: A", "ANSWER"),
        ("题\nA. 甲\nANSWER: A", "至少要有两个选项"),
        ("题\nA. 甲\nB. 甲\nANSWER: A", "文字相同"),
    ],
)
def test_a_bad_question_is_refused_with_its_line(text: str, reason: str) -> None:
    parsed = read(f"好题\nA. 甲\nB. 乙\nANSWER: A\n\n{text}".encode())

    assert len(parsed.questions) == 1
    assert (parsed.refused[0].row, reason in str(parsed.refused[0].reason)) == (6, True)


def test_broken_files_are_refused_or_read() -> None:
    signs = ("A. ", "B) ", "ANSWER: ", "A", "\n", "\n\n", "题", " ", "\t", "\0", "Z", "answer:")
    for content in garbled_files([SAMPLE], signs, 1600, seed=12):
        with contextlib.suppress(UnreadableFile):
            assert read(content, "a.txt").questions is not None


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe\x00", b"a\0", b"PK\x03\x04"])
def test_a_file_without_questions_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(content)


@pytest.mark.parametrize(
    "text", ["题\n" + "A. 甲\n" * 500_000 + "ANSWER: A", "题\n" * 500_000, "A" * 3_000_000, " " * 3_000_000 + "x",
             "ANSWER: " + " " * 2_000_000, "ANSWER:A\n" * 100_000]
)  # fmt: skip
def test_hostile_texts_cost_little(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(UnreadableFile):
        assert read(text.encode()).questions is not None
    assert time.process_time() - started < 5


def test_the_child_process_knows_it_by_its_content() -> None:
    assert read_bank(SAMPLE, "bank.txt").questions == read(SAMPLE).questions
    assert format_of(SAMPLE, "bank.txt").name == "aiken"
