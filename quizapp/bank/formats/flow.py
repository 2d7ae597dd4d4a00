"""Marked-up text (HTML, XHTML) as the plain text of a question, line ends and pictures kept. Pure.

Nothing of the markup survives but what it says: lines, the cells of a row, numbers raised or lowered. What a
plain text cannot show (sound, formulas as markup, drawings) is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from quizapp.bank.formats.checking import BadQuestion
from quizapp.bank.formats.xmltree import escaped, quoted
from quizapp.messages import M

#: Takes what a picture is called in the file and what it shows; returns the reference that takes its place.
Picture = Callable[[str, str], str]

BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre prompt section table tbody tfoot thead tr ul".split()
)
_CELLS = frozenset({"td", "th"})
#: Their content is no text.
_SILENT = frozenset("head noscript script select style template textarea title".split())
_NOT_TEXT = MappingProxyType(
    {
        **dict.fromkeys(["audio", "video", "embed", "object", "iframe"], M("音频、视频或嵌入的文件")),
        **dict.fromkeys(["svg", "canvas"], M("矢量图")),
        "math": M("公式标记（MathML）"),
    }
)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_RAISED = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_SHIFTS = MappingProxyType({"sup": ("^", _RAISED), "sub": ("_", _LOWERED)})
#: A character that a reader of markup would fold away stands in a span of this class with its number in hex.
_EXACT = "quizapp-u"
_EXACT_CLASS = re.compile(rf"{_EXACT}(20|9|d)")
_SPECIAL = re.compile(
    r"!\[(?P<shows>[^\]\n]{0,200})\]\(image:(?P<digest>[0-9a-f]{64})\)|^ +| +$|(?<=[ \n]) +| +(?=\n)|[\t\r]"
)


class Flow:
    """Takes markup event by event and gives the plain text."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.pieces: list[str] = []
        #: A collapsible space waits until something follows on the same line.
        self.space = False
        self.starts_line = True
        self.open: list[str] = []
        self.silent = 0
        self.shifted: list[tuple[str, list[str]]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag. Raises BadQuestion for what a plain text cannot show."""
        if name == "object" and attributes.get("type", "").startswith("image/"):
            self._image({"src": attributes.get("data", "")})
        elif name in _NOT_TEXT:
            raise BadQuestion(M("题目里有%(what)s，本系统不能显示。", what=[_NOT_TEXT[name]]))
        self._begin(name, attributes)
        exact = _EXACT_CLASS.fullmatch(attributes.get("class", "")) if name == "span" else None
        if exact:
            self.literal(chr(int(exact[1], 16)))
            self.silent += 1
        self.open.append(_EXACT if exact else name)

    def _begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _SILENT:
            self.silent += 1
        elif name == "br":
            self._newline()
        elif name in BLOCKS:
            self._block()
        elif name == "img":
            self._image(attributes)
        elif name in _SHIFTS:
            self.shifted.append((name, self.pieces))
            self.pieces = []

    def end(self, name: str) -> None:
        """Take an end tag; one that closes nothing is passed over."""
        wanted = (name, _EXACT) if name == "span" else (name,)
        if not any(one in self.open[-32:] for one in wanted):
            return
        while self._close(self.open.pop()) not in wanted:
            pass

    def _close(self, name: str) -> str:
        if name in _SILENT or name == _EXACT:
            self.silent -= 1
        elif name in BLOCKS:
            self._block()
        elif name in _CELLS:
            self.space = not self.starts_line
        elif name in _SHIFTS and self.shifted:
            self._shift(*self.shifted.pop())
        return name

    def _shift(self, name: str, before: list[str]) -> None:
        sign, table = _SHIFTS[name]
        inside = "".join(self.pieces)
        raised = inside.translate(table)
        plain = all(ord(letter) in table for letter in inside.strip())
        before.append(raised if plain else f"{sign}({inside})")
        self.pieces = before

    def data(self, text: str) -> None:
        """Take text in which white space only separates words."""
        if self.silent:
            return
        for place, word in enumerate(_SPACES.split(text)):
            if place:
                self.space = not self.starts_line
            if word:
                self.literal(word)

    def literal(self, text: str) -> None:
        """Take text as it is."""
        if self.silent or not text:
            return
        if self.space:
            self.pieces.append(" ")
        self.pieces.append(text)
        self.space = self.starts_line = False

    def _image(self, attributes: Mapping[str, str]) -> None:
        if not self.silent:
            shows = " ".join(attributes.get("alt", "").split("\n"))
            self.literal(self.picture(attributes.get("src", ""), shows))

    def _newline(self) -> None:
        if not self.silent:
            self.pieces.append("\n")
            self.space, self.starts_line = False, True

    def _block(self) -> None:
        if not self.starts_line:
            self._newline()

    def text(self) -> str:
        """Return what came of it, everything closed."""
        while self.open:
            self._close(self.open.pop())
        return "".join(self.pieces).strip(" \t\r\n")


def as_markup(text: str, source_of: Callable[[str], str | None]) -> str:
    """Return a text as XHTML that `Flow` gives back unchanged; `source_of` names the picture of a digest.

    A reference to a picture that has no name stays text.
    """
    pieces, place = [], 0
    for match in _SPECIAL.finditer(text):
        source = source_of(match["digest"]) if match["digest"] else None
        if match["digest"] and source is None:
            continue
        pieces.append(_lines(text[place : match.start()]))
        if source is None:
            pieces += map(_exactly, match[0])
        else:
            pieces.append(f"<img src={quoted(source)} alt={quoted(match['shows'])}/>")
        place = match.end()
    return "".join([*pieces, _lines(text[place:])])


def _lines(text: str) -> str:
    return escaped(text).replace("\n", "<br/>")


def _exactly(sign: str) -> str:
    return f'<span class="{_EXACT}{ord(sign):x}">\xa0</span>'
