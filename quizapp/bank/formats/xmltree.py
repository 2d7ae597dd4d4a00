"""XML from strangers as a tree: no DTD, no entities, capped in depth and number of elements. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.sax.saxutils import escape, quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

MOST_ELEMENTS = 2_000_000
DEEPEST = 100
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["'](gb2312|gbk|gb18030)["']""", re.IGNORECASE)
#: What XML 1.0 (section 2.2) cannot hold.
_UNHOLDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: A parser would read these as a line end or a space.
_WHITE = {"\r": "&#13;"}
_WHITE_IN_ATTRIBUTES = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


class _Capped(TreeBuilder):
    """Builds the tree until it gets too big."""

    def __init__(self) -> None:
        super().__init__()
        self.count = self.depth = 0

    def start(self, tag: str, attributes: dict[str, str], /) -> Element:
        self.count += 1
        self.depth += 1
        if self.count > MOST_ELEMENTS or self.depth > DEEPEST:
            raise UnreadableFile(M("XML 文件太大或嵌套太深，请拆分后再上传。"))
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def parse_xml(content: bytes) -> Element:
    """Return the root of a document. Raises UnreadableFile; nothing outside the document is ever read."""
    content = content.lstrip(b" \t\r\n")
    encoding = None
    try:
        if _DECLARED.match(content):  # expat knows no encoding of Chinese but Unicode
            content, encoding = content.decode("gb18030").encode(), "utf-8"
        parser = DefusedXMLParser(target=_Capped(), encoding=encoding, forbid_dtd=True)
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise UnreadableFile(M("XML 文件里有 DTD 或实体定义，出于安全不读取。请去掉后再上传。")) from error
    except (ParseError, ValueError, LookupError) as error:
        raise UnreadableFile(M("文件不是完整的 XML，可能已损坏。请重新导出后再上传。")) from error
    return root


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return an element's namespace, "" if it has none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Yield the children with one of these local names, in order."""
    return (child for child in element if local(child) in names)


def child(element: Element, name: str) -> Element | None:
    """Return the first child of this local name."""
    return next(children(element, name), None)


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Yield what stands inside under one of these local names, in order."""
    return (found for found in element.iter() if found is not element and local(found) in names)


def text_of(element: Element | None) -> str:
    """Return an element's own text without the space around it."""
    return (element.text or "").strip() if element is not None else ""


def held(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _UNHOLDABLE.sub("", text)


def escaped(text: str) -> str:
    """Return a text as it stands between tags."""
    return escape(held(text), _WHITE)


def quoted(text: str) -> str:
    """Return a text as the value of an attribute, with its quotes."""
    return quoteattr(held(text), _WHITE_IN_ATTRIBUTES)
