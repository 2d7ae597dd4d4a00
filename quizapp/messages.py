"""Texts for people that are made where no language is known yet.

A pure module says what happened with ``M("第 %(row)s 行……", row=3)``; the edge (page, command)
translates the text and fills it in. ``M`` is a keyword of the catalogues' extraction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Message(NamedTuple):
    """A catalogue text and what goes into it."""

    text: str
    values: dict[str, str | int]

    def render(self, translate: Callable[[str], str] = str) -> str:
        """Return the filled-in sentence in the language of `translate` (Chinese without)."""
        sentence = translate(self.text)
        return sentence % self.values if self.values else sentence

    def __str__(self) -> str:
        return self.render()


def M(text: str, /, **values: str | int) -> Message:  # noqa: N802 - as short as gettext's _()
    """Return a message for the catalogues."""
    return Message(text, values)
