"""Whether banks can fill a blueprint, whichever questions a draw happens to take: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from quizapp.bank.questions import ActiveQuestion
from quizapp.quiz.drawing import Section, drawing_order


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A section, counted from 1, that asks for more questions than it is sure to find."""

    place: int
    wanted: int
    found: int


def shortfalls(sections: Sequence[Section], candidates: Sequence[ActiveQuestion]) -> list[Shortfall]:
    """Return the sections that some draw could not fill, in the order of the paper.

    What a section finds is what fits it less the most that sections drawn before it can take away. So
    with none short no seed fails, and with one short some seed does.
    """
    before: list[int] = []
    short = []
    for place in drawing_order(sections):
        section = sections[place]
        fitting = [candidate for candidate in candidates if section.takes(candidate)]
        found = len(fitting) - _most_taken(sections, before, fitting)
        if found < section.count:
            short.append(Shortfall(place + 1, section.count, max(0, found)))
        before.append(place)
    return sorted(short, key=lambda one: one.place)


def points_range(sections: Sequence[Section], candidates: Sequence[ActiveQuestion]) -> tuple[int, int]:
    """Return the least and the most points that a paper can carry: of a case each part carries them."""
    least = most = 0
    for section in sections:
        parts = [len(candidate.shapes) for candidate in candidates if section.takes(candidate)]
        parts = sorted(parts + [1] * (section.count - len(parts)))
        least += section.points * sum(parts[: section.count])
        most += section.points * sum(parts[-section.count :])
    return least, most


def _most_taken(sections: Sequence[Section], before: Sequence[int], fitting: Sequence[ActiveQuestion]) -> int:
    """Return how many of these questions the sections before can take between them at most.

    A greatest matching of places on the paper with questions, found by augmenting paths; questions that
    the same sections may draw count as one kind.
    """
    kinds = Counter(
        frozenset(place for place in before if sections[place].takes(candidate)) for candidate in fitting
    )
    return _Matching(kinds).size({place: sections[place].count for place in before})


class _Matching:
    """Which sections take how many questions of which kind; a kind is the sections that may draw it."""

    def __init__(self, kinds: Counter[frozenset[int]]) -> None:
        self.left = Counter(kinds)
        self.taken: Counter[tuple[int, frozenset[int]]] = Counter()

    def size(self, counts: dict[int, int]) -> int:
        """Return how many questions sections that want so many can take."""
        return sum(self._take(place, set()) for place, count in counts.items() for _ in range(count))

    def _take(self, place: int, tried: set[frozenset[int]]) -> bool:
        """Take one question for a section, from another one if that finds a different one."""
        for kind in [kind for kind in self.left if place in kind and kind not in tried]:
            tried.add(kind)
            if self.left[kind]:
                self.left[kind] -= 1
                self.taken[place, kind] += 1
                return True
            for other in kind - {place}:
                if self.taken[other, kind] and self._take(other, tried):
                    self.taken[other, kind] -= 1
                    self.taken[place, kind] += 1
                    return True
        return False
