"""Reads of the territory and the enterprises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased, joinedload

from quizapp.accounts.queries import people
from quizapp.accounts.scopes import Scope
from quizapp.database import in_chunks
from quizapp.directory.facts import EnterpriseFacts
from quizapp.directory.initials import spoken_words
from quizapp.directory.models import Declaration, Enterprise, MemberUnit, Placement, Post, Region
from quizapp.directory.roles import EnterpriseState, JobRole, Scale
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.web.pages import PER_PAGE, Page

_FACT_NAMES = tuple(field.name for field in fields(EnterpriseFacts))
_FACTS = tuple(getattr(Enterprise, name) for name in _FACT_NAMES)


def name_of_enterprise(enterprise_id: Any) -> ScalarSelect[str]:
    """Return the name that belongs to a column of enterprise ids, for use inside another question."""
    return select(Enterprise.name).where(Enterprise.id == enterprise_id).scalar_subquery()


def within(path: str) -> ColumnElement[bool]:
    """Return that a region is this one or lies below it."""
    return or_(Region.path == path, Region.path.startswith(f"{path}/", autoescape=True))


def region_in_scope(scope: Scope) -> ColumnElement[bool]:
    """Return that a region lies wholly within what somebody may see."""
    return true() if scope.everything else or_(false(), *map(within, scope.paths))


def reached_by(scope: Scope, member_unit_id: Any, enterprise_id: Any) -> ColumnElement[bool]:
    """Return that something with these columns, joined with its region, lies within a scope."""
    if scope.everything:
        return true()
    return or_(
        region_in_scope(scope),
        member_unit_id.in_(scope.member_unit_ids) if scope.member_unit_ids else false(),
        enterprise_id.in_(scope.enterprise_ids) if scope.enterprise_ids else false(),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseFilter:
    """Which enterprises a list shows; "" and None do not narrow it."""

    text: str = ""
    region: str = ""
    scale: Scale | None = None
    state: EnterpriseState | None = None
    trade: str = ""
    sort: str = "region"


@dataclass(frozen=True, kw_only=True, slots=True)
class EnterpriseRow:
    """An enterprise in a list; `people` counts the posts that are held."""

    id: int
    name: str
    uscc: str
    region: str
    scale: Scale
    state: EnterpriseState
    trade: str | None
    people: int


#: What a list can be sorted by.
SORTS = ("region", "name", "uscc", "people")


def page_of_enterprises(scope: Scope, asked: EnterpriseFilter, number: int) -> Page[EnterpriseRow]:
    """Return a page of the enterprises in a scope; the text is a name, its initials or a code."""
    conditions = [reached_by(scope, Enterprise.member_unit_id, Enterprise.id)]
    if asked.region:
        conditions.append(within(asked.region))
    for column, value in (
        (Enterprise.scale, asked.scale), (Enterprise.state, asked.state), (Enterprise.trade, asked.trade),
    ):  # fmt: skip
        if value:
            conditions.append(column == value)
    if asked.text:
        conditions.append(_mentions(asked.text))
    people = (
        select(func.count(Post.id))
        .where(Post.enterprise_id == Enterprise.id, Post.ended_at.is_(None))
        .scalar_subquery()
    )
    wanted = select(Enterprise.id).join(Region, Region.id == Enterprise.region_id).where(*conditions)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    orders = {
        "name": (Enterprise.name,),
        "uscc": (Enterprise.uscc,),
        "people": (people.desc(), Enterprise.name),
    }
    rows = db.session.execute(
        select(
            Enterprise.id,
            Enterprise.name,
            Enterprise.uscc,
            Region.name.label("region"),
            Enterprise.scale,
            Enterprise.state,
            Enterprise.trade,
            people.label("people"),
        )
        .join(Region, Region.id == Enterprise.region_id)
        .where(*conditions)
        .order_by(*orders.get(asked.sort, (Region.position, Region.path, Enterprise.name)), Enterprise.id)
        .limit(PER_PAGE)
        .offset((number - 1) * PER_PAGE)
    )
    return Page([EnterpriseRow(**row._mapping) for row in rows], total, number)  # noqa: SLF001 - SQLAlchemy's documented name


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(
        Enterprise.name.contains(text, autoescape=True),
        Enterprise.initials.contains(text.lower(), autoescape=True),
        Enterprise.uscc.startswith(text.upper(), autoescape=True),
    )


def ids_within(scope: Scope) -> Select[int]:
    """Return the question for the ids of the enterprises in a scope, for use inside another question."""
    wanted = select(Enterprise.id).join(Region, Region.id == Enterprise.region_id)
    return wanted.where(reached_by(scope, Enterprise.member_unit_id, Enterprise.id))


def get_enterprise(scope: Scope, enterprise_id: int) -> Enterprise:
    """Return an enterprise with its region and member unit; raise NotFound, also when it is out of scope."""
    enterprise = db.session.scalar(
        select(Enterprise)
        .join(Region, Region.id == Enterprise.region_id)
        .where(Enterprise.id == enterprise_id, reached_by(scope, Enterprise.member_unit_id, Enterprise.id))
        .options(joinedload(Enterprise.region), joinedload(Enterprise.member_unit))
    )
    if enterprise is None:
        raise NotFound
    return enterprise


def get_post(scope: Scope, post_id: int) -> Post:
    """Return a post in an enterprise of the scope or raise NotFound."""
    post = db.session.scalar(
        select(Post)
        .join(Enterprise, Enterprise.id == Post.enterprise_id)
        .join(Region, Region.id == Enterprise.region_id)
        .where(Post.id == post_id, reached_by(scope, Enterprise.member_unit_id, Enterprise.id))
    )
    if post is None:
        raise NotFound
    return post


def get_held_post(scope: Scope, post_id: int) -> Post:
    """Return a post in an enterprise of the scope that has not ended, or raise NotFound."""
    post = get_post(scope, post_id)
    if post.ended_at is not None:
        raise NotFound
    return post


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonInPost:
    """Somebody in an enterprise; `ended_at` is None while they hold the post."""

    post_id: int
    name: str
    phone: str
    role: JobRole
    title: str
    started_at: datetime
    ended_at: datetime | None
    account_id: int
    has_password: bool


def people_of(enterprise_id: int) -> list[PersonInPost]:
    """Return who holds posts in an enterprise, then who held one, the latest first."""
    holder = people()
    rows = db.session.execute(
        select(
            Post.id.label("post_id"),
            holder.c.name,
            holder.c.phone,
            Post.job_role.label("role"),
            Post.title,
            Post.started_at,
            Post.ended_at,
            Post.account_id,
            holder.c.has_password,
        )
        .join(holder, holder.c.id == Post.account_id)
        .where(Post.enterprise_id == enterprise_id)
        .order_by(Post.ended_at.is_not(None), Post.ended_at.desc(), Post.job_role.desc(), Post.id)
    )
    return [PersonInPost(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnPost:
    """A post of somebody, as they see it."""

    post_id: int
    enterprise_id: int
    enterprise: str
    role: JobRole
    title: str
    started_at: datetime
    ended_at: datetime | None


def posts_of(account_id: int) -> list[OwnPost]:
    """Return the posts that somebody holds and held, the latest first."""
    rows = db.session.execute(
        select(
            Post.id.label("post_id"),
            Post.enterprise_id,
            Enterprise.name.label("enterprise"),
            Post.job_role.label("role"),
            Post.title,
            Post.started_at,
            Post.ended_at,
        )
        .join(Enterprise, Enterprise.id == Post.enterprise_id)
        .where(Post.account_id == account_id)
        .order_by(Post.started_at.desc(), Post.id.desc())
    )
    return [OwnPost(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def held_since(cutoff: datetime, account_ids: Iterable[int]) -> set[int]:
    """Return which of these accounts hold a post, or held one after a moment."""
    found: set[int] = set()
    for chunk in in_chunks(account_ids):
        held = or_(Post.ended_at.is_(None), Post.ended_at > cutoff)
        found.update(db.session.scalars(select(Post.account_id).where(Post.account_id.in_(chunk), held)))
    return found


def holders(enterprise_id: int) -> set[int]:
    """Return the accounts that hold a post in an enterprise."""
    wanted = (Post.enterprise_id == enterprise_id, Post.ended_at.is_(None))
    return set(db.session.scalars(select(Post.account_id).where(*wanted)))


def left_at(at: datetime) -> set[tuple[int, int]]:
    """Return who, by account and enterprise, gave up a post at this very moment and holds none there."""
    still = aliased(Post)
    holds_another = exists().where(
        still.account_id == Post.account_id,
        still.enterprise_id == Post.enterprise_id,
        still.ended_at.is_(None),
    )
    left = select(Post.account_id, Post.enterprise_id).where(Post.ended_at == at, not_(holds_another))
    return {(account_id, enterprise_id) for account_id, enterprise_id in db.session.execute(left)}


def words_around(account_id: int) -> list[str]:
    """Return what a password of this person must not be: their name and enterprises, also as they sound."""
    holder = people()
    names = select(holder.c.name).where(holder.c.id == account_id)
    employers = (
        select(Enterprise.name)
        .join(Post, Post.enterprise_id == Enterprise.id)
        .where(Post.account_id == account_id, Post.ended_at.is_(None))
    )
    return spoken_words(*db.session.scalars(names.union_all(employers)))


def held_outside(scope: Scope, account_ids: Iterable[int]) -> set[int]:
    """Return which of these accounts hold a post in an enterprise that the scope does not reach."""
    found: set[int] = set()
    for chunk in in_chunks(account_ids):
        found.update(
            db.session.scalars(
                select(Post.account_id)
                .join(Enterprise, Enterprise.id == Post.enterprise_id)
                .join(Region, Region.id == Enterprise.region_id)
                .where(
                    Post.account_id.in_(chunk),
                    Post.ended_at.is_(None),
                    not_(reached_by(scope, func.coalesce(Enterprise.member_unit_id, 0), Enterprise.id)),
                )
            )
        )
    return found


def held_posts() -> Subquery:
    """Return the posts that are held in operating enterprises, with where each counts now."""
    return (
        select(
            Post.id.label("post_id"),
            Post.account_id,
            Post.enterprise_id,
            Post.job_role,
            Placement.region_id,
            Placement.member_unit_id,
            Placement.scale,
        )
        .join(Placement, and_(Placement.enterprise_id == Post.enterprise_id, Placement.until.is_(None)))
        .where(Post.ended_at.is_(None))
        .subquery("held_posts")
    )


@dataclass(frozen=True, slots=True)
class Registered:
    """An enterprise as it is registered."""

    id: int
    facts: EnterpriseFacts


def registered(codes: Iterable[str], names: Iterable[str]) -> list[Registered]:
    """Return the enterprises that have one of these credit codes or names, each once."""
    found: dict[int, Registered] = {}
    for column, values in ((Enterprise.uscc, codes), (Enterprise.name, names)):
        for chunk in in_chunks(values):
            for row in db.session.execute(select(Enterprise.id, *_FACTS).where(column.in_(chunk))):
                found[row.id] = Registered(
                    row.id, EnterpriseFacts(**dict(zip(_FACT_NAMES, row[1:], strict=True)))
                )
    return list(found.values())


def posts_held(enterprise_ids: Iterable[int]) -> list[Row[int, int, str, str, JobRole, str]]:
    """Return the posts held in these enterprises, with their people."""
    rows: list[Row[int, int, str, str, JobRole, str]] = []
    holder = people()
    for chunk in in_chunks(enterprise_ids):
        rows += db.session.execute(
            select(
                Post.id,
                Post.enterprise_id,
                holder.c.phone,
                holder.c.name,
                Post.job_role.label("role"),
                Post.title,
            )
            .join(holder, holder.c.id == Post.account_id)
            .where(Post.enterprise_id.in_(chunk), Post.ended_at.is_(None))
            .order_by(Post.id)
        )
    return rows


def declared_by(enterprise_ids: Iterable[int]) -> Iterator[Row[int, JobRole, int]]:
    """Yield enterprise, role and number of the declared head-counts in force."""
    for chunk in in_chunks(enterprise_ids):
        yield from db.session.execute(
            select(Declaration.enterprise_id, Declaration.job_role, Declaration.people).where(
                Declaration.enterprise_id.in_(chunk), Declaration.superseded_at.is_(None)
            )
        )


def all_regions() -> list[Region]:
    """Return the territory in its official order."""
    return list(db.session.scalars(select(Region).order_by(Region.position, Region.path)))


def enterprises_by_region() -> dict[int, int]:
    """Return how many enterprises each region has itself, by the region's id."""
    rows = db.session.execute(
        select(Enterprise.region_id, func.count(Enterprise.id)).group_by(Enterprise.region_id)
    )
    return {row[0]: row[1] for row in rows}


def enterprises_by_unit() -> dict[int, int]:
    """Return how many enterprises each member unit is responsible for."""
    rows = db.session.execute(
        select(Enterprise.member_unit_id, func.count()).group_by(Enterprise.member_unit_id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def find_by_uscc(uscc: str) -> Enterprise | None:
    """Return the enterprise with this credit code."""
    return db.session.scalar(select(Enterprise).where(Enterprise.uscc == uscc.strip().upper()))


def names_of_enterprises(enterprise_ids: Iterable[int]) -> dict[int, str]:
    """Return names by id."""
    found: dict[int, str] = {}
    for chunk in in_chunks(enterprise_ids):
        rows = db.session.execute(select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_(chunk)))
        found.update({row.id: row.name for row in rows})
    return found


def member_units_by_name() -> dict[str, int]:
    """Return the member units' ids."""
    return {row.name: row.id for row in db.session.execute(select(MemberUnit.name, MemberUnit.id))}


def get_region(path: str) -> Region:
    """Return the region with this path or raise NotFound."""
    region = db.session.scalar(select(Region).where(Region.path == path))
    if region is None:
        raise NotFound(M("没有这个属地：%(path)s", path=path))
    return region
