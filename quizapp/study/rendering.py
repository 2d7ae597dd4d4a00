"""Markdown to HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import nh3
from flask import url_for
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import escape

#: What an article may contain; everything else is taken out, with its attributes.
TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "img", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "class", "loading"}}
KEPT = 256
_PICTURE = re.compile(r"image:([0-9a-f]{64})")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def _image(
    renderer: RendererHTML, tokens: Sequence[Token], place: int, options: OptionsDict, env: EnvType
) -> str:
    """Return a picture of the store, or, of one from anywhere else, what it shows."""
    token = tokens[place]
    shows = escape(renderer.renderInlineAsText(token.children or [], options, env))
    found = _PICTURE.fullmatch(str(token.attrGet("src")))
    if not found:
        return str(shows)
    address = url_for("files.show", digest=found[1])
    return f'<img class="picture" src="{address}" alt="{shows}" loading="lazy">'


_markdown.add_render_rule("image", _image)


@lru_cache(maxsize=KEPT)
def render(markdown: str) -> str:
    """Return the article as HTML without scripts, styles, frames or pictures from elsewhere."""
    attributes: Any = ATTRIBUTES
    return nh3.clean(
        _markdown.render(markdown),
        tags=TAGS,
        attributes=attributes,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
