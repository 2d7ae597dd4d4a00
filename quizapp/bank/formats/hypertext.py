"""HTML as people's editors leave it, read as plain text in one pass: its time grows with its length. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from quizapp.bank.formats.flow import Flow, Picture

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_NAME = re.compile(r"[a-zA-Z][^\s/>]*")
_ATTRIBUTE_NAME = re.compile(r"[\s/]*([^\s/>=]*)")
_EQUALS = re.compile(r"\s*=\s*")
_BARE_VALUE = re.compile(r"[^\s>]*")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_RAW = ("script", "style", "textarea", "title")
_RAW_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in _RAW}
NO_BREAK = "\xa0"


def plain_text(markup: str, picture: Picture, *, lines_count: bool = False) -> str:
    """Return what a piece of HTML says; with `lines_count` a line end in it is one. Raises BadQuestion."""
    flow = Flow(picture)
    _Reader(markup, flow, lines_count=lines_count).read()
    return flow.text()


def decoded(text: str) -> str:
    """Return a text with its character references decoded; a space that does not break is a space."""
    return "".join(sign for _, sign in _signs(text))


def _signs(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the pieces of a text, each with whether it was a reference."""
    place = 0
    for match in _REFERENCE.finditer(text):
        yield False, text[place : match.start()]
        sign = html.unescape(match[0])
        yield True, " " if sign == NO_BREAK else sign
        place = match.end()
    yield False, text[place:]


class _Reader:
    """Goes through HTML once and tells a flow what it meets."""

    def __init__(self, markup: str, flow: Flow, *, lines_count: bool) -> None:
        self.markup = markup
        self.flow = flow
        self.lines_count = lines_count
        self.place = 0

    def read(self) -> None:
        while self.place < len(self.markup):
            opening = self.markup.find("<", self.place)
            self._data(self.markup[self.place : opening if opening >= 0 else None])
            if opening < 0:
                return
            self.place = opening + 1
            self._tag()

    def _data(self, text: str) -> None:
        for is_reference, piece in _signs(text):
            if is_reference:
                self.flow.literal(piece)
            elif self.lines_count:
                self._lines(piece)
            else:
                self.flow.data(piece)

    def _lines(self, piece: str) -> None:
        for number, line in enumerate(piece.split("\n")):
            if number:
                self.flow.start("br", {})
                self.flow.end("br")
            self.flow.data(line)

    def _tag(self) -> None:
        markup = self.markup
        if markup.startswith("!--", self.place):
            self._skip_past("-->", self.place + 3)
        elif markup.startswith(("!", "?"), self.place):
            self._skip_past(">", self.place)
        elif markup.startswith("/", self.place) and _NAME.match(markup, self.place + 1):
            self._end_tag()
        elif _NAME.match(markup, self.place):
            self._start_tag()
        else:
            self.flow.literal("<")

    def _skip_past(self, ending: str, start: int) -> None:
        """What is never closed reaches to the end, as in a browser."""
        found = self.markup.find(ending, start)
        self.place = found + len(ending) if found >= 0 else len(self.markup)

    def _end_tag(self) -> None:
        name = _NAME.match(self.markup, self.place + 1)
        self._skip_past(">", self.place)
        if name:
            self.flow.end(name[0].lower())

    def _start_tag(self) -> None:
        found = _NAME.match(self.markup, self.place)
        name = found[0].lower() if found else ""
        self.place += len(name)
        attributes = self._attributes()
        self.flow.start(name, attributes)
        if name in _RAW_END:
            closing = _RAW_END[name].search(self.markup, self.place)
            self.place = closing.end() if closing else len(self.markup)
        if name in _VOID or name in _RAW_END:
            self.flow.end(name)

    def _attributes(self) -> dict[str, str]:
        """Read up to the end of the tag."""
        found: dict[str, str] = {}
        while self.place < len(self.markup):
            name = _ATTRIBUTE_NAME.match(self.markup, self.place)
            assert name  # noqa: S101 - the pattern takes nothing too
            self.place = name.end()
            if self.markup.startswith(">", self.place):
                self.place += 1
                found.setdefault(name[1].lower(), "")
                break
            equals = _EQUALS.match(self.markup, self.place)
            value = ""
            if equals:
                self.place = equals.end()
                value = self._value()
            found.setdefault(name[1].lower(), decoded(value))
        return found

    def _value(self) -> str:
        quote = self.markup[self.place : self.place + 1]
        if quote in {'"', "'"}:
            start = self.place + 1
            self._skip_past(quote, start)
            return self.markup[start : self.place - 1]
        bare = _BARE_VALUE.match(self.markup, self.place)
        assert bare  # noqa: S101 - the pattern takes nothing too
        self.place = bare.end()
        return bare[0]
