"""Reads of the territory and the enterprises."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, select

from quizapp.directory.models import Enterprise, Region
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M


def name_of_enterprise(enterprise_id: Any) -> ScalarSelect[str]:
    """Return the name that belongs to a column of enterprise ids, for use inside another question."""
    return select(Enterprise.name).where(Enterprise.id == enterprise_id).scalar_subquery()


def get_region(path: str) -> Region:
    """Return the region with this path or raise NotFound."""
    region = db.session.scalar(select(Region).where(Region.path == path))
    if region is None:
        raise NotFound(M("没有这个属地：%(path)s", path=path))
    return region
