"""Texts that say nearly the same, found among tens of thousands without comparing each with each. Pure.

Two texts whose sets of three-sign pieces overlap by a share share at least one of their rarest pieces (the
prefix filter of set similarity joins: Chaudhuri, Ganti, Kaushik, ICDE 2006); only those are compared in full,
by the share of signs that an edit leaves in place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

PIECE = 3
#: Least overlap of pieces (Jaccard) of what is compared in full, and least likeness of what is told.
LEAST_OVERLAP = 0.5
LEAST_LIKENESS = 85
#: A text is compared with no more than so many others, those that share the most of its rare pieces.
MOST_COMPARED = 30
#: What more texts than this share tells nothing about two of them.
MOST_HOLDERS = 60
LEAST_PIECES = 4


@dataclass(frozen=True, slots=True)
class Twin:
    """The text that is most like another: its place among all, and how like it is, in percent."""

    place: int
    percent: int


def likely_twins(known: Sequence[str], new: Sequence[str]) -> list[Twin | None]:
    """Return for each new text the one most like it among the known texts and the new ones before it.

    Places count on through both lists: the first new text has place ``len(known)``. Texts are compared as
    they are given: fold them first.
    """
    texts = [*known, *new]
    pieces = [_pieces(text) for text in texts]
    commonness = Counter(piece for found in pieces for piece in found)
    holders: dict[str, list[int]] = defaultdict(list)
    twins: list[Twin | None] = []
    for place, found in enumerate(pieces):
        prefix = _rarest(found, commonness)
        if place >= len(known):
            candidates = Counter(other for piece in prefix for other in holders[piece][-MOST_HOLDERS:])
            likeliest = [other for other, _ in candidates.most_common(MOST_COMPARED)]
            twins.append(_closest(texts, place, likeliest))
        for piece in prefix:
            holders[piece].append(place)
    return twins


def _rarest(pieces: set[str], commonness: Counter[str]) -> list[str]:
    """Return the pieces by which a text is looked up: its rarer half, without what very many share."""
    ordered = sorted(pieces, key=lambda piece: (commonness[piece], piece))
    half = ordered[: len(ordered) - int(LEAST_OVERLAP * len(ordered)) + 1]
    telling = [piece for piece in half if commonness[piece] <= MOST_HOLDERS]
    return telling if len(telling) >= LEAST_PIECES else half[:LEAST_PIECES]


def _pieces(text: str) -> set[str]:
    if len(text) <= PIECE:
        return {text}
    return {text[place : place + PIECE] for place in range(len(text) - PIECE + 1)}


def _closest(texts: Sequence[str], place: int, candidates: Sequence[int]) -> Twin | None:
    """Return the candidate most like a text; of several, the first in the list."""
    found = process.extractOne(
        texts[place], [texts[other] for other in candidates], scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS
    )
    return Twin(candidates[found[2]], int(found[1])) if found else None
