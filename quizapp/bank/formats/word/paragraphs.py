"""The texts of paragraphs, with pictures where they stand, and what in them cannot be kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

from quizapp.bank.formats.word.numbering import Numbering
from quizapp.bank.questions import BLANK
from quizapp.files.pictures import BadPicture, Picture, make_anew
from quizapp.files.references import REFERENCE, refer
from quizapp.messages import M, Message

_EMBED, _LINK, _ID = qn("r:embed"), qn("r:link"), qn("r:id")
#: What is no text of its own: properties, what was deleted, a second copy, codes of fields.
_SKIPPED = frozenset("pPr rPr del moveFrom Fallback instrText delText sectPr tblPr tcPr fldData".split())
_SIGNS = {"t": None, "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
#: Ticks and crosses of the fonts Wingdings and Wingdings 2.
_TICKS, _CROSSES = "F0FC F0FE F050 F052", "F0FB F0FD F04F F051"
_SYMBOLS = {**dict.fromkeys(_TICKS.split(), "√"), **dict.fromkeys(_CROSSES.split(), "×")}
_FORMULAS = frozenset("oMath oMathPara".split())


@dataclass
class Paragraphs:
    """Reads the paragraphs of one document, in order."""

    parts: Any
    numbering: Numbering
    pictures: dict[str, Picture] = field(default_factory=dict)
    made: dict[str, Picture | Message] = field(default_factory=dict)
    faults: list[Message] = field(default_factory=list)

    def read(self, paragraph: Any) -> tuple[str, Message | None]:
        """Return a paragraph's text, and what in it cannot be kept."""
        self.faults = []
        label = self.numbering.label(paragraph)
        text = "".join(self._pieces(paragraph)).strip()
        # A text that looks like a reference would show a picture that this file did not bring.
        known = all(match[2] in self.pictures for match in REFERENCE.finditer(text))
        if not known:
            self.faults.append(M("题目引用了文件之外的图片，请把图片放进文件里。"))
        # A run of underlined space may be cut in several.
        text = re.sub(rf"(?:{BLANK}){{2,}}", BLANK, text)
        return (f"{label} {text}" if label and text else text), next(iter(self.faults), None)

    def _pieces(self, element: Any) -> Iterator[str]:
        for child in element:
            name = _name(child)
            if name in _SKIPPED:
                continue
            if name in _SIGNS:
                sign = _SIGNS[name]
                yield sign if sign is not None else (child.text or "")
            elif name == "r" and _is_underlined_space(child):
                yield BLANK
            elif name == "sym":
                yield self._symbol(child)
            elif name in {"drawing", "pict", "object"}:
                yield from self._drawing(child)
            elif name in _FORMULAS:
                self.faults.append(M("题目里有公式，请改为文字或图片。"))
            else:
                yield from self._pieces(child)

    def _symbol(self, element: Any) -> str:
        found = _SYMBOLS.get(element.get(qn("w:char"), "").upper())
        if found is None:
            self.faults.append(M("题目里有符号字体的字符，请改为普通文字。"))
        return found or ""

    def _drawing(self, element: Any) -> Iterator[str]:
        shows = ""
        for child in element.iter():
            name = _name(child)
            if name == "docPr":
                shows = child.get("descr", "")
            elif name == "txbxContent" and any((one.text or "").strip() for one in child.iter(qn("w:t"))):
                self.faults.append(M("题目里有文本框，请改为普通文字。"))
                return
            elif name in {"blip", "imagedata"}:
                yield self._picture(child.get(_EMBED) or child.get(_ID), shows)

    def _picture(self, relation: str | None, shows: str) -> str:
        found = self.made.get(relation or "")
        if found is None:
            found = self.made[relation or ""] = self._made(relation)
        if isinstance(found, Message):
            self.faults.append(found)
            return ""
        self.pictures[found.digest] = found
        return refer(found.digest, shows)

    def _made(self, relation: str | None) -> Picture | Message:
        found = self.parts.rels.get(relation) if relation else None
        if found is None or found.is_external:
            return M("题目引用了文件之外的图片，请把图片放进文件里。")
        try:
            return make_anew(found.target_part.blob)
        except BadPicture as error:
            return error.message


def _name(element: Any) -> str:
    """Return an element's name without its namespace, "" for comments and instructions."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def _is_underlined_space(run: Any) -> bool:
    """Say whether a run is a line to write on."""
    line = run.find(f"{qn('w:rPr')}/{qn('w:u')}")
    if line is None or line.get(qn("w:val")) == "none":
        return False
    if any(_name(child) not in {"rPr", "t", "tab"} for child in run):
        return False
    text = "".join(
        child.text or "" if _name(child) == "t" else "    " for child in run if _name(child) != "rPr"
    )
    return len(text) > 1 and not text.strip()
