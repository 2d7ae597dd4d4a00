"""Are the catalogues complete? Prints each fault with its place; the exit status is 1 when there is one.

Message ids are the Simplified Chinese texts themselves, so Chinese needs no catalogue of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[1]
METHODS = [("quizapp/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "M": None, "_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
#: What a translation call, a comment or an expression holds is not text on the page itself.
NOT_TEXT = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
JS_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)


def extracted(root: Path) -> set[str]:
    """Return every message id that code and templates use."""
    found = extract_from_dir(
        root, METHODS, {"templates/**.html": {"trimmed": "true"}}, KEYWORDS,
        directory_filter=lambda folder: Path(folder).name not in {".venv", "var", ".git", "tests"},
    )  # fmt: skip
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def faults_of_catalogue(used: set[str], catalogue: Catalog, name: str) -> Iterator[str]:
    """Yield what is missing, left over, fuzzy, empty or holds other places to fill in."""
    there = {str(message.id): message for message in catalogue if message.id}
    for text in sorted(used - set(there)):
        yield f"{name}: missing: {text}"
    for text in sorted(set(there) - used):
        yield f"{name}: used nowhere: {text}"
    for text in sorted(used & set(there)):
        message = there[text]
        if message.fuzzy:
            yield f"{name}: fuzzy: {text}"
        if not message.string:
            yield f"{name}: not translated: {text}"
        elif sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(str(message.string))):
            yield f"{name}: other places to fill in: {text}"


def faults_of_texts(root: Path) -> Iterator[str]:
    """Yield the lines of templates and scripts that hold Chinese outside a translation call."""
    for pattern, left_out in (("templates/**/*.html", NOT_TEXT), ("static/js/*.js", JS_COMMENT)):
        for file in sorted(root.glob(pattern)):
            blanked = left_out.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), file.read_text())
            for number, line in enumerate(blanked.splitlines(), start=1):
                if IDEOGRAPH.search(line):
                    yield f"{file.relative_to(root)}:{number}: Chinese outside the catalogues"


def faults(root: Path) -> list[str]:
    """Return every fault of the catalogues and texts below a folder."""
    used = extracted(root)
    found = list(faults_of_texts(root))
    for file in sorted(root.glob("translations/*/LC_MESSAGES/messages.po")):
        with file.open("rb") as stream:
            found += faults_of_catalogue(used, read_po(stream), str(file.relative_to(root)))
    return found


def main() -> int:
    """Print the faults."""
    found = faults(ROOT)
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
