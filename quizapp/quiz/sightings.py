"""What one closed paper says of each item on it: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from quizapp.bank.questions import QuestionType
from quizapp.quiz.item_analysis import SCALE, Sighting
from quizapp.quiz.papers import Item, part_of

#: A revision, and which part of it when it is a case.
ItemKey = tuple[int, int | None]
Answers = Mapping[str, Mapping[str, Any]]


def sightings(
    paper: Sequence[Item], answers: Answers, marks: Sequence[int], started_at: datetime
) -> Iterator[tuple[ItemKey, Sighting]]:
    """Yield each item of a closed paper; none of a paper that carries no points."""
    total, points = sum(item["points"] for item in paper), sum(marks)
    seconds = seconds_by_place(answers, started_at)
    for place, item in enumerate(paper):
        saved, worth, others = answers.get(str(place)), item["points"], total - item["points"]
        choice = saved["choice"] if saved else []
        is_filled = item["type"] == QuestionType.FILL_IN
        yield (
            (item["revision_id"], part_of(item)),
            Sighting(
                score=100 * points // total,
                mark=SCALE * marks[place] // worth,
                rest=SCALE * (points - marks[place]) // others if others else None,
                chosen=() if is_filled else tuple(choice),
                is_open=not choice,
                seconds=seconds.get(place),
            ),
        )


def seconds_by_place(answers: Answers, started_at: datetime) -> dict[int, int]:
    """Return the time on each question: from the first answer before it, or the start, to its own first one.

    What came within the same second was sent together, as after a time without network, and is not measured;
    neither is what has no moment: answers handed in with the whole sheet.
    """
    firsts = sorted(
        (datetime.fromisoformat(saved["at"]), int(place)) for place, saved in answers.items() if "at" in saved
    )
    found, before = {}, started_at
    for at, place in firsts:
        gap = int((at - before).total_seconds())
        if gap > 0:
            found[place] = gap
        before = at
    return found
