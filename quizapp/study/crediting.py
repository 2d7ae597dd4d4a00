"""How much study time a heartbeat earns, and when a module is done."""

from __future__ import annotations

from datetime import datetime, timedelta

#: A page sends a heartbeat every 15 seconds; a gap is credited up to this and no further.
LONGEST_GAP = timedelta(seconds=30)


def credit(claimed: timedelta, last_beat_at: datetime | None, now: datetime) -> timedelta:
    """Return what a heartbeat earns.

    That is what the page says it was visible for, but never more than has passed on the server
    since the account's last heartbeat in any module, nor than LONGEST_GAP.
    `last_beat_at` is None before the first heartbeat, which earns nothing.
    """
    if last_beat_at is None:
        return timedelta(0)
    passed = max(now - last_beat_at, timedelta(0))
    return max(min(claimed, passed, LONGEST_GAP), timedelta(0))


def is_done(credited_ms: int, min_seconds: int, *, end_reached: bool) -> bool:
    """Say whether a module is done: its minimum time is credited and its end was reached."""
    return end_reached and credited_ms >= min_seconds * 1000
