"""What a module page sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from quizapp.errors import Invalid
from quizapp.messages import M


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat: how long the page was visible since the last one, and whether its end was reached."""

    claimed: timedelta
    at_end: bool


def read_beat(document: Any) -> Beat:
    """Return the heartbeat in a JSON document ``{"visible_ms": 15000, "at_end": false}``; raise Invalid."""
    fields = document if isinstance(document, dict) else {}
    visible_ms, at_end = fields.get("visible_ms"), fields.get("at_end")
    if type(visible_ms) is not int or type(at_end) is not bool or visible_ms < 0:
        raise Invalid(M("学习计时的数据有误。"))
    # A larger claim earns no more than the longest gap anyway, and would overflow a timedelta.
    return Beat(timedelta(milliseconds=min(visible_ms, 86_400_000)), at_end)
