"""Markdown to HTML that is safe to show."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

#: What an article may contain; everything else is taken out, with its attributes.
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}}
KEPT = 256

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=KEPT)
def render(markdown: str) -> str:
    """Return the article as HTML without scripts, styles, frames or pictures."""
    return nh3.clean(
        _markdown.render(markdown),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
