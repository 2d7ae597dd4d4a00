"""How questions and study content refer to a picture: ``![what it shows](image:DIGEST)``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

REFERENCE = re.compile(r"!\[([^\]\n]{0,200})\]\(image:([0-9a-f]{64})\)")


def refer(digest: str, shows: str = "") -> str:
    """Return a reference to a picture; `shows` is read out where it cannot be seen."""
    plain = re.sub(r"[\]\[\n]", " ", shows)[:200]
    return f"![{plain}](image:{digest})"


def digests_in(texts: Iterable[str]) -> set[str]:
    """Return the pictures that texts refer to."""
    return {match[2] for text in texts for match in REFERENCE.finditer(text)}


def replace_references(text: str, replacement: Callable[[str, str], str]) -> str:
    """Return a text with each reference replaced by what is made of its digest and of what it shows."""
    return REFERENCE.sub(lambda match: replacement(match[2], match[1]), text)


def without_pictures(text: str) -> str:
    """Return a text with what its pictures show in their place."""
    return replace_references(text, lambda _digest, shows: f"[{shows or '图'}]")
