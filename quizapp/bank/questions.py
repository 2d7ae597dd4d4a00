"""What a question is, apart from where it is kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

#: The two options of a true/false question; the key is [0] for true.
TRUE_FALSE_OPTIONS = ("正确", "错误")
MOST_OPTIONS = 8


class QuestionType(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class Difficulty(StrEnum):
    """How hard a question is meant to be."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionContent:
    """Everything that a revision fixes. `key` holds indices into `options`, ascending."""

    type: QuestionType
    stem: str
    options: tuple[str, ...]
    key: tuple[int, ...]
    explanation: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    roles: tuple[str, ...] = ()
    #: The bank's own number for the question, "" if it has none.
    code: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class ActiveQuestion:
    """A question that papers may draw, in the revision that is in force."""

    question_id: int
    revision_id: int
    bank_id: int
    type: QuestionType
    tags: tuple[str, ...]
    roles: tuple[str, ...]
    option_count: int

    def suits(self, role: str) -> bool:
        """Say whether the question is meant for a job role; one without roles is for all."""
        return not self.roles or role in self.roles


def normalise(text: str) -> str:
    """Fold width, case, white space and punctuation, so that retyped texts compare equal."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded)


def fingerprint(content: QuestionContent) -> str:
    """Return what makes two questions the same: type, stem and the set of options (hex SHA-256)."""
    options = sorted(_folded(option) for option in content.options)
    parts = (content.type.value, _folded(content.stem), *options)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _folded(text: str) -> str:
    """Texts of nothing but signs, such as ≥ and ≤, must stay apart."""
    return normalise(text) or text.strip()
