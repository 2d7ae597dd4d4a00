"""What may stand in an address."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter

LARGEST_KEY = 2**63 - 1


class KeyConverter(IntegerConverter):
    """A row's number. One that no database can hold names nothing: 404."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **{"max": LARGEST_KEY, **named})
