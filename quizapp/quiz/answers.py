"""Answers on their way into an attempt: checked against the paper, merged by sequence number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quizapp.bank.questions import QuestionType
from quizapp.errors import Invalid
from quizapp.messages import M

#: Sequence numbers stay whole numbers that every browser can hold.
LARGEST_SEQUENCE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner chose at a place (from 0): positions of the options as shown to them."""

    place: int
    sequence: int
    shown: tuple[int, ...]


class NotOnThePaper(Invalid):
    """The answer is to no question of this paper, or chooses an option that is not there."""

    def __init__(self) -> None:
        super().__init__(M("这个答案不属于本试卷，未保存。请刷新页面。"))


def to_original(paper: Sequence[Mapping[str, Any]], answer: Answer) -> list[int]:
    """Return the original option indices of a choice, ascending; raise NotOnThePaper."""
    if not 0 <= answer.place < len(paper) or not 0 < answer.sequence <= LARGEST_SEQUENCE:
        raise NotOnThePaper
    order = paper[answer.place]["order"]
    single = paper[answer.place]["type"] != QuestionType.MULTIPLE
    if len(set(answer.shown)) != len(answer.shown) or (single and len(answer.shown) > 1):
        raise NotOnThePaper
    if any(not 0 <= shown < len(order) for shown in answer.shown):
        raise NotOnThePaper
    return sorted(order[shown] for shown in answer.shown)


def to_shown(order: Sequence[int], choice: Collection[int]) -> list[int]:
    """Return the positions as shown of original option indices."""
    return [shown for shown, original in enumerate(order) if original in choice]


def merge(
    saved: Mapping[str, Mapping[str, Any]], place: int, sequence: int, choice: Sequence[int]
) -> dict[str, dict[str, Any]] | None:
    """Return the answers with this one in place; None when an equal or newer one is there already."""
    held = saved.get(str(place))
    if held is not None and held["sequence"] >= sequence:
        return None
    return {
        **{key: dict(value) for key, value in saved.items()},
        str(place): {
            "sequence": sequence,
            "choice": list(choice),
        },
    }


def choices_by_place(saved: Mapping[str, Mapping[str, Any]]) -> dict[int, list[int]]:
    """Return the original option indices chosen at each place."""
    return {int(place): list(answer["choice"]) for place, answer in saved.items()}
