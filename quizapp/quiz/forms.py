"""What a quiz page sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from werkzeug.datastructures import MultiDict

from quizapp.quiz.answers import Answer, NotOnThePaper

MOST_CHOSEN = 16
Value = TypeVar("Value", int, str)


def read_answer(document: Any) -> Answer:
    """Return the answer in ``{"place": 0, "sequence": 3, "choice": [1]}``; raise NotOnThePaper.

    What fills blanks comes as ``"texts": ["…"]`` in place of a choice.
    """
    fields = document if isinstance(document, dict) else {}
    place, sequence = fields.get("place"), fields.get("sequence")
    if type(place) is not int or type(sequence) is not int:
        raise NotOnThePaper
    if "texts" in fields:
        return Answer(place, sequence, texts=tuple(_list_of(str, fields["texts"])))
    return Answer(place, sequence, tuple(_list_of(int, fields.get("choice"))))


def _list_of(kind: type[Value], found: Any) -> list[Value]:
    if not isinstance(found, list) or len(found) > MOST_CHOSEN or any(type(one) is not kind for one in found):
        raise NotOnThePaper
    return found


def read_sheet(form: MultiDict[str, str]) -> Iterator[Answer]:
    """Yield the answers of a page that works without scripts: fields ``answer-0`` with ``sequence-0``.

    Blanks are fields ``text-0``, one for each. The sequence is the one after what the page was shown
    with, so that an old page never overwrites what another one saved since. Raises NotOnThePaper.
    """
    for name in form:
        if match := re.fullmatch(r"answer-(\d{1,4})", name):
            place = int(match[1])
            yield Answer(place, _whole(form.get(f"sequence-{place}")), tuple(map(_whole, form.getlist(name))))
        elif match := re.fullmatch(r"text-(\d{1,4})", name):
            place = int(match[1])
            texts = tuple(form.getlist(name))
            yield Answer(place, _whole(form.get(f"sequence-{place}")), texts=texts)


def _whole(text: str | None) -> int:
    if text is None or not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise NotOnThePaper
    return int(text)
