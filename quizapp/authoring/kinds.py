"""What a report about a question says, and how it stands. Pure."""

from __future__ import annotations

from enum import StrEnum


class ReportKind(StrEnum):
    """What is said to be wrong with a question."""

    WRONG_KEY = "wrong_key"
    OUTDATED = "outdated"
    UNCLEAR = "unclear"
    TYPO = "typo"
    OTHER = "other"


class ReportState(StrEnum):
    """Whether an editor has answered."""

    OPEN = "open"
    ANSWERED = "answered"
