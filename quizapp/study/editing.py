"""Modules written on pages: added, revised, put into tracks; each change a version, with what it asks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.campaigns.enrolments import record_studied_where, reopen_study
from quizapp.campaigns.models import Enrolment
from quizapp.campaigns.queries import open_tracks
from quizapp.database import lock_for_transaction
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.study import editor_queries, queries
from quizapp.study.drafts import FIELD_NAMES, LONGEST_REASON, STUDIED, Draft, changed_fields, check_draft
from quizapp.study.models import Module, ModuleVersion, Progress, TrackModule


class ModuleOutdated(Conflict):
    """Somebody else has changed the module meanwhile."""

    def __init__(self) -> None:
        super().__init__(M("这项内容刚被别人改过，您的修改没有保存。请刷新后在新版本上再改。"))


def add_module(actor: Actor, draft: Draft) -> Module:
    """Write a new module. Raises Invalid."""
    draft = _settled(draft, None)
    module = Module(slug=f"m-{secrets.token_hex(8)}", kind=draft.kind, **_values(draft))
    db.session.add(module)
    db.session.flush()
    before, after = _place(module, {}, draft.places)
    record_version(actor, module, tracks=(before, after))
    log.record(
        actor,
        "module.add",
        f"module:{module.id}",
        {"kind": draft.kind.value, "title": draft.title, "tracks": after}
        | {"published_at": _plain(draft.published_at)},
    )
    return module


def revise(
    actor: Actor, module_id: int, draft: Draft, *, seen: int, look_again: bool = False, reason: str = ""
) -> int | None:
    """Make the next version of a module and return its number; None when nothing changes.

    `seen` is the number of the version that it was made from. With `look_again` those who had done the
    module must do it anew in tracks that they have not completed. Raises NotFound, Invalid, ModuleOutdated.
    """
    module = _locked(module_id)
    if module.version != seen:
        raise ModuleOutdated
    before = editor_queries.draft_of(module)
    draft = _settled(draft, before.published_at)
    changed = changed_fields(before, draft)
    if look_again:
        _check_reason(changed, reason)
    for name, value in _values(draft).items():
        setattr(module, name, value)
    tracks = _place(module, before.places, draft.places)
    if not changed and tracks[0] == tracks[1]:
        return None
    module.version += 1
    if look_again:
        _ask_again(module)
    _follow(module, before, draft)
    record_version(actor, module, tracks=tracks, look_again=look_again, reason=reason if look_again else "")
    detail = {
        name: [_plain(getattr(before, name)), _plain(getattr(draft, name))]
        for name in changed
        if name != "body"
    }
    if tracks[0] != tracks[1]:
        detail["tracks"] = list(tracks)
    log.record(
        actor,
        "module.revise",
        f"module:{module.id}",
        {"version": module.version, "changed": changed, "values": detail}
        | ({"look_again": reason} if look_again else {}),
    )
    return module.version


def record_version(
    actor: Actor,
    module: Module,
    *,
    tracks: tuple[str, str] = ("", ""),
    look_again: bool = False,
    reason: str = "",
) -> None:
    """Keep a module as it stands as its present version; `tracks` says where it stood before and after."""
    moved = tracks if tracks[0] != tracks[1] else ("", "")
    db.session.add(
        ModuleVersion(
            module_id=module.id,
            number=module.version,
            **{name: getattr(module, name) for name in FIELD_NAMES},
            tracks_before=moved[0],
            tracks_after=moved[1],
            changed_at=clock.now(),
            changed_by=actor.account_id,
            look_again=look_again,
            reason=reason,
        )
    )
    db.session.flush()


def _settled(draft: Draft, published_before: datetime | None) -> Draft:
    """Return a checked draft; nothing is published earlier than now, or study would be owed for the past."""
    check_draft(draft)
    now = clock.now()
    if draft.published_at is not None and draft.published_at != published_before:
        draft = replace(draft, published_at=max(draft.published_at, now))
    return draft


def _check_reason(changed: list[str], reason: str) -> None:
    if STUDIED.isdisjoint(changed):
        raise Invalid(M("内容本身没有改动，不能要求重新学习。"))
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid(M("请写明为什么要重新学习，最多 %(most)s 字。", most=LONGEST_REASON))


def _values(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in FIELD_NAMES} | {"sources": list(draft.sources)}


def _plain(value: object) -> object:
    """Return a value as JSON takes it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _locked(module_id: int) -> Module:
    wanted = select(Module).where(Module.id == module_id)
    found = db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def _place(module: Module, before: Mapping[int, int], wanted: Mapping[int, int]) -> tuple[str, str]:
    """Put the module where it is wanted and take it out elsewhere; return both states in words."""
    lock_for_transaction(db.session, "places of modules")
    tracks = open_tracks(clock.now())
    said_before = editor_queries.places_in_words(tracks, before)
    for track in tracks:
        if before.get(track.id) != wanted.get(track.id):
            _place_in(track.id, module, wanted.get(track.id))
    after = editor_queries.places_of(module.id, [track.id for track in tracks])
    return said_before, editor_queries.places_in_words(tracks, after)


