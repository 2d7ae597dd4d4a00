"""What is done with enterprises: registered, changed, suspended, closed; how many people they declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks, refuse
from quizapp.directory.facts import LONGEST_REASON, EnterpriseFacts, ReasonMissing, check_facts
from quizapp.directory.initials import initials
from quizapp.directory.models import Declaration, Enterprise, Placement
from quizapp.directory.roles import EnterpriseState, JobRole
from quizapp.errors import Conflict, Invalid
from quizapp.extensions import db
from quizapp.messages import M


class EnterpriseExists(Conflict):
    """The credit code is registered already."""

    def __init__(self) -> None:
        super().__init__(M("这个统一社会信用代码已经登记过。"))


def register(actor: Actor, facts: EnterpriseFacts, at: datetime) -> int:
    """Register an enterprise and return its id. Raises Invalid and EnterpriseExists."""
    check_facts(facts)
    try:
        with db.session.begin_nested():
            (enterprise_id,) = register_many([facts], at)
    except IntegrityError as error:
        refuse(error, {"uq_enterprises_uscc": EnterpriseExists()})
    log.record(
        actor, "enterprise.register", f"enterprise:{enterprise_id}", {"after": _document(asdict(facts))}
    )
    return enterprise_id


def register_many(many: Sequence[EnterpriseFacts], at: datetime) -> list[int]:
    """Register checked enterprises, return their ids in the same order."""
    if not many:
        return []
    ids = list(
        db.session.scalars(
            insert(Enterprise).returning(Enterprise.id, sort_by_parameter_order=True),
            [
                {
                    **asdict(facts),
                    "initials": initials(facts.name),
                    "state": EnterpriseState.OPERATING,
                    "registered_at": at,
                }
                for facts in many
            ],
        )
    )
    _place((_placement(key, facts) for key, facts in zip(ids, many, strict=True)), at)
    return ids


def change(actor: Actor, enterprise: Enterprise, facts: EnterpriseFacts, at: datetime) -> bool:
    """Bring an enterprise to these facts; False when they are what stands there. Raises as `register`."""
    check_facts(facts)
    after = asdict(facts)
    before = {name: getattr(enterprise, name) for name in after}
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return False
    try:
        with db.session.begin_nested():
            change_many({enterprise.id: facts}, at)
    except IntegrityError as error:
        refuse(error, {"uq_enterprises_uscc": EnterpriseExists()})
    db.session.refresh(enterprise)
    log.record(
        actor,
        "enterprise.change",
        f"enterprise:{enterprise.id}",
        {
            "before": _document({name: before[name] for name in changed}),
            "after": _document({name: after[name] for name in changed}),
        },
    )
    return True


def change_many(many: Mapping[int, EnterpriseFacts], at: datetime) -> None:
    """Bring enterprises, by id, to checked facts; where they count is kept as history."""
    if not many:
        return
    db.session.execute(
        update(Enterprise),
        [
            {"id": enterprise_id, **asdict(facts), "initials": initials(facts.name)}
            for enterprise_id, facts in many.items()
        ],
    )
    for keys in in_chunks(many):
        _place_anew({key: many[key] for key in keys}, at)


def _place_anew(many: Mapping[int, EnterpriseFacts], at: datetime) -> None:
    """End the placements that no longer hold and begin the next."""
    held = db.session.execute(
        select(Placement.enterprise_id, Placement.region_id, Placement.member_unit_id, Placement.scale).where(
            Placement.until.is_(None), Placement.enterprise_id.in_(many)
        )
    )
    moved = [
        after
        for before in held
        if (after := _placement(before.enterprise_id, many[before.enterprise_id])) != before._asdict()
    ]
    _displace([row["enterprise_id"] for row in moved], at)
    _place(moved, at)


def _placement(enterprise_id: int, facts: EnterpriseFacts) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "region_id": facts.region_id,
        "member_unit_id": facts.member_unit_id,
        "scale": facts.scale,
    }


def set_state(
    actor: Actor, enterprise: Enterprise, state: EnterpriseState, reason: str, at: datetime
) -> bool:
    """Suspend, close or reopen an enterprise; False when that is how it stands.

    One that does not operate leaves every coverage from then on. Raises ReasonMissing and Invalid.
    """
    reason = reason.strip()
    if state is enterprise.state:
        return False
    if state is not EnterpriseState.OPERATING and not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise Invalid(M("理由最多 %(most)s 字。", most=LONGEST_REASON))
    before = enterprise.state
    enterprise.state = state
    enterprise.state_reason = reason or None
    enterprise.closed_at = at if state is EnterpriseState.CLOSED else None
    db.session.flush()
    if before is EnterpriseState.OPERATING:
        _displace([enterprise.id], at)
    elif state is EnterpriseState.OPERATING:
        names = ("region_id", "member_unit_id", "scale")
        _place([{"enterprise_id": enterprise.id, **{name: getattr(enterprise, name) for name in names}}], at)
    log.record(
        actor,
        "enterprise.set_state",
        f"enterprise:{enterprise.id}",
        {"before": before, "after": state, "reason": reason},
    )
    return True


def declare(actor: Actor, enterprise_id: int, people: Mapping[JobRole, int | None], at: datetime) -> bool:
    """Take down how many people of each role an enterprise says it has (None: not said any more).

    A new number supersedes the old one, which stays. False when nothing changes. Raises Invalid.
    """
    if any(number is not None and not 0 <= number <= 100_000 for number in people.values()):  # noqa: PLR2004 - more than any enterprise has
        raise Invalid(M("底数应为不小于 0 的整数。"))
    held = declared(enterprise_id)
    changed = {role: number for role, number in people.items() if held.get(role) != number}
    if not changed:
        return False
    declare_many({(enterprise_id, role): number for role, number in changed.items()}, at)
    log.record(
        actor,
        "enterprise.declare",
        f"enterprise:{enterprise_id}",
        {"before": {role: held.get(role) for role in changed}, "after": dict(changed)},
    )
    return True


def declared(enterprise_id: int) -> dict[JobRole, int]:
    """Return the numbers in force."""
    rows = db.session.execute(
        select(Declaration.job_role, Declaration.people).where(
            Declaration.enterprise_id == enterprise_id, Declaration.superseded_at.is_(None)
        )
    )
    return {row.job_role: row.people for row in rows}


def declare_many(many: Mapping[tuple[int, JobRole], int | None], at: datetime) -> None:
    """Supersede the numbers of these enterprises and roles."""
    for role in JobRole:
        for ids in in_chunks(enterprise_id for enterprise_id, of in many if of is role):
            db.session.execute(
                update(Declaration)
                .where(
                    Declaration.enterprise_id.in_(ids),
                    Declaration.job_role == role,
                    Declaration.superseded_at.is_(None),
                )
                .values(superseded_at=at)
                .execution_options(synchronize_session=False)
            )
    rows = [
        {"enterprise_id": enterprise_id, "job_role": role, "people": people, "declared_at": at}
        for (enterprise_id, role), people in many.items()
        if people is not None
    ]
    if rows:
        db.session.execute(insert(Declaration), rows)


def _place(rows: Iterable[Mapping[str, Any]], at: datetime) -> None:
    placed = [{**row, "since": at} for row in rows]
    if placed:
        db.session.execute(insert(Placement), placed)


def _displace(enterprise_ids: Iterable[int], at: datetime) -> None:
    for ids in in_chunks(enterprise_ids):
        db.session.execute(
            update(Placement)
            .where(Placement.enterprise_id.in_(ids), Placement.until.is_(None))
            .values(until=at)
            .execution_options(synchronize_session=False)
        )


def _document(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as plain JSON values for the audit log."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
