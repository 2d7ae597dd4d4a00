"""Who acts in a request: a plain value that outlives every transaction."""

from __future__ import annotations

from dataclasses import dataclass

from quizapp.accounts.kinds import GrantKind


def session_id(account_id: int, version: int) -> str:
    """Return what the sign-in cookie says: which account, and which of its session versions."""
    return f"{account_id}.{version}"


def read_session_id(text: str) -> tuple[int, int] | None:
    """Return account and version again, None when the text is no such thing."""
    account_id, _, version = text.partition(".")
    return (int(account_id), int(version)) if account_id.isdecimal() and version.isdecimal() else None


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
    """The account that the sign-in cookie names, with its grants in force."""

    id: int
    phone: str
    name: str
    session_version: int
    grants: tuple[HeldGrant, ...]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return what Flask-Login keeps in the cookie."""
        return session_id(self.id, self.session_version)
