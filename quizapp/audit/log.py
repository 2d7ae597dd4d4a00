"""Writing to the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from quizapp import clock
from quizapp.audit.actors import Actor
from quizapp.audit.chain import Entry, seal
from quizapp.audit.models import AuditEntry, AuditHead
from quizapp.extensions import db


def record(actor: Actor, action: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    """Append one entry to the chain, within the caller's transaction.

    `action` is a verb with its noun (``account.sign_in``), `subject` what it was done to
    (``account:12``); `detail` holds plain JSON values and no personal data. Locks the chain's
    head until the transaction ends: record last.
    """
    head = db.session.execute(select(AuditHead.sequence, AuditHead.hash).with_for_update()).one()
    entry = Entry(
        sequence=head.sequence + 1,
        at=clock.now(),
        actor_id=actor.account_id,
        action=action,
        subject=subject,
        detail=detail or {},
        address=actor.address,
    )
    entry_hash = seal(entry, head.hash)
    db.session.execute(
        insert(AuditEntry).values(
            sequence=entry.sequence,
            at=entry.at,
            actor_id=entry.actor_id,
            action=action,
            subject=subject,
            detail=entry.detail,
            address=entry.address,
            previous_hash=head.hash,
            hash=entry_hash,
        )
    )
    db.session.execute(
        update(AuditHead)
        .values(sequence=entry.sequence, hash=entry_hash)
        .execution_options(synchronize_session=False)
    )
