"""What is done with the territory and the member units: added, renamed."""

from __future__ import annotations

import re

from sqlalchemy.exc import IntegrityError

from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import refuse
from quizapp.directory import queries
from quizapp.directory.models import MemberUnit, Region
from quizapp.directory.roles import RegionKind
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.extensions import db
from quizapp.messages import M

LONGEST_NAME = 60
MARK = re.compile(r"[a-z0-9-]{1,30}")


class RegionExists(Conflict):
    """There is a region with this mark below the same one."""

    def __init__(self) -> None:
        super().__init__(M("这个上级下已有相同标识的属地。"))


class UnitExists(Conflict):
    """There is a member unit of this name."""

    def __init__(self) -> None:
        super().__init__(M("已有这个名称的成员单位。"))


def add_region(actor: Actor, *, above: str, mark: str, name: str, kind: RegionKind) -> Region:
    """Add a region below another. Raises NotFound, Invalid and RegionExists."""
    queries.get_region(above)
    _check_name(name)
    if not MARK.fullmatch(mark):
        raise Invalid(M("标识用小写字母、数字和连字符，最多 30 位。"))
    position = max((region.position for region in queries.all_regions()), default=0) + 1
    region = Region(path=f"{above}/{mark}", name=name, kind=kind, position=position)
    try:
        with db.session.begin_nested():
            db.session.add(region)
    except IntegrityError as error:
        refuse(error, {"uq_regions_path": RegionExists()})
    log.record(actor, "region.add", f"region:{region.path}", {"name": name, "kind": kind})
    return region


def rename_region(actor: Actor, region_id: int, name: str) -> bool:
    """Give a region another name; False when it has that. Raises NotFound and Invalid."""
    region = db.session.get(Region, region_id)
    if region is None:
        raise NotFound
    _check_name(name)
    if region.name == name:
        return False
    before, region.name = region.name, name
    db.session.flush()
    log.record(actor, "region.rename", f"region:{region.path}", {"before": before, "after": name})
    return True


def add_unit(actor: Actor, name: str) -> MemberUnit:
    """Add a member unit. Raises Invalid and UnitExists."""
    _check_name(name)
    unit = MemberUnit(name=name)
    try:
        with db.session.begin_nested():
            db.session.add(unit)
    except IntegrityError as error:
        refuse(error, {"uq_member_units_name": UnitExists()})
    log.record(actor, "member_unit.add", f"member_unit:{unit.id}", {"name": name})
    return unit


def rename_unit(actor: Actor, unit_id: int, name: str) -> bool:
    """Give a member unit another name; False when it has that. Raises NotFound, Invalid and UnitExists."""
    unit = db.session.get(MemberUnit, unit_id)
    if unit is None:
        raise NotFound
    _check_name(name)
    if unit.name == name:
        return False
    before = unit.name
    try:
        with db.session.begin_nested():
            unit.name = name
            db.session.flush()
    except IntegrityError as error:
        refuse(error, {"uq_member_units_name": UnitExists()})
    log.record(actor, "member_unit.rename", f"member_unit:{unit_id}", {"before": before, "after": name})
    return True


def _check_name(name: str) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(M("名称为 1 到 %(most)s 字。", most=LONGEST_NAME))
