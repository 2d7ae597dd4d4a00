"""Bringing enterprises and people in from a file, through the one import pipeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from quizapp.accounts import accounts, policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.queries import names_by_phone
from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import Actor
from quizapp.database import lock_for_transaction, refresh_statistics
from quizapp.directory import enterprises, posts
from quizapp.directory import queries as directory_queries
from quizapp.directory.posts import NewPost
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.imports.plans import Fate, Plan, PlannedRow, Tick
from quizapp.imports.sandbox import read_tables
from quizapp.roster.following import LOCK, roster_change
from quizapp.roster.matching import (
    Known,
    KnownPost,
    KnownRegion,
    KnownUnit,
    Missing,
    facts_from,
    plan_roster,
)
from quizapp.roster.table import ParsedRoster, parse_tables


@dataclass(frozen=True, slots=True)
class RosterImporter:
    """Brings a roster file in, within what the clerk may change."""

    scope: Scope
    missing: Missing | None
    kind: ClassVar[str] = "roster"

    @property
    def target(self) -> str:
        """Return what was decided about people who are missing from the file."""
        return self.missing or ""

    def parse(self, content: bytes, filename: str) -> ParsedRoster:
        """Read an .xlsx or .csv file in a child process. Raises UnreadableFile."""
        return parse_tables(read_tables(content, filename))

    def hold(self) -> None:
        """Keep every other change of the roster out."""
        lock_for_transaction(db.session, LOCK)

    def plan(self, parsed: ParsedRoster, tick: Tick) -> Plan:
        """Compare the file with the roster."""
        return plan_roster(parsed, _known(parsed, self.scope), self.missing, tick)

    def stow(self, plan: Plan, actor: Actor) -> None:
        """A roster carries nothing beside its rows."""

    def apply(self, plan: Plan, actor: Actor) -> None:
        """Write the plan in one change of the roster; the enrolments follow."""
        with roster_change(actor) as at:
            registered = _apply_units(plan.rows, at)
            accounts.add_people(_people(plan.rows))
            posts.end_many(_ended(plan.rows), at)
            posts.retitle_many(
                {row.content["post"]: row.content["title"] for row in plan.rows if "post" in row.content}
            )
            posts.begin_many(list(_begun(plan.rows, registered)), at)
            refresh_statistics(db.session)


def importer_for(target: str, account_id: int) -> RosterImporter:
    """Return the importer for what an account may change now; `target` is what was decided on upload."""
    scope = policy.scope_of(account_queries.grants_of(account_id), policy.Action.IMPORT_ROSTER)
    return RosterImporter(scope, Missing(target))


def _known(parsed: ParsedRoster, scope: Scope) -> Known:
    units = directory_queries.registered(
        {row.unit.uscc for row in parsed.rows if row.unit.uscc},
        {row.unit.name for row in parsed.rows if row.unit.name and not row.unit.uscc},
    )
    held = directory_queries.posts_held([unit.id for unit in units])
    declared: dict[int, dict[JobRole, int]] = defaultdict(dict)
    for enterprise_id, role, people in directory_queries.declared_by([unit.id for unit in units]):
        declared[enterprise_id][role] = people
    paths = {region.id: region.path for region in directory_queries.all_regions()}
    phones = {row.person.phone for row in parsed.rows if row.person}
    return Known(
        units=tuple(
            KnownUnit(
                id=unit.id,
                facts=unit.facts,
                declared=declared[unit.id],
                is_own=scope.holds(
                    path=paths[unit.facts.region_id],
                    member_unit_id=unit.facts.member_unit_id,
                    enterprise_id=unit.id,
                ),
            )
            for unit in units
        ),
        posts=tuple(KnownPost(**row._mapping) for row in held),  # noqa: SLF001 - SQLAlchemy's documented name
        names={phone: known.name for phone, known in names_by_phone(phones).items()},
        regions=tuple(
            KnownRegion(id=region.id, name=region.name, is_own=scope.covers(region.path))
            for region in directory_queries.all_regions()
        ),
        member_units=directory_queries.member_units_by_name(),
    )


def _apply_units(rows: Iterable[PlannedRow], at: datetime) -> dict[str, int]:
    """Register and change the enterprises; return the ids of the new ones by code."""
    documents = [
        (row.fate, row.content)
        for row in rows
        if row.content["what"] == "enterprise" and "facts" in row.content
    ]
    new = [facts_from(document["facts"]) for fate, document in documents if fate is Fate.NEW]
    ids = dict(zip((facts.uscc for facts in new), enterprises.register_many(new, at), strict=True))
    changed = [document for fate, document in documents if fate in {Fate.CHANGED, Fate.MOVED}]
    enterprises.change_many({document["id"]: facts_from(document["facts"]) for document in changed}, at)
    written = [document for fate, document in documents if fate in {Fate.NEW, Fate.CHANGED, Fate.MOVED}]
    enterprises.declare_many(
        {
            (document["id"] or ids[document["uscc"]], JobRole(role)): people
            for document in written
            for role, people in document["declared"].items()
        },
        at,
    )
    return ids


def _is_person(row: PlannedRow, *fates: Fate) -> bool:
    return row.content["what"] == "person" and row.fate in fates


def _people(rows: Iterable[PlannedRow]) -> set[tuple[str, str]]:
    return {
        (row.content["phone"], row.content["name"]) for row in rows if _is_person(row, Fate.NEW, Fate.MOVED)
    }


def _ended(rows: Iterable[PlannedRow]) -> Iterator[int]:
    for row in rows:
        if _is_person(row, Fate.MOVED, Fate.CHANGED, Fate.LEFT):
            yield from row.content.get("ends", ())


def _begun(rows: Iterable[PlannedRow], registered: dict[str, int]) -> Iterator[NewPost]:
    wanted = [
        row.content
        for row in rows
        if _is_person(row, Fate.NEW, Fate.MOVED) or (_is_person(row, Fate.CHANGED) and "ends" in row.content)
    ]
    account_ids = names_by_phone(content["phone"] for content in wanted)
    unknown = {content["uscc"] for content in wanted} - registered.keys()
    ids = {**registered, **{unit.facts.uscc: unit.id for unit in directory_queries.registered(unknown, ())}}
    for content in wanted:
        yield NewPost(
            account_id=account_ids[content["phone"]][0],
            enterprise_id=ids[content["uscc"]],
            job_role=JobRole(content["role"]),
            title=content["title"],
        )
