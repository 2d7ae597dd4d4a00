"""What a quiz page sends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from werkzeug.datastructures import MultiDict

from quizapp.quiz.answers import Answer, NotOnThePaper

MOST_CHOSEN = 16


def read_answer(document: Any) -> Answer:
    """Return the answer in ``{"place": 0, "sequence": 3, "choice": [1]}``; raise NotOnThePaper."""
    fields = document if isinstance(document, dict) else {}
    place, sequence, choice = fields.get("place"), fields.get("sequence"), fields.get("choice")
    if type(place) is not int or type(sequence) is not int or not isinstance(choice, list):
        raise NotOnThePaper
    if len(choice) > MOST_CHOSEN or any(type(shown) is not int for shown in choice):
        raise NotOnThePaper
    return Answer(place, sequence, tuple(choice))


def read_sheet(form: MultiDict[str, str]) -> Iterator[Answer]:
    """Yield the answers of a page that works without scripts: fields ``answer-0`` with ``sequence-0``.

    The sequence is the one after what the page was shown with, so that an old page never
    overwrites what another one saved since. Raises NotOnThePaper.
    """
    for name in form:
        if match := re.fullmatch(r"answer-(\d{1,4})", name):
            place = int(match[1])
            yield Answer(place, _whole(form.get(f"sequence-{place}")), tuple(map(_whole, form.getlist(name))))


def _whole(text: str | None) -> int:
    if text is None or not re.fullmatch(r"\d{1,15}", text, re.ASCII):
        raise NotOnThePaper
    return int(text)
