"""What may stand in an address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST_KEY = 2**63 - 1
#: So many digits fit a key of 64 bits.
KEY_DIGITS = 18


class KeyConverter(IntegerConverter):
    """A row's number. One that no database can hold names nothing: 404."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"max": LARGEST_KEY, **named})


def key_in(text: str) -> int | None:
    """Return a row's number as an address or a form gives it; None when no row can have it."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= KEY_DIGITS else None


def keys_in(texts: Iterable[str]) -> list[int]:
    """Return the numbers among what was ticked, in order; what no row can have is left out."""
    return [key for key in map(key_in, texts) if key is not None]