def _place_in(track_id: int, module: Module, place: int | None) -> None:
    """Let the module be this one of the track's, from 1, or none of them; the others keep their order."""
    of_track = TrackModule.track_id == track_id
    order = list(
        db.session.scalars(select(TrackModule.module_id).where(of_track).order_by(TrackModule.position))
    )
    was_there = module.id in order
    order = [one for one in order if one != module.id]
    if place is None:
        db.session.execute(delete(TrackModule).where(of_track, TrackModule.module_id == module.id))
    else:
        order.insert(max(place, 1) - 1, module.id)
    # Out of the way first: no two modules may hold one place even for a moment.
    db.session.execute(update(TrackModule).where(of_track).values(position=-TrackModule.position))
    if place is not None and not was_there:
        since = max(clock.now(), module.published_at or clock.now())
        db.session.add(
            TrackModule(track_id=track_id, module_id=module.id, position=len(order) + 1, required_since=since)
        )
        db.session.flush()
    for number, module_id in enumerate(order, start=1):
        db.session.execute(
            update(TrackModule)
            .where(of_track, TrackModule.module_id == module_id)
            .values(position=number)
        )  # fmt: skip


def _ask_again(module: Module) -> None:
    """Begin an edition: what was credited before counts no more, but for tracks that are completed."""
    done = select(Progress.account_id).where(
        Progress.module_id == module.id, Progress.edition == module.edition, Progress.done_at.is_not(None)
    )
    # Whoever is finishing the module at this moment has finished first, or finds the new edition.
    db.session.execute(
        select(Progress.id).where(Progress.module_id == module.id).order_by(Progress.id).with_for_update()
    )
    now = clock.now()
    tracks = [track.id for track in open_tracks(now)]
    holding = select(TrackModule.track_id).where(
        TrackModule.module_id == module.id, TrackModule.track_id.in_(tracks)
    )
    if module.published_at is not None and module.published_at <= now:
        reopen_study(done, holding, now)
    module.edition += 1
    db.session.flush()


def _follow(module: Module, before: Draft, after: Draft) -> None:
    """Let the enrolments say who has studied all that is asked for, now that less may be asked for."""
    if before.published_at != after.published_at:
        db.session.execute(
            update(TrackModule)
            .where(TrackModule.module_id == module.id)
            .values(required_since=after.published_at)
        )  # fmt: skip
    db.session.flush()
    left = set(before.places) - set(after.places)
    if before.published_at != after.published_at:
        left |= set(before.places)
    if left:
        now = clock.now()
        tracks = select(TrackModule.track_id).where(TrackModule.track_id.in_(left)).distinct()
        record_studied_where(queries.has_studied(Enrolment.account_id, Enrolment.track_id, now), tracks, now)


def count_done(module_id: int) -> int:
    """Return how many people have done the present edition of a module."""
    wanted = select(func.count()).select_from(Progress).join(Module, Module.id == Progress.module_id)
    present = Progress.edition == Module.edition
    return (
        db.session.scalar(wanted.where(Module.id == module_id, present, Progress.done_at.is_not(None))) or 0
    )
