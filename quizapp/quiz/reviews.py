"""What a learner is told about a closed attempt: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedQuestion:
    """One question of a closed attempt, as it was shown. Letters name the options as shown."""

    number: int
    type: str
    #: The text that a case's question is on.
    case: str
    stem: str
    options: tuple[str, ...]
    chosen: str
    right: str
    points: int
    earned: int
    explanation: str
    source: str
    topic: str

    @property
    def is_right(self) -> bool:
        """Say whether all its points were earned."""
        return self.earned == self.points


@dataclass(frozen=True, slots=True)
class TopicScore:
    """How many questions of a topic were right."""

    topic: str
    right: int
    total: int


def by_topic(questions: Iterable[ReviewedQuestion]) -> list[TopicScore]:
    """Count right answers by topic, in the order in which topics come up."""
    found: dict[str, list[bool]] = {}
    for question in questions:
        found.setdefault(question.topic, []).append(question.is_right)
    return [TopicScore(topic, sum(marks), len(marks)) for topic, marks in found.items()]
