"""Sample papers: drawn as a learner's is, shown with what is right, kept nowhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import QuestionContent, QuestionType
from quizapp.bank.wording import accepted, letters
from quizapp.campaigns import queries as campaign_queries
from quizapp.campaigns.queries import CampaignTrack
from quizapp.quiz import queries
from quizapp.quiz.drawing import PaperItem, draw_paper

#: Enough to differ each time, short enough to read out.
SEED_BITS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleQuestion:
    """One question as it would be shown, with what is right."""

    number: int
    type: QuestionType
    #: The text that a case's question is on.
    case: str
    stem: str
    options: tuple[str, ...]
    blanks: int
    right: str
    points: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SamplePaper:
    """A paper that nobody takes; the same from the same seed while the banks stay as they are."""

    track: CampaignTrack
    seed: int
    questions: tuple[SampleQuestion, ...]

    @property
    def points(self) -> int:
        """Return the points that the paper carries."""
        return sum(question.points for question in self.questions)


def draw_sample(track_id: int, seed: int | None = None) -> SamplePaper:
    """Draw a sample, from a fresh seed without one. Raises NotFound, NoBlueprint, BankTooSmall."""
    track = campaign_queries.get_track(track_id)
    sections = queries.sections(track_id)
    pool = bank_queries.active_questions({section.bank_id for section in sections})
    chosen = secrets.randbits(SEED_BITS) if seed is None else seed
    paper = draw_paper(sections, [question for question in pool if question.suits(track.job_role)], chosen)
    contents = bank_queries.contents({item.revision_id for item in paper})
    questions = tuple(
        _question(number, item, contents[item.revision_id]) for number, item in enumerate(paper, start=1)
    )
    return SamplePaper(track=track, seed=chosen, questions=questions)


def _question(number: int, item: PaperItem, content: QuestionContent) -> SampleQuestion:
    asked = content if item.part is None else content.parts[item.part]
    if asked.blanks:
        right = accepted(asked.blanks)
    else:
        right = letters(item.order.index(original) for original in asked.key)
    return SampleQuestion(
        number=number,
        type=asked.type,
        case="" if item.part is None else content.stem,
        stem=asked.stem,
        options=tuple(asked.options[original] for original in item.order),
        blanks=len(asked.blanks),
        right=right,
        points=item.points,
        source=content.source,
    )
