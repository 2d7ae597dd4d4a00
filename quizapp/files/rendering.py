"""Texts with pictures on a page."""

from __future__ import annotations

from flask import url_for
from markupsafe import Markup, escape

from quizapp.files.references import replace_references


def with_pictures(text: str) -> Markup:
    """Return a text for a page: everything escaped, line ends kept, references as pictures."""
    escaped = str(escape(text)).replace("\n", "<br>")
    return Markup(replace_references(escaped, _image))  # noqa: S704 - escaped above, the rest is ours


def _image(digest: str, shows: str) -> str:
    address = url_for("files.show", digest=digest)
    return f'<img class="picture" src="{address}" alt="{shows}" loading="lazy">'
