"""The languages of the pages."""

from __future__ import annotations

from types import MappingProxyType

from flask import session

#: Babel's name of each language, and what it calls itself.
LANGUAGES = MappingProxyType({"zh": "简体中文", "en": "English"})
#: What HTML's lang attribute says.
HTML_LANGUAGES = MappingProxyType({"zh": "zh-CN", "en": "en"})
DEFAULT = "zh"


def selected() -> str:
    """Return the language of this request: the one chosen, else Chinese."""
    chosen = session.get("language", DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT
