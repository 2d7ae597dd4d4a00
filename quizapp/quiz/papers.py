"""A paper as it is kept in an attempt: read back for grading and for showing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quizapp.bank.questions import AnswerKey
from quizapp.quiz.grading import Gradable, Scoring

#: One place of a paper, as `quizapp.quiz.drawing.PaperItem` is kept.
Item = Mapping[str, Any]


def revisions_on(paper: Iterable[Item]) -> set[int]:
    """Return the revisions that a paper was drawn from."""
    return {item["revision_id"] for item in paper}


def part_of(item: Item) -> int | None:
    """Return which part of a case stands at a place; papers of before there were cases do not say it."""
    part: int | None = item.get("part")
    return part


def gradables(paper: Sequence[Item], keys: Mapping[int, AnswerKey]) -> list[Gradable]:
    """Return the places of a paper with what is right there."""
    return [
        Gradable(
            _key(item, keys[item["revision_id"]]),
            item["points"],
            Scoring(item.get("scoring", Scoring.ALL_OR_NOTHING)),
        )
        for item in paper
    ]


def _key(item: Item, key: AnswerKey) -> AnswerKey:
    part = part_of(item)
    return key if part is None else key.parts[part]
