"""Texts for people that are made where no language is known yet.

A pure module says what happened with ``M("第 %(row)s 行……", row=3)``; the edge (page, command)
translates the text and fills it in. ``M`` is a keyword of the catalogues' extraction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Message(NamedTuple):
    """A catalogue text and what goes into it."""

    text: str
    values: dict[str, Any]

    def render(self, translate: Callable[[str], str] = str) -> str:
        """Return the filled-in sentence in the language of `translate` (Chinese without)."""
        sentence = translate(self.text)
        if not self.values:
            return sentence
        return sentence % {name: _filled_in(value, translate) for name, value in self.values.items()}

    def __str__(self) -> str:
        return self.render()


def _filled_in(value: str | int | list[Any], translate: Callable[[str], str]) -> str | int:
    """Return what stands in the sentence: a word as it is, messages (or JSON of them) one by one."""
    if isinstance(value, str | int):
        return value
    return translate("、").join(Message(text, dict(values)).render(translate) for text, values in value)


def M(text: str, /, **values: str | int | list[Message]) -> Message:  # noqa: N802 - as short as gettext's _()
    """Return a message for the catalogues."""
    return Message(text, values)
