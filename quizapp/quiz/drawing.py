"""Drawing a paper: pure, the same from the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quizapp.bank.questions import ActiveQuestion, QuestionType
from quizapp.errors import Conflict
from quizapp.messages import M


@dataclass(frozen=True, slots=True)
class Section:
    """So many questions of one type (and tag, unless "") from one bank, at so many points each."""

    bank_id: int
    type: QuestionType
    tag: str
    count: int
    points: int

    def takes(self, candidate: ActiveQuestion) -> bool:
        """Say whether the section may draw this question."""
        return (
            candidate.bank_id == self.bank_id
            and candidate.type is self.type
            and (not self.tag or self.tag in candidate.tags)
        )


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One question of a paper; `order` lists the original option indices as they are shown."""

    question_id: int
    revision_id: int
    type: QuestionType
    order: tuple[int, ...]
    points: int


class BankTooSmall(Conflict):
    """The bank cannot fill a section of the blueprint."""

    def __init__(self, place: int, wanted: int, found: int) -> None:
        super().__init__(
            M(
                "题库不足：第 %(place)s 部分需要 %(wanted)s 题，只有 %(found)s 题可抽。请联系区安委办。",
                place=place,
                wanted=wanted,
                found=found,
            )
        )


def draw_paper(
    sections: Sequence[Section], candidates: Iterable[ActiveQuestion], seed: int
) -> list[PaperItem]:
    """Draw a paper: each section in turn, its questions at random, none twice, options shuffled.

    Scarce sections (with a tag) draw before open ones, so that they do not run out, but the paper
    keeps the order of `sections`. True/false questions keep 正确 before 错误.
    Raises BankTooSmall naming the section, counted from 1.
    """
    # The stored seed makes a paper reproducible; it comes from the system's own random numbers.
    source = random.Random(seed)  # noqa: S311 - not a secret: the paper itself is stored
    pool = sorted(candidates, key=lambda candidate: candidate.question_id)
    taken: set[int] = set()
    drawn: dict[int, list[PaperItem]] = {}
    for place in sorted(range(len(sections)), key=lambda place: (not sections[place].tag, place)):
        section = sections[place]
        free = [c for c in pool if c.question_id not in taken and section.takes(c)]
        if len(free) < section.count:
            raise BankTooSmall(place + 1, section.count, len(free))
        chosen = source.sample(free, section.count)
        taken.update(candidate.question_id for candidate in chosen)
        drawn[place] = [_item(candidate, section.points, source) for candidate in chosen]
    return [item for place in range(len(sections)) for item in drawn[place]]


def _item(candidate: ActiveQuestion, points: int, source: random.Random) -> PaperItem:
    order = list(range(candidate.option_count))
    if candidate.type is not QuestionType.TRUE_FALSE:
        source.shuffle(order)
    return PaperItem(candidate.question_id, candidate.revision_id, candidate.type, tuple(order), points)
