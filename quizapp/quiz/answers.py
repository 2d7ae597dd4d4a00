"""Answers on their way into an attempt: checked against the paper, merged by sequence number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quizapp.bank.questions import LONGEST_FILLING, QuestionType
from quizapp.errors import Invalid
from quizapp.messages import M

#: Sequence numbers stay whole numbers that every browser can hold.
LARGEST_SEQUENCE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner gave at a place (from 0): positions of the options as shown, or texts for blanks."""

    place: int
    sequence: int
    shown: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()


class NotOnThePaper(Invalid):
    """The answer is to no question of this paper, or chooses an option that is not there."""

    def __init__(self) -> None:
        super().__init__(M("这个答案不属于本试卷，未保存。请刷新页面。"))


def to_original(paper: Sequence[Mapping[str, Any]], answer: Answer) -> list[int] | list[str]:
    """Return what is kept of an answer; raise NotOnThePaper.

    Of a choice the original option indices, ascending; of blanks their texts, none when all are empty.
    """
    if not 0 <= answer.place < len(paper) or not 0 < answer.sequence <= LARGEST_SEQUENCE:
        raise NotOnThePaper
    item = paper[answer.place]
    if item["type"] == QuestionType.FILL_IN:
        return _fillings(item["blanks"], answer)
    if answer.texts:
        raise NotOnThePaper
    order = item["order"]
    single = item["type"] != QuestionType.MULTIPLE
    if len(set(answer.shown)) != len(answer.shown) or (single and len(answer.shown) > 1):
        raise NotOnThePaper
    if any(not 0 <= shown < len(order) for shown in answer.shown):
        raise NotOnThePaper
    return sorted(order[shown] for shown in answer.shown)


def _fillings(blanks: int, answer: Answer) -> list[str]:
    texts = [text.strip() for text in answer.texts]
    if answer.shown or len(texts) not in {0, blanks} or any(len(text) > LONGEST_FILLING for text in texts):
        raise NotOnThePaper
    return texts if any(texts) else []


def to_shown(order: Sequence[int], choice: Collection[int]) -> list[int]:
    """Return the positions as shown of original option indices."""
    return [shown for shown, original in enumerate(order) if original in choice]


def merge(
    saved: Mapping[str, Mapping[str, Any]],
    place: int,
    sequence: int,
    choice: Sequence[int] | Sequence[str],
    at: datetime | None = None,
) -> dict[str, dict[str, Any]] | None:
    """Return the answers with this one in place; None when an equal or newer one is there already.

    `at` is the moment of the save; the first one at each place is kept, from which the time on it is told.
    """
    held = saved.get(str(place))
    if held is not None and held["sequence"] >= sequence:
        return None
    answer: dict[str, Any] = {"sequence": sequence, "choice": list(choice)}
    first = (at.isoformat(timespec="seconds") if at else None) if held is None else held.get("at")
    if first:
        answer["at"] = first
    return {**{key: dict(value) for key, value in saved.items()}, str(place): answer}


def answers_by_place(saved: Mapping[str, Mapping[str, Any]]) -> dict[int, list[int] | list[str]]:
    """Return what was answered at each place."""
    return {int(place): list(answer["choice"]) for place, answer in saved.items()}
