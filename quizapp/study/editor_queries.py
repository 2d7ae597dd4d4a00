"""Reads of modules for those who write them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import ColumnElement, func, or_, select

from quizapp import clock
from quizapp.campaigns.queries import OpenTrack, open_tracks
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M, Message
from quizapp.study.drafts import FIELD_NAMES, Draft
from quizapp.study.kinds import ModuleKind, ModuleState, state_of
from quizapp.study.models import Module, ModuleVersion, TrackModule
from quizapp.web.differing import Difference, pieces
from quizapp.web.display import ROLE_NAMES
from quizapp.web.pages import PER_PAGE, Page


@dataclass(frozen=True, slots=True)
class Listed:
    """A module in the list of all: what it is, how it stands, in which tracks of campaigns not over."""

    module: Module
    state: ModuleState
    tracks: tuple[OpenTrack, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """A version with what it changed; None for the first one."""

    version: ModuleVersion
    changed: list[Difference] | None


def page_of_modules(
    text: str, kind: ModuleKind | None, state: ModuleState | None, number: int
) -> Page[Listed]:
    """Return a page of the modules that are asked for, the newest first."""
    now = clock.now()
    conditions = _conditions(text, kind, state, now)
    total = db.session.scalar(select(func.count()).select_from(Module).where(*conditions)) or 0
    wanted = select(Module).where(*conditions).order_by(Module.id.desc())
    modules = db.session.scalars(wanted.limit(PER_PAGE).offset((number - 1) * PER_PAGE)).all()
    tracks = _tracks_by_module([module.id for module in modules], now)
    rows = [Listed(one, state_of(one.published_at, now), tracks.get(one.id, ())) for one in modules]
    return Page(rows, total, number)


def _conditions(
    text: str, kind: ModuleKind | None, state: ModuleState | None, now: datetime
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if text:
        conditions.append(
            or_(*(column.contains(text, autoescape=True) for column in (Module.title, Module.summary)))
        )
    if kind is not None:
        conditions.append(Module.kind == kind)
    if state is not None:
        conditions.append(
            {
                ModuleState.PUBLISHED: Module.published_at <= now,
                ModuleState.SCHEDULED: Module.published_at > now,
                ModuleState.DRAFT: Module.published_at.is_(None),
            }[state]
        )
    return conditions


def _tracks_by_module(module_ids: Collection[int], now: datetime) -> dict[int, tuple[OpenTrack, ...]]:
    tracks = {track.id: track for track in open_tracks(now)}
    rows = db.session.execute(
        select(TrackModule.module_id, TrackModule.track_id)
        .where(TrackModule.module_id.in_(module_ids), TrackModule.track_id.in_(tracks))
        .order_by(TrackModule.track_id)
    )
    found: dict[int, tuple[OpenTrack, ...]] = {}
    for module_id, track_id in rows:
        found[module_id] = (*found.get(module_id, ()), tracks[track_id])
    return found


def get_module(module_id: int) -> Module:
    """Return a module or raise NotFound."""
    found = db.session.get(Module, module_id)
    if found is None:
        raise NotFound
    return found


def draft_of(module: Module) -> Draft:
    """Return a module as its editor would write it."""
    values = {name: getattr(module, name) for name in FIELD_NAMES} | {"sources": tuple(module.sources)}
    tracks = [track.id for track in open_tracks(clock.now())]
    return Draft(kind=module.kind, **values, places=places_of(module.id, tracks))


def places_of(module_id: int, track_ids: Collection[int]) -> dict[int, int]:
    """Return which one of these tracks' modules it is, from 1, by track."""
    rows = db.session.execute(
        select(TrackModule.track_id, TrackModule.module_id)
        .where(TrackModule.track_id.in_(track_ids))
        .order_by(TrackModule.track_id, TrackModule.position)
    )
    counted: dict[int, int] = {}
    found: dict[int, int] = {}
    for track_id, held in rows:
        counted[track_id] = counted.get(track_id, 0) + 1
        if held == module_id:
            found[track_id] = counted[track_id]
    return found


def places_in_words(tracks: Iterable[OpenTrack], places: Mapping[int, int]) -> str:
    """Return where a module stands, a line for each track: campaign, role, place."""
    return "\n".join(
        f"{track.campaign} · {ROLE_NAMES[track.job_role]} · {places[track.id]}"
        for track in tracks
        if track.id in places
    )


def history(module_id: int) -> list[Past]:
    """Return the versions of a module, the latest first, each with what it changed."""
    wanted = select(ModuleVersion).where(ModuleVersion.module_id == module_id)
    versions = list(db.session.scalars(wanted.order_by(ModuleVersion.number.desc())))
    return [
        Past(version, _differences(before, version) if before else None)
        for version, before in zip_longest(versions, versions[1:])
    ]


def _differences(before: ModuleVersion, after: ModuleVersion) -> list[Difference]:
    found = [
        Difference(field, tuple(pieces(_text(before, name), _text(after, name))))
        for name, field in FIELD_NAMES.items()
        if getattr(before, name) != getattr(after, name)
    ]
    if after.tracks_before != after.tracks_after:
        moved: Message = M("专题")
        found.append(Difference(moved, tuple(pieces(after.tracks_before, after.tracks_after))))
    return found


def _text(version: ModuleVersion, name: str) -> str:
    value = getattr(version, name)
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else str(value)
