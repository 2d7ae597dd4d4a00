"""The one place that reads the time, so that tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: What people read and type is the district's time.
DISTRICT_TIME = ZoneInfo("Asia/Shanghai")


def _system_now() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_now


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _source()


def set_source(source: Callable[[], datetime] | None) -> None:
    """Take the time from `source`, or from the system again with None."""
    global _source  # noqa: PLW0603 - the clock is one injected function for the process
    _source = source or _system_now
