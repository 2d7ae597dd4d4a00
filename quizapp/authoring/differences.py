"""What one revision of a question changed: field by field, down to the words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from quizapp.bank.matching import FIELD_NAMES
from quizapp.bank.questions import QuestionContent
from quizapp.bank.wording import accepted, letters
from quizapp.messages import M, Message
from quizapp.web.differing import Difference, pieces


def differences(before: QuestionContent, after: QuestionContent) -> list[Difference]:
    """Return what changed, in the order of the fields."""
    return [
        Difference(name, tuple(pieces(old, new)))
        for (name, old), (_, new) in zip(_fields(before), _fields(after), strict=True)
        if old != new
    ]


def _fields(content: QuestionContent) -> Iterator[tuple[Message, str]]:
    texts = {
        "type": content.type.value,
        "stem": content.stem,
        "options": "\n".join(f"{letters([place])}. {text}" for place, text in enumerate(content.options)),
        "key": letters(content.key),
        "blanks": accepted(content.blanks),
        "parts": "\n\n".join(map(_part, content.parts)),
        "explanation": content.explanation,
        "source": content.source,
        "tags": "、".join(content.tags),
        "difficulty": content.difficulty.value,
        "roles": "、".join(content.roles),
    }
    for name, field in FIELD_NAMES.items():
        yield field, texts[name]
    yield M("编号"), content.code


def _part(part: QuestionContent) -> str:
    options = "\n".join(f"{letters([place])}. {text}" for place, text in enumerate(part.options))
    right = letters(part.key) or accepted(part.blanks)
    return "\n".join(line for line in (part.stem, options, right, part.explanation) if line)
