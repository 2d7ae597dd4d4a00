"""Reads of the territory and the enterprises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Row, ScalarSelect, Subquery, and_, select

from quizapp.accounts.queries import people
from quizapp.database import in_chunks
from quizapp.directory.facts import EnterpriseFacts
from quizapp.directory.models import Declaration, Enterprise, MemberUnit, Placement, Post, Region
from quizapp.directory.roles import JobRole
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M

_FACT_NAMES = tuple(field.name for field in fields(EnterpriseFacts))
_FACTS = tuple(getattr(Enterprise, name) for name in _FACT_NAMES)


def name_of_enterprise(enterprise_id: Any) -> ScalarSelect[str]:
    """Return the name that belongs to a column of enterprise ids, for use inside another question."""
    return select(Enterprise.name).where(Enterprise.id == enterprise_id).scalar_subquery()


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


def member_units_by_name() -> dict[str, int]:
    """Return the member units' ids."""
    return {row.name: row.id for row in db.session.execute(select(MemberUnit.name, MemberUnit.id))}


def get_region(path: str) -> Region:
    """Return the region with this path or raise NotFound."""
    region = db.session.scalar(select(Region).where(Region.path == path))
    if region is None:
        raise NotFound(M("没有这个属地：%(path)s", path=path))
    return region
