"""Are the catalogues complete? Prints each fault with its place; the exit status is 1 when there is one.

Message ids are the Simplified Chinese texts themselves, so Chinese needs no catalogue of its own. Every
text that a page shows stands in a translation call: scripts read theirs from the page's data attributes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.jslexer import tokenize
from babel.messages.pofile import read_po
from jinja2 import nodes

from quizapp.web.language import DEFAULT, LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = {**DEFAULT_KEYWORDS, "M": None, "_l": None, "lazy_gettext": None}
#: What a translation must keep. A lone % counts: where values are filled in, it would end the page.
PLACEHOLDER = re.compile(r"%\(\w+\)\w|%.?|\{\w*\}")
#: Ideographs, and the signs of Chinese type such as “、：（”, which are out of place in English too.
CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


def extracted(root: Path) -> Catalog:
    """Return every message that code and templates use."""
    with Path(__file__).with_name("babel.cfg").open(encoding="utf-8") as stream:
        methods, options = parse_mapping_cfg(stream)  # type: ignore[no-untyped-call]  # Babel types it not
    used = Catalog()
    for file, line, message, _, context in extract_from_dir(
        root, methods, options, KEYWORDS,
        # Babel by itself would leave out templates/_shared.
        directory_filter=lambda folder: not Path(folder).name.startswith("."),
    ):  # fmt: skip
        used.add(message, locations=[(file, line)], context=context)
    return used


def faults_of_catalogue(used: Catalog, catalogue: Catalog, name: str) -> Iterator[str]:
    """Yield what is missing, left over, fuzzy, empty or holds other places to fill in."""
    for message in used:
        if message.id and catalogue.get(message.id, message.context) is None:
            file, line = message.locations[0]
            yield f"{name}: missing: {_id(message)} ({file}:{line})"
    for message in catalogue:
        if message.id:
            is_used = used.get(message.id, message.context) is not None
            yield from (f"{name}: {fault}: {_id(message)}" for fault in _faults(message, is_used=is_used))
    for message in catalogue.obsolete.values():
        yield f"{name}: used nowhere: {_id(message)}"


def _faults(message: Message, *, is_used: bool) -> Iterator[str]:
    if not is_used:
        yield "used nowhere"
        return
    if message.fuzzy:
        yield "fuzzy"
    strings = _each(message.string or "")
    places = [_places(text) for text in _each(message.id)]
    if not all(text.strip() for text in strings):
        yield "not translated"
    elif any(_places(text) not in places for text in strings):
        yield "other places to fill in"


def _each(texts: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a text: one, or one for each number."""
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _id(message: Message) -> str:
    return " / ".join(_each(message.id))


def _places(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def texts_of_template(source: str) -> Iterator[tuple[int, str]]:
    """Yield what a template holds outside the translation calls, with the line where it begins."""
    yield from _texts(jinja2.Environment(extensions=["jinja2.ext.i18n"]).parse(source))  # noqa: S701 - parses only


def _texts(node: nodes.Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, nodes.TemplateData):
        yield node.lineno, node.data
    elif isinstance(node, nodes.Const):
        yield node.lineno, str(node.value)
    is_translated = isinstance(node, nodes.Call) and getattr(node.node, "name", "") in KEYWORDS
    for child in node.iter_child_nodes():
        # What is filled into a message is not translated with it.
        if not (is_translated and isinstance(child, nodes.Const)):
            yield from _texts(child)


def texts_of_script(source: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a script without its comments, with the line where each begins."""
    for token in tokenize(source, jsx=False):
        if not token.type.endswith("comment"):
            yield token.lineno, token.value


def faults_of_texts(root: Path) -> Iterator[str]:
    """Yield the lines of templates and scripts that hold Chinese outside a translation call."""
    for pattern, texts_of in {
        "templates/**/*.html": texts_of_template,
        "static/js/**/*.js": texts_of_script,
    }.items():
        for file in sorted(root.glob(pattern)):
            lines = {
                first + text.count("\n", 0, found.start())
                for first, text in texts_of(file.read_text(encoding="utf-8"))
                for found in CHINESE.finditer(text)
            }
            yield from (
                f"{file.relative_to(root)}:{line}: Chinese outside the catalogues" for line in sorted(lines)
            )


def faults(root: Path) -> list[str]:
    """Return every fault of the catalogues and texts below a folder."""
    used = extracted(root)
    found = list(faults_of_texts(root))
    for language in sorted(set(LANGUAGES) - {DEFAULT}):
        file = root / "translations" / language / "LC_MESSAGES" / "messages.po"
        name = str(file.relative_to(root))
        if not file.exists():
            found.append(f"{name}: there is no such catalogue")
            continue
        with file.open("rb") as stream:
            found += faults_of_catalogue(used, read_po(stream, abort_invalid=True), name)
    return found


def main() -> int:
    """Print the faults."""
    found = faults(ROOT)
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
