"""The form of a question: what it sends, and what it shows again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from quizapp.bank.questions import (
    CHOICES,
    MOST_OPTIONS,
    MOST_PARTS,
    TRUE_FALSE_OPTIONS,
    Blank,
    Difficulty,
    QuestionContent,
    QuestionType,
)
from quizapp.directory.roles import JobRole
from quizapp.errors import Invalid
from quizapp.messages import M
from quizapp.web.addresses import keys_in

#: Between the variants that a blank takes, and before how far a number may be off.
VARIANTS, TOLERANCE = " / ", "±"
_TAGS = re.compile(r"[、,，;；\n]+")
Form = MultiDict[str, str]


def read_content(form: Form, kind: QuestionType) -> QuestionContent:
    """Return the question in a form. Raises Invalid where what stands there is no question's part at all."""
    difficulty = form.get("difficulty", "")
    return QuestionContent(
        **_read_body(form, kind, ""),
        parts=tuple(_read_parts(form)) if kind is QuestionType.CASE else (),
        explanation=_text(form, "explanation"),
        source=_text(form, "source"),
        tags=read_tags(form.get("tags", "")),
        difficulty=Difficulty(difficulty) if difficulty in set(Difficulty) else Difficulty.MEDIUM,
        roles=tuple(role.value for role in JobRole if role.value in form.getlist("roles")),
        code=_text(form, "code"),
    )


def read_tags(text: str) -> tuple[str, ...]:
    """Return the tags in a line, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in _TAGS.split(text) if tag.strip()))


def _read_parts(form: Form) -> list[QuestionContent]:
    """Return a case's parts; one that was left empty is none."""
    found = []
    for number in range(MOST_PARTS):
        prefix = f"part-{number}-"
        kind = form.get(f"{prefix}type", "")
        if not _text(form, f"{prefix}stem") or kind not in set(QuestionType):
            continue
        body = _read_body(form, QuestionType(kind), prefix)
        found.append(QuestionContent(**body, explanation=_text(form, f"{prefix}explanation")))
    return found


def _read_body(form: Form, kind: QuestionType, prefix: str) -> dict[str, Any]:
    body: dict[str, Any] = {"type": kind, "stem": _text(form, f"{prefix}stem")}
    if kind in CHOICES:
        key = set(keys_in(form.getlist(f"{prefix}key")))
        body["options"] = _read_options(form, kind, prefix)
        body["key"] = tuple(sorted(key))
    elif kind is QuestionType.FILL_IN:
        lines = form.get(f"{prefix}blanks", "").splitlines()
        body["blanks"] = tuple(_read_blank(line) for line in lines if line.strip())
    return body


def _read_options(form: Form, kind: QuestionType, prefix: str) -> tuple[str, ...]:
    if kind is QuestionType.TRUE_FALSE:
        return TRUE_FALSE_OPTIONS
    texts = [_text(form, f"{prefix}option-{place}") for place in range(MOST_OPTIONS)]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _read_blank(line: str) -> Blank:
    """Return the blank in a line such as ``一小时 / 1小时`` or ``2 ± 0.5``."""
    text, sign, off = line.partition(TOLERANCE)
    accepted = tuple(variant.strip() for variant in text.split(VARIANTS.strip()) if variant.strip())
    if not sign:
        return Blank(accepted)
    try:
        tolerance = Decimal(off.strip())
    except InvalidOperation as error:
        raise Invalid(M("误差范围“%(text)s”不是数，应写作 2 ± 0.5。", text=off.strip()[:20])) from error
    return Blank(accepted, tolerance)


def blanks_text(content: QuestionContent) -> str:
    """Return the blanks as the form shows them, one a line."""
    return "\n".join(
        VARIANTS.join(blank.accepted) + ("" if blank.tolerance is None else f" {TOLERANCE} {blank.tolerance}")
        for blank in content.blanks
    )


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()
