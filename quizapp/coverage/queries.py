"""The two coverages and the list behind them, read from the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select

from quizapp.accounts.models import Account
from quizapp.accounts.scopes import Scope
from quizapp.campaigns.models import Enrolment
from quizapp.coverage import conditions, rates
from quizapp.coverage.rates import Figures, Gap, People, RoleCount
from quizapp.coverage.selection import Selection, Status
from quizapp.directory.models import Declaration, Enterprise, MemberUnit, Placement, Region
from quizapp.directory.queries import region_in_scope
from quizapp.directory.roles import JobRole, Scale
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.quiz.models import Attempt
from quizapp.web.pages import PER_PAGE, Page

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """A region with its two coverages."""

    path: str
    name: str
    above: Figures
    below: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """The two coverages of a selection, by region and by role."""

    above: Figures
    below: Figures
    by_role: dict[tuple[Scale, JobRole], People]
    regions: tuple[RegionFigures, ...]
    #: How many different people stand behind the enrolments.
    different_people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseCoverage:
    """An enterprise with its roles and what keeps it from being covered."""

    id: int
    uscc: str
    name: str
    region_name: str
    region_path: str
    scale: Scale
    roles: dict[JobRole, RoleCount] = field(default_factory=dict)

    @property
    def gaps(self) -> frozenset[Gap]:
        """Return why it is not covered; nothing when it is."""
        return rates.gaps(self.scale, self.roles)

    @property
    def people(self) -> People:
        """Return its people of all roles."""
        return sum(
            (People(count.enrolled, count.completed, rates.expected(count)) for count in self.roles.values()),
            People(),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One enrolment as the completion list shows it."""

    enterprise_id: int
    enterprise: str
    uscc: str
    region: str
    member_unit: str | None
    scale: Scale
    name: str
    phone: str
    job_role: JobRole
    status: Status
    enrolled_at: datetime
    studied_at: datetime | None
    passed_at: datetime | None
    completed_at: datetime | None
    points: int | None
    total_points: int | None

    @property
    def percent(self) -> int | None:
        """Return the score of the proving attempt in whole percent, rounded down."""
        return (
            None if self.points is None or not self.total_points else self.points * 100 // self.total_points
        )


def overview(selection: Selection) -> Overview:
    """Return the two coverages of a selection."""
    units = enterprises(selection)
    by_region: dict[tuple[str, str, Scale], Figures] = defaultdict(Figures)
    by_role: dict[tuple[Scale, JobRole], People] = defaultdict(People)
    for unit in units:
        place = (unit.region_path, unit.region_name, unit.scale)
        by_region[place] += Figures(unit.people, rates.as_one(unit.gaps))
        for role, count in unit.roles.items():
            by_role[unit.scale, role] += People(count.enrolled, count.completed, rates.expected(count))
    rows = tuple(
        RegionFigures(path, name, by_region[path, name, Scale.ABOVE], by_region[path, name, Scale.BELOW])
        for path, name in _regions_with(selection, {unit.region_path for unit in units})
    )
    return Overview(
        above=rates.total(row.above for row in rows),
        below=rates.total(row.below for row in rows),
        by_role=dict(by_role),
        regions=rows,
        different_people=_different_people(selection),
    )


def regions(scope: Scope) -> list[tuple[str, str]]:
    """Return path and name of the regions within a scope, in their official order."""
    statement = (
        select(Region.path, Region.name).where(region_in_scope(scope)).order_by(Region.position, Region.path)
    )
    return [(row.path, row.name) for row in db.session.execute(statement)]


def _regions_with(selection: Selection, paths: set[str]) -> list[tuple[str, str]]:
    """Return the regions of a selection, and those that hold a trade or an enterprise of its scope."""
    wanted = Scope(paths=(selection.region,)) if selection.region else selection.scope
    everywhere = regions(Scope(everything=True))
    return [(path, name) for path, name in everywhere if wanted.covers(path) or path in paths]


def _different_people(selection: Selection) -> int:
    statement = (
        select(func.count(func.distinct(Enrolment.account_id)))
        .join(Region, Region.id == Enrolment.region_id)
        .where(*conditions.enrolments_of(replace(selection, text="")))
    )
    return db.session.scalar(statement) or 0


