"""The kinds of staff work that an account can be granted."""

from __future__ import annotations

from enum import StrEnum


class GrantKind(StrEnum):
    """What a grant lets its account do, within the grant's scope."""

    DISTRICT_ADMINISTRATOR = "district_administrator"
    TOWN_STAFF = "town_staff"
    MEMBER_UNIT_STAFF = "member_unit_staff"
    ENTERPRISE_CONTACT = "enterprise_contact"
    CONTENT_EDITOR = "content_editor"
    AUDITOR = "auditor"
