"""How long an application waits, and how many may wait."""

from __future__ import annotations

from datetime import timedelta

VALID_FOR = timedelta(days=14)
#: More than any enterprise has people; a link that was spread further does not fill the table.
MOST_WAITING = 3000
