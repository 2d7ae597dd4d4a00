"""What a question is, apart from where it is kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

#: The two options of a true/false question; the key is [0] for true.
TRUE_FALSE_OPTIONS = ("正确", "错误")
MOST_OPTIONS = 8
MOST_BLANKS = 10
MOST_PARTS = 10
#: What stands in a stem where something is to be filled in.
BLANK = "____"
LONGEST_FILLING = 200


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    FILL_IN = "fill_in"
    #: One text with several questions on it, drawn together.
    CASE = "case"


#: Those that are answered by choosing among options.
CHOICES = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE})


class QuestionState(StrEnum):
    """Whether papers may draw the question."""

    ACTIVE = "active"
    RETIRED = "retired"


class Difficulty(StrEnum):
    """How hard a question is meant to be."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Blank:
    """What fills one blank: any of the accepted texts, or with a `tolerance` any number that near to one."""

    accepted: tuple[str, ...]
    tolerance: Decimal | None = None

    def takes(self, text: str) -> bool:
        """Say whether a filling is right; width, case and white space do not matter."""
        if self.tolerance is None:
            return _filling(text) in map(_filling, self.accepted)
        number = as_number(text)
        wanted = [value for value in map(as_number, self.accepted) if value is not None]
        return number is not None and any(abs(number - value) <= self.tolerance for value in wanted)


def as_number(text: str) -> Decimal | None:
    """Return the number that a text is, in any width; None when it is none."""
    try:
        number = Decimal(_filling(text).replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _filling(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionContent:
    """Everything that a revision fixes. `key` holds indices into `options`, ascending.

    A question to fill in has `blanks` in the order of the marks in its stem; a case has `parts`, each a
    question of another type, on the text that is its stem.
    """

    type: QuestionType
    stem: str
    options: tuple[str, ...] = ()
    key: tuple[int, ...] = ()
    blanks: tuple[Blank, ...] = ()
    parts: tuple[QuestionContent, ...] = ()
    explanation: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    roles: tuple[str, ...] = ()
    #: The bank's own number for the question, "" if it has none.
    code: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What is right: original option indices, what fills the blanks, or the keys of a case's parts."""

    choice: tuple[int, ...] = ()
    blanks: tuple[Blank, ...] = ()
    parts: tuple[AnswerKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """What a paper must know of a question before it is answered."""

    type: QuestionType
    options: int = 0
    blanks: int = 0


@dataclass(frozen=True, slots=True)
class ActiveQuestion:
    """A question that papers may draw, in the revision that is in force.

    `shapes` has one entry, or one for each part of a case.
    """

    question_id: int
    revision_id: int
    bank_id: int
    type: QuestionType
    difficulty: Difficulty
    tags: tuple[str, ...]
    roles: tuple[str, ...]
    shapes: tuple[Shape, ...]

    def suits(self, role: str) -> bool:
        """Say whether the question is meant for a job role; one without roles is for all."""
        return not self.roles or role in self.roles


def normalise(text: str) -> str:
    """Fold width, case, white space and punctuation, so that retyped texts compare equal."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


def fingerprint(content: QuestionContent) -> str:
    """Return what makes two questions the same: type, stem, set of options, parts (hex SHA-256)."""
    options = sorted(_folded(option) for option in content.options)
    parts = (content.type.value, _folded(content.stem), *options, *map(fingerprint, content.parts))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _folded(text: str) -> str:
    """Texts of nothing but signs, such as ≥ and ≤, must stay apart."""
    return normalise(text) or text.strip()