def enterprises(selection: Selection) -> list[EnterpriseCoverage]:
    """Return the enterprises of a selection with the counts of their roles, by region and name."""
    found = {
        row.id: EnterpriseCoverage(**row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
        for row in db.session.execute(
            select(
                Enterprise.id,
                Enterprise.uscc,
                Enterprise.name,
                Region.name.label("region_name"),
                Region.path.label("region_path"),
                Placement.scale,
            )
            .join(Placement, Placement.enterprise_id == Enterprise.id)
            .join(Region, Region.id == Placement.region_id)
            .where(*conditions.enterprises_of(selection))
            .order_by(Region.position, Region.path, Enterprise.name)
        )
    }
    declared = _declared(selection)
    for (enterprise_id, role), people in declared.items():
        if enterprise_id in found:
            found[enterprise_id].roles[role] = RoleCount(0, 0, people)
    for enterprise_id, role, enrolled, completed in _enrolled(selection):
        if enterprise_id in found:
            people_declared = declared.get((enterprise_id, role))
            found[enterprise_id].roles[role] = RoleCount(enrolled, completed, people_declared)
    return list(found.values())


def _enrolled(selection: Selection) -> list[Row[int, JobRole, int, int]]:
    done = case((conditions.has_by(Enrolment.completed_at, selection.as_of), 1))
    statement = (
        select(Enrolment.enterprise_id, Enrolment.job_role, func.count(), func.count(done))
        .join(Region, Region.id == Enrolment.region_id)
        .where(*conditions.enrolments_of(replace(selection, text="")))
        .group_by(Enrolment.enterprise_id, Enrolment.job_role)
    )
    return list(db.session.execute(statement))


def _declared(selection: Selection) -> dict[tuple[int, JobRole], int]:
    statement = select(Declaration.enterprise_id, Declaration.job_role, Declaration.people).where(
        conditions.in_force(Declaration, "declared_at", "superseded_at", selection.as_of)
    )
    if selection.enterprise_id is not None:
        statement = statement.where(Declaration.enterprise_id == selection.enterprise_id)
    return {(row.enterprise_id, row.job_role): row.people for row in db.session.execute(statement)}


def page_of_enterprises(
    selection: Selection, gap: Gap | None, *, covered: bool | None, number: int
) -> Page[EnterpriseCoverage]:
    """Return a page of enterprises, only those with a gap or only the covered or uncovered ones."""
    rows = [
        unit
        for unit in enterprises(selection)
        if (gap is None or gap in unit.gaps) and (covered is None or covered is not bool(unit.gaps))
    ]
    start = (number - 1) * PER_PAGE
    return Page(rows[start : start + PER_PAGE], len(rows), number)


def get_enterprise(selection: Selection) -> EnterpriseCoverage:
    """Return the selection's one enterprise or raise NotFound, also when it is out of scope."""
    rows = enterprises(selection)
    if not rows:
        raise NotFound
    return rows[0]


def _list(selection: Selection) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Enrolment.enterprise_id,
            Enterprise.name.label("enterprise"),
            Enterprise.uscc,
            Region.name.label("region"),
            MemberUnit.name.label("member_unit"),
            Enrolment.scale,
            Account.name,
            Account.phone,
            Enrolment.job_role,
            conditions.status_at(selection.as_of).label("status"),
            Enrolment.enrolled_at,
            Enrolment.studied_at,
            Enrolment.passed_at,
            Enrolment.completed_at,
            Attempt.points,
            Attempt.total_points,
        )
        .join(Enterprise, Enterprise.id == Enrolment.enterprise_id)
        .join(Region, Region.id == Enrolment.region_id)
        .join(Account, Account.id == Enrolment.account_id)
        .outerjoin(MemberUnit, MemberUnit.id == Enrolment.member_unit_id)
        .outerjoin(Attempt, Attempt.id == Enrolment.attempt_id)
        .where(*conditions.enrolments_of(selection))
        .order_by(Region.position, Region.path, Enterprise.name, Enrolment.job_role, Enrolment.id)
    )


def page_of_list(selection: Selection, number: int) -> Page[ListRow]:
    """Return a page of the completion list."""
    total = db.session.scalar(select(func.count()).select_from(_list(selection).order_by(None).subquery()))
    rows = db.session.execute(_list(selection).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Page([_list_row(row, selection.as_of) for row in rows], total or 0, number)


def holds(selection: Selection, account_id: int) -> bool:
    """Say whether somebody is on the completion list."""
    wanted = _list(selection).where(Enrolment.account_id == account_id).order_by(None).limit(1)
    return db.session.execute(wanted).first() is not None


def stream_list(selection: Selection) -> Iterator[ListRow]:
    """Yield the whole completion list, a chunk at a time from the database's own cursor."""
    for row in db.session.execute(_list(selection).execution_options(yield_per=CHUNK)):
        yield _list_row(row, selection.as_of)


def _list_row(row: Row[Any], at: datetime) -> ListRow:
    """What happened after the moment asked for has not happened yet."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    for name in ("studied_at", "passed_at", "completed_at"):
        if values[name] is not None and values[name] > at:
            values[name] = None
    if values["passed_at"] is None:
        values["points"] = values["total_points"] = None
    return ListRow(**{**values, "status": Status(values["status"])})
