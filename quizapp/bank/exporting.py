"""A bank on its way out, in any format that can be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries
from quizapp.bank.formats.registry import BY_NAME, Format
from quizapp.bank.questions import QuestionContent, QuestionState
from quizapp.errors import Invalid
from quizapp.files import store
from quizapp.files.references import digests_in
from quizapp.messages import M


@dataclass(frozen=True, slots=True)
class Exported:
    """A bank as a file."""

    content: bytes
    format: Format

    @property
    def ending(self) -> str:
        """Return what the file's name ends in."""
        return self.format.endings[0]


def export_bank(actor: Actor, slug: str, format_name: str) -> Exported:
    """Return the active questions of a bank as a file, keys included, and record it.

    Raises NotFound and Invalid.
    """
    bank = queries.get_bank(slug)
    chosen = BY_NAME.get(format_name)
    if chosen is None or chosen.write is None:
        raise Invalid(M("没有这种格式：%(name)s", name=format_name))
    questions = [
        queries.content_of(revision, question.code)
        for question, revision in queries.revisions_in_force(bank.id)
        if question.state is QuestionState.ACTIVE
    ]
    texts = (text for question in questions for text in texts_of(question))
    content = chosen.write(questions, store.read_pictures(digests_in(texts)))
    log.record(actor, "bank.export", f"bank:{slug}", {"format": format_name, "questions": len(questions)})
    return Exported(content, chosen)


def texts_of(question: QuestionContent) -> Iterator[str]:
    """Yield the texts of a question in which a picture may stand."""
    yield question.stem
    yield question.explanation
    yield from question.options
    for part in question.parts:
        yield from texts_of(part)
