"""Who acts: an account at a network address, or the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`account_id` is None when nobody is signed in."""

    account_id: int | None
    address: str


COMMAND_LINE = Actor(None, "command line")
