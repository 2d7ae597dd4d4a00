"""Crediting study time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, bindparam, literal, select

from quizapp import clock
from quizapp.campaigns.enrolments import record_studied
from quizapp.campaigns.queries import running_tracks
from quizapp.database import Moment, insert_unless_there
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.study import crediting, queries
from quizapp.study.models import Module, Progress, TrackModule

_account_id = bindparam("account_id", type_=Progress.account_id.type)
_module_id = bindparam("module_id", type_=Module.id.type)
_now = bindparam("now", type_=Moment)
#: Whether the module is in a running track of the account.
_is_running = (
    select(TrackModule.module_id)
    .where(TrackModule.module_id == _module_id, TrackModule.track_id.in_(running_tracks(_account_id, _now)))
    .exists()
)
_OWN_PROGRESS = (
    select(Progress, Module.min_seconds, _is_running)
    .join(Module, Module.id == Progress.module_id)
    .where(Progress.account_id == _account_id)
    .order_by(Progress.id)
    .with_for_update(of=Progress)
)
_FIRST_BEAT = {
    "account_id": _account_id,
    "module_id": Module.id,
    "credited_ms": literal(0),
    "first_beat_at": _now,
    "last_beat_at": _now,
    "end_reached_at": bindparam("end_reached_at", type_=Moment),
}
_MAY_BEGIN = select(*_FIRST_BEAT.values()).where(Module.id == _module_id, _is_running)


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
    mine = next((row for row in rows if row[0].module_id == module_id), None)
    if mine is None:
        return _begin(account_id, module_id, now, at_end=at_end)
    progress, min_seconds, is_running = mine[0], mine[1], mine[2]
    if not is_running:
        raise NothingToCredit
    earned = crediting.credit(claimed, _last_beat(rows), now)
    progress.credited_ms += earned // timedelta(milliseconds=1)
    progress.last_beat_at = max(now, progress.last_beat_at)
    if at_end and progress.end_reached_at is None:
        progress.end_reached_at = now
    _finish_if_done(progress, min_seconds, now)
    return Credited(progress.credited_ms, min_seconds, progress.done_at is not None)


def _last_beat(rows: Sequence[Row[Progress, int, bool]]) -> datetime | None:
    """Return the account's last heartbeat in any module: two pages at once share one clock."""
    return max((row[0].last_beat_at for row in rows), default=None)


def _finish_if_done(progress: Progress, min_seconds: int, now: datetime) -> None:
    ended = progress.end_reached_at is not None
    if progress.done_at is None and crediting.is_done(progress.credited_ms, min_seconds, end_reached=ended):
        progress.done_at = now
        db.session.flush()
        finished = queries.finished_tracks(progress.account_id, progress.module_id)
        record_studied(progress.account_id, finished, now)


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
        .where(Progress.account_id == account_id, Progress.module_id == module_id)
    ).one_or_none()
    if row is None:
        raise NothingToCredit
    return Credited(row.credited_ms, row.min_seconds, row.done_at is not None)
