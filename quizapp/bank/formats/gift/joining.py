"""The GIFT questions that one question with several blanks, or one case, was written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.gift.carried import Piece
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.messages import M

#: Stands between a case's material and its part, in stems and in explanations.
PARTING = "\n\n"


@dataclass(frozen=True, slots=True)
class Piecewise:
    """A question as GIFT has it, and which piece of one of ours it is."""

    line: int
    content: QuestionContent
    part: Piece | None = None
    space: Piece | None = None

    @property
    def begins(self) -> bool:
        """Whether nothing before it belongs to it."""
        return all(piece is None or piece.number == 1 for piece in (self.part, self.space))

    @property
    def ends(self) -> bool:
        """Whether nothing after it belongs to it."""
        return all(piece is None or piece.number == piece.of for piece in (self.part, self.space))


def join_pieces(pieces: Sequence[Piecewise]) -> QuestionContent:
    """Return the one question that these are. Raises BadQuestion when a piece is missing or was changed."""
    parts = [_joined_spaces(run) for run in _runs(pieces)]
    first = parts[0]
    if first.part is None:
        return _only(parts).content
    places = [piece.part and (piece.part.number, piece.part.of) for piece in parts]
    if places != [(number, len(parts)) for number in range(1, len(parts) + 1)]:
        raise _changed()
    whole = first.part
    return replace(
        first.content,
        type=QuestionType.CASE,
        stem=whole.text,
        explanation=whole.explanation,
        options=(),
        key=(),
        blanks=(),
        parts=tuple(_part(piece.content, whole) for piece in parts),
    )


def _runs(pieces: Sequence[Piecewise]) -> list[list[Piecewise]]:
    """Return the pieces of each question with several blanks together."""
    runs: list[list[Piecewise]] = []
    for piece in pieces:
        if piece.space is None or piece.space.number == 1 or not runs:
            runs.append([piece])
        else:
            runs[-1].append(piece)
    return runs


def _joined_spaces(run: Sequence[Piecewise]) -> Piecewise:
    first = run[0]
    if first.space is None:
        return _only(run)
    places = [piece.space and (piece.space.number, piece.space.of) for piece in run]
    stem = first.space.text
    is_whole = places == [(number, len(run)) for number in range(1, len(run) + 1)]
    if not is_whole or not all(stem in piece.content.stem for piece in run):
        raise _changed()
    blanks = tuple(blank for piece in run for blank in piece.content.blanks)
    before = first.content.stem[: first.content.stem.find(stem)]
    return replace(first, content=replace(first.content, stem=before + stem, blanks=blanks))


def _part(content: QuestionContent, whole: Piece) -> QuestionContent:
    if not content.stem.startswith(whole.text) or not content.explanation.endswith(whole.explanation):
        raise _changed()
    explanation = content.explanation[: len(content.explanation) - len(whole.explanation)]
    return QuestionContent(
        type=content.type,
        stem=content.stem[len(whole.text) :].strip(),
        options=content.options,
        key=content.key,
        blanks=content.blanks,
        explanation=explanation.strip(),
    )


def _only(pieces: Sequence[Piecewise]) -> Piecewise:
    if len(pieces) != 1:
        raise _changed()
    return pieces[0]


def _changed() -> BadQuestion:
    return BadQuestion(M("这道题由几道 GIFT 题组成，其中有缺少的或被改动过的，请重新导出。"))
