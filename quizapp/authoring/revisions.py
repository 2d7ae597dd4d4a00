"""Saving a revised question: for the papers to come alone, or with the results that used a wrong key."""

from __future__ import annotations

from enum import StrEnum

from quizapp.audit.actors import Actor
from quizapp.bank import queries as bank_queries
from quizapp.bank import revising
from quizapp.bank.documents import key_of
from quizapp.bank.models import Question
from quizapp.bank.questions import QuestionContent
from quizapp.quiz import regrading
from quizapp.quiz.regrading import Effect


class Save(StrEnum):
    """What an editor decides about results that used another key."""

    REGRADE = "regrade"
    FROM_NOW_ON = "from_now_on"


def key_effect(question: Question, content: QuestionContent) -> Effect | None:
    """Say what grading past answers by a question's new key would do.

    None when the key is the same, no result used the old one, or the question asks something else now.
    """
    revision = bank_queries.get_revision(question.id, question.revision)
    before = bank_queries.content_of(revision)
    if key_of(before) == key_of(content) or not revising.asks_the_same(before, content):
        return None
    effect = regrading.preview(revision.id, key_of(content))
    return effect if effect.attempts else None


def save_question(
    actor: Actor, question: Question, content: QuestionContent, *, seen: int, regrade: bool, reason: str
) -> None:
    """Make the next revision; `regrade` says that the key before was wrong.

    Raises what `revise` and `regrading.regrade` raise.
    """
    made = revising.revise(actor, question, content, seen=seen)
    if made is not None and regrade:
        regrading.regrade(actor, question.id, wrong=seen, right=made.number, reason=reason)
