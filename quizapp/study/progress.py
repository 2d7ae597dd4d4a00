"""Crediting study time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, literal, select, update

from quizapp import clock
from quizapp.campaigns.enrolments import record_studied
from quizapp.campaigns.queries import running_tracks
from quizapp.database import Moment, columns, insert_unless_there, table_of
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.study import crediting, queries
from quizapp.study.models import Module, Progress, TrackModule

_progress, _modules, _places = columns(Progress), columns(Module), columns(TrackModule)
_account_id = bindparam("account_id", type_=_progress.account_id.type)
_module_id = bindparam("module_id", type_=_modules.id.type)
_now = bindparam("now", type_=Moment)
#: Whether the module is published and in a running track of the account.
_is_running = (
    select(_places.module_id)
    .where(_modules.published_at <= _now)
    .where(_places.module_id == _module_id, _places.track_id.in_(running_tracks(_account_id, _now)))
    .exists()
)
#: All of the account's, for its last heartbeat in any module: two pages at once share one clock.
_OWN_PROGRESS = (
    select(
        _progress.id,
        _progress.module_id,
        (_progress.edition == _modules.edition).label("is_present"),
        _progress.credited_ms,
        _progress.last_beat_at,
        _progress.end_reached_at,
        _progress.done_at,
        _modules.min_seconds,
        _is_running.label("is_running"),
    )
    .join(Module.__table__, _modules.id == _progress.module_id)
    .where(_progress.account_id == _account_id)
    .order_by(_progress.id)
    .with_for_update(of=Progress.__table__)
)
_CREDIT = (
    update(table_of(Progress))
    .where(_progress.id == bindparam("progress_id"))
    .values(
        credited_ms=bindparam("credited"),
        last_beat_at=bindparam("beat", type_=Moment),
        end_reached_at=bindparam("end", type_=Moment),
        done_at=bindparam("done", type_=Moment),
    )
)
_FIRST_BEAT = {
    "account_id": _account_id,
    "module_id": _modules.id,
    "edition": _modules.edition,
    "credited_ms": literal(0),
    "first_beat_at": _now,
    "last_beat_at": _now,
    "end_reached_at": bindparam("end_reached_at", type_=Moment),
}
_MAY_BEGIN = select(*_FIRST_BEAT.values()).where(_modules.id == _module_id, _is_running)


class NothingToCredit(NotFound):
    """The module is in no running track of the account."""

    def __init__(self) -> None:
        super().__init__(M("这个学习内容不在您当前的专题活动中，不计时。"))


@dataclass(frozen=True, slots=True)
class Credited:
    """Where a module stands after a heartbeat."""

    credited_ms: int
    min_seconds: int
    is_done: bool


def credit(account_id: int, module_id: int, claimed: timedelta, *, at_end: bool) -> Credited:
    """Credit a heartbeat from an open module page.

    `claimed` is how long the page says it was visible since its last heartbeat; `at_end` whether
    its end has been reached. When this finishes the module and with it a track, the enrolments say
    so in the same transaction. Raises NothingToCredit.
    """
    now = clock.now()
    names = {"account_id": account_id, "module_id": module_id, "now": now}
    rows = db.session.execute(_OWN_PROGRESS, names).all()
    mine = next((row for row in rows if row.module_id == module_id and row.is_present), None)
    if mine is None:
        return _begin(account_id, module_id, now, at_end=at_end)
    if not mine.is_running:
        raise NothingToCredit
    earned = crediting.credit(claimed, max(row.last_beat_at for row in rows), now)
    credited_ms = mine.credited_ms + earned // timedelta(milliseconds=1)
    end_reached_at = mine.end_reached_at or (now if at_end else None)
    is_done = crediting.is_done(credited_ms, mine.min_seconds, end_reached=end_reached_at is not None)
    credited = {
        "progress_id": mine.id,
        "credited": credited_ms,
        "beat": max(now, mine.last_beat_at),
        "end": end_reached_at,
        "done": mine.done_at or (now if is_done else None),
    }
    db.session.execute(_CREDIT, credited)
    if is_done and mine.done_at is None:
        record_studied(account_id, queries.finished_tracks(account_id, module_id, now), now)
    return Credited(credited_ms, mine.min_seconds, credited["done"] is not None)


def recognise(at: datetime) -> None:
    """Credit those who were enrolled at this moment with a track whose modules they had all done before."""
    for account_id, track_id, finished_at in queries.finished_before(at):
        record_studied(account_id, select(literal(track_id)), finished_at)


def _begin(account_id: int, module_id: int, now: datetime, *, at_end: bool) -> Credited:
    """The first heartbeat in a module: one statement finds out whether it may be studied and begins."""
    names = {
        "account_id": account_id,
        "module_id": module_id,
        "now": now,
        "end_reached_at": now if at_end else None,
    }
    inserted = db.session.execute(
        insert_unless_there(db.session, Progress)
        .from_select(list(_FIRST_BEAT), _MAY_BEGIN)
        .returning(select(Module.min_seconds).where(Module.id == _module_id).scalar_subquery()),
        names,
    ).one_or_none()
    return Credited(0, inserted[0], is_done=False) if inserted else _begun_elsewhere(account_id, module_id)


def _begun_elsewhere(account_id: int, module_id: int) -> Credited:
    """Another page of this account began the module in the same instant, or it may not be studied."""
    row = db.session.execute(
        select(Progress.credited_ms, Module.min_seconds, Progress.done_at)
        .join(Module, Module.id == Progress.module_id)
        .where(
            Progress.account_id == account_id,
            Progress.module_id == module_id,
            Progress.edition == Module.edition,
        )
    ).one_or_none()
    if row is None:
        raise NothingToCredit
    return Credited(row.credited_ms, row.min_seconds, row.done_at is not None)
