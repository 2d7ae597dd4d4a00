"""Drawing a paper: pure, the same from the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizapp.bank.questions import ActiveQuestion, Difficulty, QuestionType
from quizapp.errors import Conflict
from quizapp.messages import M
from quizapp.quiz.grading import Scoring

#: 正确 stays before 错误.
SHUFFLED = frozenset({QuestionType.SINGLE, QuestionType.MULTIPLE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """So many questions of one type (and tag and difficulty) from one bank, at so many points each.

    Of a case each part carries the points.
    """

    bank_id: int
    type: QuestionType
    count: int
    points: int
    tag: str = ""
    difficulty: Difficulty | None = None
    scoring: Scoring = Scoring.ALL_OR_NOTHING

    def takes(self, candidate: ActiveQuestion) -> bool:
        """Say whether the section may draw this question."""
        return (
            candidate.bank_id == self.bank_id
            and candidate.type is self.type
            and (not self.tag or self.tag in candidate.tags)
            and self.difficulty in {None, candidate.difficulty}
        )

    @property
    def is_narrow(self) -> bool:
        """Say whether it asks for more than a type: what is scarce is drawn first."""
        return bool(self.tag) or self.difficulty is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperItem:
    """One question of a paper, or one part of a case; `order` lists the original option indices as shown."""

    question_id: int
    revision_id: int
    type: QuestionType
    order: tuple[int, ...]
    points: int
    scoring: Scoring
    blanks: int = 0
    #: Which part of a case this is, from 0; None for a question that stands alone.
    part: int | None = None


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


def drawing_order(sections: Sequence[Section]) -> list[int]:
    """Return the places of the sections in the order in which they draw: narrow ones first."""
    return sorted(range(len(sections)), key=lambda place: (not sections[place].is_narrow, place))


def draw_paper(
    sections: Sequence[Section], candidates: Iterable[ActiveQuestion], seed: int
) -> list[PaperItem]:
    """Draw a paper: each section in turn, its questions at random, none twice, options shuffled.

    Narrow sections (with a tag or a difficulty) draw before open ones, so that they do not run out,
    but the paper keeps the order of `sections`. True/false questions keep 正确 before 错误.
    Raises BankTooSmall naming the section, counted from 1.
    """
    # The stored seed makes a paper reproducible; it comes from the system's own random numbers.
    source = random.Random(seed)  # noqa: S311 - not a secret: the paper itself is stored
    pool = sorted(candidates, key=lambda candidate: candidate.question_id)
    taken: set[int] = set()
    drawn: dict[int, list[PaperItem]] = {}
    for place in drawing_order(sections):
        section = sections[place]
        free = [c for c in pool if c.question_id not in taken and section.takes(c)]
        if len(free) < section.count:
            raise BankTooSmall(place + 1, section.count, len(free))
        chosen = source.sample(free, section.count)
        taken.update(candidate.question_id for candidate in chosen)
        drawn[place] = [item for candidate in chosen for item in _items(candidate, section, source)]
    return [item for place in range(len(sections)) for item in drawn[place]]


def _items(candidate: ActiveQuestion, section: Section, source: random.Random) -> Iterator[PaperItem]:
    is_case = candidate.type is QuestionType.CASE
    for number, shape in enumerate(candidate.shapes):
        order = list(range(shape.options))
        if shape.type in SHUFFLED:
            source.shuffle(order)
        yield PaperItem(
            question_id=candidate.question_id,
            revision_id=candidate.revision_id,
            type=shape.type,
            order=tuple(order),
            points=section.points,
            scoring=section.scoring,
            blanks=shape.blanks,
            part=number if is_case else None,
        )
