"""Reads of the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select

from quizapp.audit.chain import GENESIS, Entry, seal
from quizapp.audit.models import AuditEntry, AuditHead
from quizapp.extensions import db
from quizapp.messages import M, Message

CHUNK = 2000
PER_PAGE = 50
MOST_ACTS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditFilter:
    """Which entries are asked for; None and "" do not narrow. `until` itself is not within."""

    actor_id: int | None = None
    action: str = ""
    subject: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries(asked: AuditFilter, *, before: int | None = None, most: int | None) -> Select[AuditEntry]:
    """Return the question for entries, the latest first, from the one `before` this sequence number on."""
    conditions = [
        column == value
        for column, value in (
            (AuditEntry.actor_id, asked.actor_id),
            (AuditEntry.action, asked.action),
            (AuditEntry.subject, asked.subject),
            (AuditEntry.address, asked.address),
        )
        if value not in {None, ""}
    ]
    if asked.since is not None:
        conditions.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        conditions.append(AuditEntry.at < asked.until)
    if before is not None:
        conditions.append(AuditEntry.sequence < before)
    return select(AuditEntry).where(*conditions).order_by(AuditEntry.sequence.desc()).limit(most)


def page_of_entries(
    asked: AuditFilter, before: int | None, per_page: int = PER_PAGE
) -> tuple[list[AuditEntry], bool]:
    """Return a page of entries, the latest first, and whether there are older ones."""
    found = list(db.session.scalars(entries(asked, before=before, most=per_page + 1)))
    return found[:per_page], len(found) > per_page


def stream_entries(asked: AuditFilter) -> Iterator[AuditEntry]:
    """Yield all entries asked for, the latest first, without keeping them."""
    yield from db.session.scalars(entries(asked, most=None).execution_options(yield_per=CHUNK))


def acts_on(subjects: Collection[str], *, not_by: int) -> list[AuditEntry]:
    """Return what others did to or saw of these things, the latest first."""
    others = or_(AuditEntry.actor_id != not_by, AuditEntry.actor_id.is_(None))
    wanted = select(AuditEntry).where(AuditEntry.subject.in_(subjects), others)
    return list(db.session.scalars(wanted.order_by(AuditEntry.sequence.desc()).limit(MOST_ACTS)))


def broken_links() -> Iterator[Message]:
    """Walk the whole chain; yield a sentence for each entry that is missing, changed or cut off."""
    previous_hash, expected = GENESIS, 1
    entries = db.session.scalars(
        select(AuditEntry).order_by(AuditEntry.sequence).execution_options(yield_per=CHUNK)
    )
    for entry in entries:
        if entry.sequence != expected:
            yield M("第 %(number)s 条记录缺失。", number=expected)
        if entry.previous_hash != previous_hash:
            yield M("第 %(number)s 条记录与前一条不衔接。", number=entry.sequence)
        if entry.hash != seal(_facts(entry), entry.previous_hash):
            yield M("第 %(number)s 条记录被改动。", number=entry.sequence)
        previous_hash, expected = entry.hash, entry.sequence + 1
    head = db.session.execute(select(AuditHead.sequence, AuditHead.hash)).one_or_none()
    if tuple(head or (0, GENESIS)) != (expected - 1, previous_hash):
        yield M("日志末尾与记录的终点不一致，可能被截断。")


def count_entries() -> int:
    """Return how many entries the chain says it has."""
    return db.session.scalar(select(AuditHead.sequence)) or 0


def _facts(entry: AuditEntry) -> Entry:
    return Entry(
        sequence=entry.sequence,
        at=entry.at,
        actor_id=entry.actor_id,
        action=entry.action,
        subject=entry.subject,
        detail=entry.detail,
        address=entry.address,
    )
