"""Who acts in a request: a plain value that outlives every transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from quizapp.accounts.kinds import GrantKind


class Duty(StrEnum):
    """What somebody must do before their grants count."""

    SET_UP_SECOND_FACTOR = "set_up_second_factor"
    CHANGE_PASSWORD = "change_password"  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """Staff work of one kind in a region and all below it, a member unit or an enterprise, or everywhere."""

    kind: GrantKind
    region_path: str | None = None
    member_unit_id: int | None = None
    enterprise_id: int | None = None

    @property
    def is_everywhere(self) -> bool:
        """Say whether it holds everywhere."""
        return self.region_path is None and self.member_unit_id is None and self.enterprise_id is None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account that is signed in on a device, with its grants in force."""

    id: int
    phone: str
    name: str
    grants: tuple[HeldGrant, ...]
    #: What must be done first; until then the grants stand in `withheld`.
    duty: Duty | None
    withheld: tuple[HeldGrant, ...]
    has_second_factor: bool
    password_set_at: datetime | None
    #: The device's sign-in, when it was last seen, and what its cookie holds.
    sign_in_id: int
    seen_at: datetime
    token: str

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the cookie."""
        return self.token
