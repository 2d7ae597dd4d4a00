"""What a file of questions holds, before a bank is asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from quizapp.bank.questions import QuestionContent
from quizapp.files.pictures import Picture
from quizapp.imports.tables import Problem


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question with the place it was read from: sheet or part of the file, and row, line or number."""

    sheet: str
    row: int
    content: QuestionContent


@dataclass(frozen=True, slots=True)
class ParsedBank:
    """What a file holds: questions, what cannot be used, what was repaired, and pictures by digest."""

    questions: tuple[ParsedQuestion, ...]
    refused: tuple[Problem, ...]
    repaired: tuple[Problem, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
