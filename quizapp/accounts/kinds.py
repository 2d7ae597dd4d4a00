"""The kinds of staff work that an account can be granted."""

from __future__ import annotations

from enum import StrEnum


class GrantKind(StrEnum):
    """What a grant lets its account do, within the grant's scope."""

    DISTRICT_ADMINISTRATOR = "district_administrator"
    AUDITOR = "auditor"
