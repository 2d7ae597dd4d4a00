"""Reads of modules and progress."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from quizapp import clock
from quizapp.campaigns.queries import enrolled_at, enrolled_tracks
from quizapp.database import Moment, columns, in_chunks, table_of
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.study.kinds import ModuleKind
from quizapp.study.models import Module, ModuleVersion, Progress, TrackModule


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackStep:
    """A module in a track, with what the person has been credited with in it."""

    track_id: int
    module_id: int
    title: str
    kind: ModuleKind
    min_seconds: int
    credited_ms: int
    is_done: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A module opened by somebody."""

    id: int
    title: str
    summary: str
    kind: ModuleKind
    body: str
    address: str
    file_digest: str | None
    subtitles_digest: str | None
    sources: tuple[str, ...]
    edition: int
    min_seconds: int
    credited_ms: int
    end_reached: bool
    done_at: datetime | None


_modules, _places, _progress = columns(Module), columns(TrackModule), columns(Progress)
_account_id = bindparam("account_id", type_=_progress.account_id.type)
_own_progress = and_(
    _progress.module_id == _modules.id,
    _progress.account_id == _account_id,
    _progress.edition == _modules.edition,
)
_is_published = _modules.published_at <= bindparam("now", type_=Moment)
_STEPS = (
    select(
        _places.track_id,
        _modules.id,
        _modules.title,
        _modules.kind,
        _modules.min_seconds,
        func.coalesce(_progress.credited_ms, 0),
        _progress.done_at,
    )
    .join(Module.__table__, _modules.id == _places.module_id)
    .outerjoin(Progress.__table__, _own_progress)
    .where(_places.track_id.in_(bindparam("track_ids", expanding=True)), _is_published)
    .order_by(_places.track_id, _places.position)
)
_READING = (
    select(
        _modules.id,
        _modules.title,
        _modules.summary,
        _modules.kind,
        _modules.body,
        _modules.address,
        _modules.file_digest,
        _modules.subtitles_digest,
        _modules.sources,
        _modules.edition,
        _modules.min_seconds,
        _progress.credited_ms,
        _progress.end_reached_at,
        _progress.done_at,
    )
    .outerjoin(Progress.__table__, _own_progress)
    .where(
        _modules.id == bindparam("module_id"),
        _is_published,
        _modules.id.in_(select(_places.module_id).where(_places.track_id.in_(enrolled_tracks(_account_id)))),
    )
)


def steps(account_id: int, track_ids: Collection[int]) -> dict[int, list[TrackStep]]:
    """Return the modules of each track in their order, with this person's progress."""
    found: dict[int, list[TrackStep]] = {track_id: [] for track_id in track_ids}
    if not found:
        return found
    names = {"account_id": account_id, "track_ids": list(track_ids), "now": clock.now()}
    rows = db.session.execute(_STEPS, names)
    for track_id, module_id, title, kind, min_seconds, credited_ms, done_at in rows:
        step = TrackStep(
            track_id=track_id,
            module_id=module_id,
            title=title,
            kind=kind,
            min_seconds=min_seconds,
            credited_ms=credited_ms,
            is_done=done_at is not None,
        )
        found[track_id].append(step)
    return found


def get_reading(account_id: int, module_id: int) -> Reading:
    """Return a module of one of the account's tracks or raise NotFound."""
    names = {"account_id": account_id, "module_id": module_id, "now": clock.now()}
    row = db.session.execute(_READING, names).one_or_none()
    if row is None:
        raise NotFound
    return _reading(row)


def reason_to_look_again(account_id: int, reading: Reading) -> str:
    """Return why somebody must do a module again that they had done, "" where they need not."""
    if reading.edition == 1 or reading.done_at is not None:
        return ""
    had_done = select(Progress.id).where(
        Progress.account_id == account_id, Progress.module_id == reading.id, Progress.done_at.is_not(None)
    )
    wanted = (
        select(ModuleVersion.reason)
        .where(ModuleVersion.module_id == reading.id, ModuleVersion.look_again, had_done.exists())
        .order_by(ModuleVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(wanted) or ""


def _reading(row: Any) -> Reading:
    return Reading(
        id=row.id,
        title=row.title,
        summary=row.summary,
        kind=row.kind,
        body=row.body,
        address=row.address,
        file_digest=row.file_digest,
        subtitles_digest=row.subtitles_digest,
        sources=tuple(row.sources),
        edition=row.edition,
        min_seconds=row.min_seconds,
        credited_ms=row.credited_ms or 0,
        end_reached=row.end_reached_at is not None,
        done_at=row.done_at,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PastReading:
    """What somebody has been credited with in a module, and when."""

    title: str
    credited_ms: int
    first_beat_at: datetime
    last_beat_at: datetime
    done_at: datetime | None


def readings_of(account_id: int) -> list[PastReading]:
    """Return what somebody has studied, the latest first."""
    rows = db.session.execute(
        select(
            _modules.title,
            _progress.credited_ms,
            _progress.first_beat_at,
            _progress.last_beat_at,
            _progress.done_at,
        )
        .join(Progress.__table__, _progress.module_id == _modules.id)
        .where(_progress.account_id == account_id)
        .order_by(_progress.last_beat_at.desc(), _progress.id.desc())
    )
    return [PastReading(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def who_began(account_ids: Iterable[int]) -> set[int]:
    """Return which of these people have opened a module."""
    found: set[int] = set()
    for chunk in in_chunks(account_ids):
        found.update(db.session.scalars(select(Progress.account_id).where(Progress.account_id.in_(chunk))))
    return found


def finished_before(at: datetime) -> list[tuple[int, int, datetime]]:
    """Return account, track and moment where somebody enrolled at `at` had done all the modules before."""
    enrolled = enrolled_at(at)
    statement = (
        select(enrolled.c.account_id, enrolled.c.track_id, func.max(_progress.done_at))
        .join(TrackModule.__table__, _places.track_id == enrolled.c.track_id)
        .join(Module.__table__, _modules.id == _places.module_id)
        .outerjoin(
            Progress.__table__,
            and_(
                _progress.module_id == _modules.id,
                _progress.account_id == enrolled.c.account_id,
                _progress.edition == _modules.edition,
            ),
        )
        .where(enrolled.c.studied_at.is_(None), _modules.published_at <= at)
        .group_by(enrolled.c.account_id, enrolled.c.track_id)
        .having(func.count() == func.count(_progress.done_at))
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(statement)]


def finished_tracks(account_id: int, module_id: int, at: datetime) -> Select[int]:
    """Return the question "which tracks with this module has the account wholly studied"."""
    return select(TrackModule.track_id).where(
        TrackModule.module_id == module_id, has_studied(account_id, TrackModule.track_id, at)
    )


def has_studied(account_id: Any, track_id: Any, at: datetime) -> ColumnElement[bool]:
    """Return the condition that an account has done every module that a track asks for at a moment.

    Published modules are asked for, in their present edition; a track that asks for nothing is not studied.
    """
    place, module, done = (table_of(model).alias() for model in (TrackModule, Module, Progress))
    asked = (
        select(place.c.module_id)
        .join(module, module.c.id == place.c.module_id)
        .where(place.c.track_id == track_id, module.c.published_at <= at)
    )
    undone = asked.outerjoin(
        done,
        and_(
            done.c.module_id == module.c.id,
            done.c.account_id == account_id,
            done.c.edition == module.c.edition,
            done.c.done_at.is_not(None),
        ),
    ).where(done.c.id.is_(None))
    return and_(asked.exists(), ~undone.exists())
