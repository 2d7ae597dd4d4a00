"""Reads of the territory and the enterprises."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Subquery, and_, select

from quizapp.directory.models import Enterprise, Placement, Post, Region
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M


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


def get_region(path: str) -> Region:
    """Return the region with this path or raise NotFound."""
    region = db.session.scalar(select(Region).where(Region.path == path))
    if region is None:
        raise NotFound(M("没有这个属地：%(path)s", path=path))
    return region
