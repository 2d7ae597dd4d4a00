"""The table: out and in again gives the same questions, as .xlsx and as .csv."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quizapp.bank.formats import workbook
from quizapp.bank.formats.parsed import ParsedBank
from quizapp.bank.formats.table import parse_tables
from quizapp.bank.questions import QuestionContent
from quizapp.imports import spreadsheet
from tests.bank.strategies import PICTURES, questions


def read(content: bytes, name: str = "bank.xlsx") -> ParsedBank:
    return parse_tables(spreadsheet.read_tables(content, name, with_pictures=True))


@settings(deadline=None)
@given(st.lists(questions(), min_size=1, max_size=5))
def test_out_and_in_again_gives_the_same_questions(many: list[QuestionContent]) -> None:
    parsed = read(workbook.write(many, PICTURES))

    assert parsed.refused == ()
    assert [one.content for one in parsed.questions] == many
    assert [one.content.code for one in parsed.questions] == [one.code for one in many]
    assert all(PICTURES[digest] == picture for digest, picture in parsed.pictures.items())


@settings(deadline=None)
@given(st.lists(questions(with_pictures=False), min_size=1, max_size=5))
def test_as_csv_out_and_in_again_gives_the_same_questions(many: list[QuestionContent]) -> None:
    parsed = read(workbook.write_csv(many, {}), "bank.csv")

    assert parsed.refused == ()
    assert [one.content for one in parsed.questions] == many
