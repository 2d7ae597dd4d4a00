"""Coverage arithmetic: pure. Counts are added, shares are only made for showing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from quizapp.directory.roles import REQUIRED_ROLES, JobRole, Scale


class Gap(StrEnum):
    """Why an enterprise is not covered."""

    #: A required role has nobody (缺岗).
    MISSING_ROLE = "missing_role"
    #: Somebody has not completed (未完成).
    UNFINISHED = "unfinished"
    #: Fewer enrolled than the enterprise declared (少报).
    UNDER_DECLARED = "under_declared"


@dataclass(frozen=True, slots=True)
class People:
    """How many must be covered and how many are; `expected` counts the declared where they are more."""

    enrolled: int = 0
    completed: int = 0
    expected: int = 0

    def __add__(self, other: People) -> People:
        return People(
            self.enrolled + other.enrolled, self.completed + other.completed, self.expected + other.expected
        )


@dataclass(frozen=True, slots=True)
class Enterprises:
    """How many enterprises there are, how many are covered, and how many have each gap."""

    total: int = 0
    covered: int = 0
    missing_role: int = 0
    unfinished: int = 0
    under_declared: int = 0

    def __add__(self, other: Enterprises) -> Enterprises:
        return Enterprises(
            self.total + other.total,
            self.covered + other.covered,
            self.missing_role + other.missing_role,
            self.unfinished + other.unfinished,
            self.under_declared + other.under_declared,
        )


@dataclass(frozen=True, slots=True)
class RoleCount:
    """One role of one enterprise: enrolled, completed, and declared (None: it declared nothing)."""

    enrolled: int
    completed: int
    declared: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The people and the enterprises of one size in one place."""

    people: People = People()
    enterprises: Enterprises = Enterprises()

    def __add__(self, other: Figures) -> Figures:
        return Figures(self.people + other.people, self.enterprises + other.enterprises)


def gaps(scale: Scale, roles: Mapping[JobRole, RoleCount]) -> frozenset[Gap]:
    """Return why an enterprise is not covered; nothing when it is.

    It is covered when every role that its size requires has at least one enrolment, every
    enrolment is complete, and no role has fewer enrolments than declared.
    """
    found = set()
    if any(role not in roles or roles[role].enrolled == 0 for role in REQUIRED_ROLES[scale]):
        found.add(Gap.MISSING_ROLE)
    if any(count.completed < count.enrolled for count in roles.values()):
        found.add(Gap.UNFINISHED)
    if any(count.enrolled < (count.declared or 0) for count in roles.values()):
        found.add(Gap.UNDER_DECLARED)
    return frozenset(found)


def expected(count: RoleCount) -> int:
    """Return how many should be covered: a roster that leaves people out must not look full."""
    return max(count.enrolled, count.declared or 0)


def as_one(found: frozenset[Gap]) -> Enterprises:
    """Return one enterprise with these gaps, ready for adding."""
    return Enterprises(
        total=1,
        covered=int(not found),
        missing_role=int(Gap.MISSING_ROLE in found),
        unfinished=int(Gap.UNFINISHED in found),
        under_declared=int(Gap.UNDER_DECLARED in found),
    )


def total(figures: Iterable[Figures]) -> Figures:
    """Return the sum."""
    return sum(figures, Figures())
