"""Reads of the audit log."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from quizapp.audit.chain import GENESIS, Entry, seal
from quizapp.audit.models import AuditEntry, AuditHead
from quizapp.extensions import db
from quizapp.messages import M, Message

CHUNK = 2000


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
