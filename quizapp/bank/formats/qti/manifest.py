"""The manifest of a package of QTI in: its items, and what IEEE LOM says of each. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from quizapp.bank.formats.headings import ROLE_WORDS
from quizapp.bank.formats.qti import names
from quizapp.bank.formats.xmltree import child, children, descendants, local, text_of
from quizapp.bank.questions import Difficulty
from quizapp.imports.tables import UnreadableFile
from quizapp.messages import M

MOST_ENTRIES = 200
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LEVELS = {
    "very easy": Difficulty.EASY, "easy": Difficulty.EASY, "medium": Difficulty.MEDIUM,
    "difficult": Difficulty.HARD, "very difficult": Difficulty.HARD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Resource:
    """An item of the package: its file and what is said of it."""

    name: str
    details: dict[str, Any]


def resources(manifest: Element) -> Iterator[Resource]:
    """Yield the items in order. Raises UnreadableFile for a package of another version."""
    if local(manifest) != "manifest":
        raise UnreadableFile(M("压缩包里的 imsmanifest.xml 不是内容包清单。"))
    holder = child(manifest, "resources")
    found = [] if holder is None else list(children(holder, "resource"))
    usable = [one for one in found if names.USABLE_RESOURCE.fullmatch(one.get("type", ""))]
    if not usable:
        others = [match for one in found if (match := names.ANY_RESOURCE.match(one.get("type", "")))]
        if others:
            version = f"{others[0][1]}.{others[0][2]}"
            raise UnreadableFile(M("这是 QTI %(version)s 的包，只能读取 2.1 和 2.2。", version=version))
        raise UnreadableFile(M("内容包里没有 QTI 题目。"))
    base = manifest.get(_XML_BASE, "") + ("" if holder is None else holder.get(_XML_BASE, ""))
    for one in usable:
        yield Resource(resolved(base + one.get(_XML_BASE, "") + one.get("href", "")), _details(one))


def resolved(address: str, beside: str = "") -> str:
    """Return the name that an address in a file `beside` it means; one outside is no file of any archive."""
    path = unquote(address.partition("#")[0].partition("?")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(beside), path)) if path else ""


def _details(resource: Element) -> dict[str, Any]:
    lom = next(descendants(resource, "lom"), None)
    if lom is None:
        return {}
    keywords = [text for keyword in _few(lom, "keyword") for text in _strings(keyword)]
    return {
        "code": next((text_of(child(one, "entry")) for one in _few(lom, "identifier") if _is_own(one)), ""),
        "tags": tuple(dict.fromkeys(filter(None, keywords))),
        "difficulty": _LEVELS.get(_value(next(descendants(lom, "difficulty"), None)), Difficulty.MEDIUM),
        "source": next(_sources(lom), ""),
        "roles": tuple(dict.fromkeys(_roles(lom))),
    }


def _few(lom: Element, name: str) -> list[Element]:
    found = []
    for element in descendants(lom, name):
        found.append(element)
        if len(found) >= MOST_ENTRIES:
            break
    return found


def _strings(element: Element) -> list[str]:
    """Return the texts of a `LangString`, as LOM 1.0 or as the older binding writes them."""
    found = [text_of(one) for one in descendants(element, "string", "langstring")]
    return found or [text_of(element)]


def _value(element: Element | None) -> str:
    if element is None:
        return ""
    holder = child(element, "value")
    return "" if holder is None else "".join(_strings(holder)[:1]).lower()


def _is_own(identifier: Element) -> bool:
    return text_of(child(identifier, "catalog")) == names.CATALOG


def _sources(lom: Element) -> Iterator[str]:
    for relation in _few(lom, "relation"):
        resource = child(relation, "resource")
        described = None if resource is None else child(resource, "description")
        if _value(child(relation, "kind")) == "isbasedon" and described is not None:
            yield "".join(_strings(described)[:1])


def _roles(lom: Element) -> Iterator[str]:
    for path in _few(lom, "taxonPath"):
        source = child(path, "source")
        if source is not None and names.ROLES_TAXONOMY in _strings(source):
            words = [text_of(child(taxon, "id")) for taxon in children(path, "taxon")]
            yield from (ROLE_WORDS[word] for word in words[:MOST_ENTRIES] if word in ROLE_WORDS)
