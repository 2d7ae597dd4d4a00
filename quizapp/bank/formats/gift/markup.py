"""Texts in the formats that Moodle knows, as plain texts with references to pictures, and back."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from quizapp.bank.formats.checking import BadQuestion
from quizapp.files.pictures import BadPicture, Picture, make_anew
from quizapp.files.references import REFERENCE, refer
from quizapp.messages import M

_FORMAT = re.compile(r"\s*\[(html|plain|moodle|markdown)\]\s*")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,11})(?=[\s/>])")
_LINES = frozenset("br".split())
_BLOCKS = frozenset("p div li ul ol tr table h1 h2 h3 h4 h5 h6 blockquote pre tbody thead dl dt dd".split())
_INLINE = frozenset(
    "a abbr b big center cite code del em font i ins kbd mark q s samp small span strike strong sub sup "
    "td th tt u var wbr".split()
)
_MEDIA = frozenset("audio video iframe object embed svg math source canvas form input select".split())
_SILENT = frozenset("script style title head".split())
_ATTRIBUTE = r"""\s%s\s*=\s*(?:"([^"]*)"|'([^']*)')"""
_SRC, _ALT = (re.compile(_ATTRIBUTE % name, re.IGNORECASE) for name in ("src", "alt"))
_DATA = re.compile(r"data:image/[a-z+.-]{1,20};base64,")


def split_format(text: str, otherwise: str) -> tuple[str, str]:
    """Return the format that a text begins by naming, and the rest of it."""
    match = _FORMAT.match(text)
    return (match[1], text[match.end() :]) if match else (otherwise, text)


@dataclass
class Markup:
    """Reads texts of one file and keeps the pictures that they bring."""

    pictures: dict[str, Picture] = field(default_factory=dict)

    def plain(self, text: str, form: str) -> str:
        """Return what people read of a text. Raises BadQuestion for what cannot be kept."""
        if form in {"html", "moodle"}:
            text = self._without_tags(text, form)
        elif re.search(r"!\[[^\]\n]{0,200}\]\((?!image:)", text) and form == "markdown":
            raise BadQuestion(M("题目引用了文件之外的图片，请把图片放进文件里。"))
        for match in REFERENCE.finditer(text):
            if match[2] not in self.pictures:
                raise BadQuestion(M("题目引用了文件之外的图片，请把图片放进文件里。"))
        return text.strip()

    def _without_tags(self, text: str, form: str) -> str:
        found, place, after = [], 0, 0
        while (start := text.find("<", after)) >= 0:
            match = _TAG.match(text, start)
            if match is None:
                after = start + 1
                continue
            end = text.find(">", match.end())
            if end < 0:
                break
            shown = self._tag(match, text[match.end() : end])
            if shown is None:
                after = start + 1
                continue
            found += [_words(text[place:start], form), shown]
            place = after = end + 1
            if match[2].lower() in _SILENT and not match[1]:
                place = after = _end_of(match[2], text, place)
        return "".join([*found, _words(text[place:], form)])

    def _tag(self, match: re.Match[str], attributes: str) -> str | None:
        """Return what a tag shows; None when it is no tag but a text in angle brackets."""
        name, closes = match[2].lower(), bool(match[1])
        if name in _LINES or (name in _BLOCKS and closes):
            return "\n"
        if name in _BLOCKS or name in _INLINE or name in _SILENT:
            return "\t" if name in {"td", "th"} and closes else ""
        if name == "img":
            return self._picture(attributes)
        if name in _MEDIA:
            raise BadQuestion(M("题目里有音频、视频或其他嵌入的内容，不能导入。"))
        return None

    def _picture(self, attributes: str) -> str:
        source = _attribute(_SRC, attributes)
        match = _DATA.match(source)
        if match is None:
            raise BadQuestion(M("题目引用了文件之外的图片，请把图片放进文件里。"))
        try:
            picture = make_anew(base64.b64decode(source[match.end() :], validate=True))
        except BadPicture as error:
            raise BadQuestion(error.message) from error
        except (binascii.Error, ValueError) as error:
            raise BadQuestion(M("文件里有读不出的图片。")) from error
        self.pictures[picture.digest] = picture
        return refer(picture.digest, html.unescape(_attribute(_ALT, attributes)))


def _attribute(pattern: re.Pattern[str], attributes: str) -> str:
    match = pattern.search(attributes)
    return (match[1] or match[2] or "") if match else ""


def _end_of(name: str, text: str, place: int) -> int:
    found = re.compile(f"</{name}", re.IGNORECASE).search(text, place)
    return found.start() if found else len(text)


def _words(text: str, form: str) -> str:
    """A line's end is a space in HTML; Moodle's own format keeps it."""
    if form == "html" and "\n" in text:
        first, *others = text.split("\n")
        *middle, last = others
        text = " ".join([first.rstrip(), *(line.strip() for line in middle), last.lstrip()])
    return html.unescape(text)


def to_html(text: str, pictures: Mapping[str, Picture]) -> str:
    """Return a text as HTML with its pictures in it."""
    found, place = [], 0
    for match in REFERENCE.finditer(text):
        picture = pictures.get(match[2])
        if picture is None:
            continue
        data = base64.b64encode(picture.content).decode()
        found.append(_escaped(text[place : match.start()]))
        found.append(f'<img src="data:{picture.media_type};base64,{data}" alt="{html.escape(match[1])}">')
        place = match.end()
    return "".join([*found, _escaped(text[place:])])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")
