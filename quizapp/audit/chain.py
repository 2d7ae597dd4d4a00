"""The hash chain: what an entry's seal is computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

#: What the first entry's `previous_hash` says.
GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """The facts of one entry, without its seal."""

    sequence: int
    at: datetime
    actor_id: int | None
    action: str
    subject: str
    detail: Mapping[str, Any]
    address: str


def seal(entry: Entry, previous_hash: str) -> str:
    """Return the SHA-256 (hex) over the previous seal and the entry's canonical JSON."""
    facts = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "address": entry.address,
    }
    text = previous_hash + json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
