"""The languages of the pages."""

from __future__ import annotations

from types import MappingProxyType

import flask_babel
from flask import session
from markupsafe import Markup

#: Babel's name of each language, and what it calls itself.
LANGUAGES = MappingProxyType({"zh": "简体中文", "en": "English"})
#: What HTML's lang attribute says.
HTML_LANGUAGES = MappingProxyType({"zh": "zh-CN", "en": "en"})
DEFAULT = "zh"


def gettext(text: str) -> str:
    """Return a text in the language of this request; in Chinese it stands for itself."""
    return text if selected() == DEFAULT else str(flask_babel.gettext(text))


def say(text: str, /, **values: object) -> Markup:
    """Return a text of the catalogues for a page, with values filled in and escaped.

    Templates know it as ``_``. Jinja's own takes the context with it, which costs more than the rest.
    """
    said = Markup(gettext(text))  # noqa: S704 - the catalogues are ours
    return said % values if values else said


def selected() -> str:
    """Return the language of this request: the one chosen, else Chinese."""
    chosen = session.get("language", DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT
