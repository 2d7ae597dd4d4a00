"""Threat 2: a list, a count or an export holds a row that lies outside of what its reader may see.

Random districts, moves and grants; what comes out is compared with what a few lines of plain Python, which know
neither the database nor the product's own scopes, say that it should be.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import openpyxl
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.accounts.policy import Action
from quizapp.accounts.scopes import Scope
from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.clock import DISTRICT_TIME
from quizapp.coverage import queries
from quizapp.coverage.selection import Selection, read_as_of
from quizapp.directory import queries as directory_queries
from quizapp.directory.models import Enterprise, MemberUnit, Placement, Post
from quizapp.directory.queries import EnterpriseFilter
from quizapp.directory.roles import EnterpriseState, JobRole, RegionKind, Scale
from quizapp.extensions import db
from tests import builders
from tests.conftest import NOON, empty_tables
from tests.pages import sign_in, token

WATCHERS = {"district_administrator", "town_staff", "member_unit_staff", "auditor"}
READERS = WATCHERS | {"enterprise_contact"}
KEEPERS = {"district_administrator"}
#: The last day is today; on each day something can move at noon.
DAYS = 6
UNITS = 2
#: Names that begin with one another, and one that LIKE could take for a pattern.
MARKS = ("hu", "hu-tang", "hutang", "h_")
_names = count(1)


@dataclass(frozen=True)
class Stay:
    """Where an enterprise counts, from one day until another or, with None, still."""

    path: str
    unit: int | None
    since: int
    until: int | None


@dataclass(frozen=True)
class Works:
    """An enterprise, where it has been, and who works there: the numbers of people, and whether they are done."""

    stays: tuple[Stay, ...]
    scale: str
    people: dict[int, bool]


@dataclass(frozen=True)
class Given:
    """A grant: its kind and its place; no place is everywhere."""

    kind: str
    path: str | None = None
    unit: int | None = None
    works: int | None = None


@dataclass(frozen=True)
class World:
    """A whole district office's world."""

    paths: tuple[str, ...]
    works: tuple[Works, ...]
    readers: tuple[tuple[Given, ...], ...]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    paths = ["wujin", "jingkai"]
    for district in ("wujin", "jingkai"):
        for town in draw(st.lists(st.sampled_from(MARKS), min_size=2, max_size=4, unique=True)):
            paths.append(f"{district}/{town}")
            streets = draw(st.lists(st.sampled_from(MARKS), max_size=2, unique=True))
            paths += [f"{district}/{town}/{street}" for street in streets]
    anywhere = st.sampled_from(paths)
    works = tuple(draw(st.lists(_works(anywhere), min_size=2, max_size=6)))
    grants = st.one_of(
        st.builds(Given, st.just("town_staff"), path=anywhere),
        st.builds(Given, st.sampled_from(["auditor", "district_administrator"]), path=st.none() | anywhere),
        st.builds(Given, st.just("member_unit_staff"), unit=st.integers(0, UNITS - 1)),
        st.builds(Given, st.just("enterprise_contact"), works=st.integers(0, len(works) - 1)),
        st.builds(Given, st.just("content_editor")),
    )
    some = st.lists(grants, min_size=1, max_size=3, unique=True).map(tuple)
    return World(tuple(paths), works, tuple(draw(st.lists(some, min_size=2, max_size=3))))


@st.composite
def _works(draw: st.DrawFn, anywhere: st.SearchStrategy[str]) -> Works:
    moves = sorted(draw(st.sets(st.integers(1, DAYS), max_size=2)))
    closes = bool(moves) and draw(st.booleans())
    begins = [0, *(moves[:-1] if closes else moves)]
    ends: list[int | None] = [*moves] if closes else [*moves, None]
    units = st.none() | st.integers(0, UNITS - 1)
    stays = tuple(
        Stay(draw(anywhere), draw(units), since, until) for since, until in zip(begins, ends, strict=True)
    )
    people = draw(st.dictionaries(st.integers(0, 5), st.booleans(), min_size=1, max_size=3))
    return Works(stays, draw(st.sampled_from(["above", "below"])), people)


# What should come out.


def is_below(path: str, top: str) -> bool:
    return path.split("/")[: len(top.split("/"))] == top.split("/")


def reaches(grant: Given, path: str, unit: int | None, works: int) -> bool:
    if grant.works is not None:
        return works == grant.works
    if grant.unit is not None:
        return unit == grant.unit
    return grant.path is None or is_below(path, grant.path)


@dataclass(frozen=True)
class Oracle:
    """What one reader should see."""

    world: World
    grants: tuple[Given, ...]

    def _sees(self, kinds: AbstractSet[str], stay: Stay, number: int) -> bool:
        return any(
            grant.kind in kinds and reaches(grant, stay.path, stay.unit, number) for grant in self.grants
        )

    def may(self, kinds: AbstractSet[str]) -> bool:
        return any(grant.kind in kinds for grant in self.grants)

    def enterprises(self, region: str = "", scale: str = "") -> set[int]:
        """The roster's list: by where the enterprises are now."""
        return {
            number
            for number, works in enumerate(self.world.works)
            if self._sees(READERS, works.stays[-1], number)
            and (not region or is_below(works.stays[-1].path, region))
            and scale in {"", works.scale}
        }

    def covered(self, day: int, region: str = "") -> set[int]:
        """The enterprises of the coverage: by where they were on a day."""
        return {number for number, _, _ in self._stays(day, region)}

    def rows(self, day: int, region: str = "") -> set[tuple[int, int]]:
        """The completion list: who, in which enterprise."""
        return {(person, number) for number, works, _ in self._stays(day, region) for person in works.people}

    def _stays(self, day: int, region: str) -> list[tuple[int, Works, Stay]]:
        return [
            (number, works, stay)
            for number, works in enumerate(self.world.works)
            for stay in works.stays
            if stay.since <= day < (DAYS + 1 if stay.until is None else stay.until)
            and self._sees(WATCHERS, stay, number)
            and (not region or is_below(stay.path, region))
        ]

    def counts(self, day: int) -> tuple[int, int, int]:
        """The dashboard: posts, those done, and enterprises."""
        done = sum(sum(works.people.values()) for _, works, _ in self._stays(day, ""))
        return len(self.rows(day)), done, len(self.covered(day))

    def may_ask_for(self, region: str) -> bool:
        """A region that is not wholly one's own is refused, unless one looks by trade or enterprise."""
        watching = [grant for grant in self.grants if grant.kind in WATCHERS]
        return any(
            grant.unit is not None or grant.path is None or is_below(region, grant.path) for grant in watching
        )

    def holders(self) -> set[int]:
        """The readers whose work an administrator sees: it lies wholly within their own place."""
        keeping = [grant for grant in self.grants if grant.kind in KEEPERS]
        return {
            number
            for number, grants in enumerate(self.world.readers)
            for theirs in grants
            if any(self._holds(own, theirs) for own in keeping)
        }

    def _holds(self, own: Given, theirs: Given) -> bool:
        if own.path is None:
            return True
        if theirs.works is not None:
            return is_below(self.world.works[theirs.works].stays[-1].path, own.path)
        return theirs.path is not None and is_below(theirs.path, own.path)


# The same in the database.


def noon_of(day: int) -> datetime:
    return NOON - timedelta(days=DAYS - day)


def day_of(day: int) -> date:
    return noon_of(day).astimezone(DISTRICT_TIME).date()


class Built:
    """The world in the database, with the numbers that the pages show."""

    def __init__(self, world: World) -> None:
        self.world = world
        regions = {path: builders.make_region(path) for path in world.paths}
        for path in ("wujin", "jingkai"):
            regions[path].kind = RegionKind.DISTRICT
        self._region_ids = {path: region.id for path, region in regions.items()}
        units = [MemberUnit(name=f"单位{next(_names)}") for _ in range(UNITS)]
        for unit in units:
            builders.added(unit)
        self._unit_ids = [unit.id for unit in units]
        self.campaign: Campaign = builders.make_campaign()
        self._tracks: dict[str, Track] = {
            "above": builders.make_track(self.campaign),
            "below": builders.make_track(self.campaign, JobRole.PRINCIPAL),
        }
        self.people = [builders.make_account(f"人{next(_names)}名") for _ in range(6)]
        self.works = [self._enterprise(works) for works in world.works]
        self.readers = [self._reader(grants) for grants in world.readers]
        db.session.commit()

    def _enterprise(self, works: Works) -> Enterprise:
        last = works.stays[-1]
        number = next(_names)
        enterprise = Enterprise(
            uscc=f"{number:018d}", name=f"厂{number}号", region_id=self._region_ids[last.path],
            member_unit_id=self._unit_id(last.unit), scale=Scale(works.scale), registered_at=noon_of(0),
            state=EnterpriseState.OPERATING if last.until is None else EnterpriseState.SUSPENDED,
        )  # fmt: skip
        builders.added(enterprise)
        for stay in works.stays:
            builders.added(
                Placement(enterprise_id=enterprise.id, since=noon_of(stay.since), scale=Scale(works.scale),
                          until=self._ends(stay), region_id=self._region_ids[stay.path],
                          member_unit_id=self._unit_id(stay.unit))
            )  # fmt: skip
        for person, done in works.people.items():
            self._employ(self.people[person], enterprise, works, done=done)
        return enterprise

    def _employ(self, person: Account, enterprise: Enterprise, works: Works, *, done: bool) -> None:
        track = self._tracks[works.scale]
        post = Post(
            account_id=person.id, enterprise_id=enterprise.id, job_role=track.job_role, started_at=noon_of(0)
        )
        builders.added(post)
        for stay in works.stays:
            enrolment = Enrolment(
                campaign_id=self.campaign.id, track_id=track.id, post_id=post.id, account_id=person.id,
                enterprise_id=enterprise.id, region_id=self._region_ids[stay.path], scale=Scale(works.scale),
                member_unit_id=self._unit_id(stay.unit), job_role=track.job_role,
                enrolled_at=noon_of(stay.since), withdrawn_at=self._ends(stay),
            )  # fmt: skip
            builders.added(enrolment)
            if done:
                moment = noon_of(0)
                enrolment.attempt_id = self._attempt_of(person, track, enrolment)
                enrolment.studied_at = enrolment.passed_at = enrolment.completed_at = moment
        db.session.flush()

    def _attempt_of(self, person: Account, track: Track, enrolment: Enrolment) -> int:
        from quizapp.quiz.models import Attempt

        wanted = db.select(Attempt.id).where(Attempt.account_id == person.id, Attempt.track_id == track.id)
        return db.session.scalar(wanted) or builders.make_passed_attempt(enrolment, noon_of(0)).id

    def _reader(self, grants: tuple[Given, ...]) -> Account:
        reader = builders.make_account(f"人{next(_names)}名")
        for one in grants:
            builders.added(
                Grant(account_id=reader.id, kind=GrantKind(one.kind), region_path=one.path, granted_at=noon_of(0),
                      member_unit_id=self._unit_id(one.unit),
                      enterprise_id=None if one.works is None else self.works[one.works].id)
            )  # fmt: skip
        return reader

    def _unit_id(self, unit: int | None) -> int | None:
        return None if unit is None else self._unit_ids[unit]

    @staticmethod
    def _ends(stay: Stay) -> datetime | None:
        return None if stay.until is None else noon_of(stay.until)

    def numbers(self, ids: list[str]) -> set[int]:
        """The enterprises with these ids."""
        places = {enterprise.id: number for number, enterprise in enumerate(self.works)}
        return {places[int(one)] for one in ids}

    def pairs(self, rows: list[tuple[str, str]]) -> set[tuple[int, int]]:
        """Who in which enterprise, from their names; a row twice is a fault."""
        assert len(set(rows)) == len(rows)
        people = {person.name: number for number, person in enumerate(self.people)}
        works = {enterprise.name: number for number, enterprise in enumerate(self.works)}
        return {(people[person], works[name]) for person, name in rows}


# What really comes out.


class Reading:
    """One reader at the pages."""

    def __init__(self, app: Flask, built: Built, number: int) -> None:
        self._built = built
        self._account_id = built.readers[number].id
        self._client: FlaskClient = sign_in(app, built.readers[number])
        self._token = token(self._client.get("/me").text)
        for row in (*built.readers, *built.people, *built.works):
            db.session.refresh(row)

    def _page(self, address: str) -> str:
        """A page, "" where it is refused."""
        answer = self._client.get(address)
        assert answer.status_code in {200, 302, 403, 404}, (address, answer.status_code)
        return (
            answer.location if answer.status_code == 302 else answer.text if answer.status_code == 200 else ""
        )

    def enterprises(self, query: str = "") -> set[int]:
        page = self._page(f"/enterprises{query}")
        if page.startswith("/enterprises/"):  # a contact goes on to the one there is
            return self._built.numbers([page.rpartition("/")[2]])
        return self._built.numbers(re.findall(r'href="/enterprises/(\d+)"', page))

    def covered(self, query: str) -> set[int]:
        page = self._page(f"/coverage/enterprises?{query}")
        return self._built.numbers(re.findall(r'href="/coverage/enterprises/(\d+)', page))

    def rows(self, query: str) -> set[tuple[int, int]]:
        page = self._page(f"/coverage/list?{query}")
        row = r'<th scope="row">([^<]+)</th>.*?href="/coverage/enterprises/[^>]*>([^<]+)</a>'
        return self._built.pairs(re.findall(row, page, re.DOTALL))

    def exported(self, query: str, kind: str) -> set[tuple[int, int]]:
        form = {"csrf_token": self._token, "format": kind}
        with self._client.post(f"/coverage/list/export?{query}", data=form) as answer:
            if answer.status_code != 200:
                assert answer.status_code in {403, 404}
                return set()
            lines = cells_of(answer.data, kind)
        return self._built.pairs([(line[5], line[0]) for line in lines])

    def counts(self, day: int) -> tuple[int, int, int]:
        scope = policy.scope_of(account_queries.grants_of(self._account_id), Action.SEE_COVERAGE)
        as_of = read_as_of(day_of(day).isoformat(), NOON)
        found = queries.overview(Selection(campaign_id=self._built.campaign.id, as_of=as_of, scope=scope))
        db.session.commit()
        people = (found.above.people, found.below.people)
        units = found.above.enterprises.total + found.below.enterprises.total
        return sum(one.enrolled for one in people), sum(one.completed for one in people), units

    def different_people(self, query: str) -> int:
        match = re.search(r"不同的人共 ([\d,]+) 名", self._page(f"/coverage?{query}"))
        return int(match[1]) if match else 0

    def people_in(self, address: str) -> set[str] | None:
        page = self._page(address)
        return set(re.findall(r'<th scope="row">(人\d+名)</th>', page)) if page else None

    def holders(self) -> set[int]:
        names = {reader.name: number for number, reader in enumerate(self._built.readers)}
        found = re.findall(r'<th scope="row">(人\d+名)</th>', self._page("/grants"))
        return {names[name] for name in found}


def cells_of(content: bytes, kind: str) -> list[list[str]]:
    """The rows of an exported list, without its headings."""
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1:]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    return [[str(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(), day=st.integers(0, DAYS), place=st.integers(0, 100))
def test_every_list_holds_just_the_rows_of_its_readers_scope(
    app: Flask, world: World, day: int, place: int
) -> None:
    db.session.rollback()  # what the last command was reading
    empty_tables()
    built = Built(world)
    region = world.paths[place % len(world.paths)]
    for number, grants in enumerate(world.readers):
        oracle, reading = Oracle(world, grants), Reading(app, built, number)
        _compare_roster(oracle, reading, built, region)
        _compare_coverage(oracle, reading, built, day, region)
        event(f"{len(oracle.rows(day))} rows")
    _compare_every_region(built, day)


def _compare_every_region(built: Built, day: int) -> None:
    """The same questions, at the queries behind the pages, for who has just one region: each in turn."""
    as_of = read_as_of(day_of(day).isoformat(), NOON)
    for path in built.world.paths:
        oracle, scope = Oracle(built.world, (Given("town_staff", path=path),)), Scope(paths=(path,))
        asked = Selection(campaign_id=built.campaign.id, as_of=as_of, scope=scope)
        page = directory_queries.page_of_enterprises(scope, EnterpriseFilter(), 1)

        assert built.numbers([str(row.id) for row in page.rows]) == oracle.enterprises()
        rows = [(row.name, row.enterprise) for row in queries.stream_list(asked)]
        assert built.pairs(rows) == oracle.rows(day)
    db.session.rollback()


def _compare_roster(oracle: Oracle, reading: Reading, built: Built, region: str) -> None:
    assert reading.enterprises() == oracle.enterprises()
    if len(oracle.enterprises()) > 1:  # else a contact is sent on before any filter
        assert reading.enterprises(f"?region={region}") == oracle.enterprises(region)
        assert reading.enterprises("?scale=below&sort=people") == oracle.enterprises(scale="below")
    for number, enterprise in enumerate(built.works):
        people = {built.people[person].name for person in built.world.works[number].people}
        is_seen = number in oracle.enterprises()
        seen = reading.people_in(f"/enterprises/{enterprise.id}")
        assert (seen is not None) == is_seen
        assert not is_seen or (seen or set()) == people
    assert reading.holders() == oracle.holders()


def _compare_coverage(oracle: Oracle, reading: Reading, built: Built, day: int, region: str) -> None:
    for at, part in ((DAYS, ""), (day, ""), (day, region)):
        is_refused = bool(part) and not oracle.may_ask_for(part)
        query = f"as_of={day_of(at).isoformat()}&region={part}"
        expected = set() if is_refused else oracle.rows(at, part)

        assert reading.rows(query) == expected
        assert reading.exported(query, "csv") == expected
        assert reading.exported(query, "xlsx") == expected
        assert reading.covered(query) == (set() if is_refused else oracle.covered(at, part))
        assert reading.different_people(query) == len({person for person, _ in expected})
    assert reading.counts(day) == oracle.counts(day)
    for number, enterprise in enumerate(built.works):
        seen = reading.people_in(f"/coverage/enterprises/{enterprise.id}?as_of={day_of(day).isoformat()}")
        names = {built.people[person].name for person, works in oracle.rows(day) if works == number}
        assert (seen or set()) == names
        assert (seen is not None) == (number in oracle.covered(day))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds(), day=st.integers(0, DAYS), place=st.integers(0, 100))
def test_the_command_gives_everything_below_the_region_and_nothing_else(
    app: Flask, tmp_path: Path, world: World, day: int, place: int
) -> None:
    db.session.rollback()  # what the last command was reading
    empty_tables()
    built = Built(world)
    region, file = world.paths[place % len(world.paths)], tmp_path / "list.csv"
    words = ["coverage", "list", "--format", "csv", "--out", str(file), "--as-of", day_of(day).isoformat()]

    for part in ("", region):
        done = app.test_cli_runner().invoke(args=[*words, *(["--region", part] if part else [])])

        assert done.exit_code == 0, done.output
        found = built.pairs([(line[5], line[0]) for line in cells_of(file.read_bytes(), "csv")])
        assert found == Oracle(world, (Given("auditor"),)).rows(day, part)
