"""A question as plain JSON values and back: in the database, in planned rows, in the product's own format."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quizapp.bank.questions import CHOICES, AnswerKey, Blank, Difficulty, QuestionContent, QuestionType, Shape


def document(content: QuestionContent) -> dict[str, Any]:
    """Return everything about a question."""
    return {
        "code": content.code,
        **body(content),
        "parts": [{**body(part), "explanation": part.explanation} for part in content.parts],
        "explanation": content.explanation,
        "source": content.source,
        "tags": list(content.tags),
        "difficulty": content.difficulty.value,
        "roles": list(content.roles),
    }


def body(content: QuestionContent) -> dict[str, Any]:
    """Return what is asked and what is right."""
    return {
        "type": content.type.value,
        "stem": content.stem,
        "options": list(content.options),
        "key": list(content.key),
        "blanks": [blank_document(blank) for blank in content.blanks],
    }


def content_from(found: dict[str, Any]) -> QuestionContent:
    """Return the question that `document` wrote down."""
    return QuestionContent(
        **_body_from(found),
        parts=tuple(
            QuestionContent(**_body_from(part), explanation=part["explanation"]) for part in found["parts"]
        ),
        explanation=found["explanation"],
        source=found["source"],
        tags=tuple(found["tags"]),
        difficulty=Difficulty(found["difficulty"]),
        roles=tuple(found["roles"]),
        code=found["code"],
    )


def _body_from(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": QuestionType(found["type"]),
        "stem": found["stem"],
        "options": tuple(found["options"]),
        "key": tuple(found["key"]),
        "blanks": tuple(map(blank_from, found["blanks"])),
    }


def blank_document(blank: Blank) -> dict[str, Any]:
    """Return a blank; its tolerance as a text, so that no digit is lost."""
    tolerance = None if blank.tolerance is None else str(blank.tolerance)
    return {"accepted": list(blank.accepted), "tolerance": tolerance}


def blank_from(found: dict[str, Any]) -> Blank:
    """Return the blank that `blank_document` wrote down."""
    tolerance = found["tolerance"]
    return Blank(tuple(found["accepted"]), None if tolerance is None else Decimal(tolerance))


def shown_parts(content: QuestionContent) -> list[dict[str, Any]]:
    """Return of a case's parts what learners see while they answer; nothing of what is right."""
    return [
        {
            "type": part.type.value,
            "stem": part.stem,
            "options": list(part.options),
            "blanks": len(part.blanks),
        }
        for part in content.parts
    ]


def key_document(content: QuestionContent) -> list[Any]:
    """Return what is right and why, apart from what learners see: indices, blanks, or both of each part."""
    if content.type is QuestionType.CASE:
        return [{"key": key_document(part), "explanation": part.explanation} for part in content.parts]
    if content.type is QuestionType.FILL_IN:
        return [blank_document(blank) for blank in content.blanks]
    return list(content.key)


def key_from(kind: QuestionType, parts: Sequence[dict[str, Any]], key: Sequence[Any]) -> AnswerKey:
    """Return what is right of a revision with these parts, from what `key_document` wrote down."""
    if kind is QuestionType.CASE:
        kinds = [QuestionType(part["type"]) for part in parts]
        return AnswerKey(
            parts=tuple(key_from(one, (), held["key"]) for one, held in zip(kinds, key, strict=True))
        )
    if kind is QuestionType.FILL_IN:
        return AnswerKey(blanks=tuple(map(blank_from, key)))
    return AnswerKey(choice=tuple(key))


def key_of(content: QuestionContent) -> AnswerKey:
    """Return what is right of a question."""
    return AnswerKey(content.key, content.blanks, tuple(map(key_of, content.parts)))


def parts_from(parts: Sequence[dict[str, Any]], key: Sequence[dict[str, Any]]) -> tuple[QuestionContent, ...]:
    """Return a case's parts from what `shown_parts` and `key_document` wrote down."""
    found = []
    for part, held in zip(parts, key, strict=True):
        kind = QuestionType(part["type"])
        right = key_from(kind, (), held["key"])
        found.append(
            QuestionContent(
                type=kind,
                stem=part["stem"],
                options=tuple(part["options"]),
                key=right.choice,
                blanks=right.blanks,
                explanation=held["explanation"],
            )
        )
    return tuple(found)


def shapes_of(
    kind: QuestionType, options: int, keys: int, parts: Sequence[dict[str, Any]]
) -> tuple[Shape, ...]:
    """Return the shapes that a revision with so many options and entries in its key has on a paper."""
    if kind is QuestionType.CASE:
        return tuple(
            Shape(QuestionType(part["type"]), len(part["options"]), int(part["blanks"])) for part in parts
        )
    return (Shape(kind, options, 0 if kind in CHOICES else keys),)
