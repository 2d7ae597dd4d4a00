"""Staff work that accounts are granted, each within a place; giving and withdrawing ends their sign-ins."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.accounts import sign_ins
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Grant
from quizapp.accounts.signed_in import HeldGrant
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks
from quizapp.errors import Invalid
from quizapp.extensions import db
from quizapp.messages import M


def give(actor: Actor, account_id: int, wanted: HeldGrant) -> bool:
    """Grant an account staff work in a place and sign it out everywhere; False when it has that already.

    A learner's sign-in may be a week old and stand on a borrowed phone: it must not become one of staff.
    Raises Invalid when the place does not fit the kind, or does not exist.
    """
    place = {
        "region_path": wanted.region_path,
        "member_unit_id": wanted.member_unit_id,
        "enterprise_id": wanted.enterprise_id,
    }
    same_place = [
        column.is_(None) if place[column.key] is None else column == place[column.key]
        for column in (Grant.region_path, Grant.member_unit_id, Grant.enterprise_id)
    ]
    held = select(Grant.id).where(
        Grant.account_id == account_id, Grant.kind == wanted.kind, Grant.withdrawn_at.is_(None), *same_place
    )
    if db.session.scalar(held) is not None:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(Grant(account_id=account_id, kind=wanted.kind, granted_at=clock.now(), **place))
    except IntegrityError as error:
        raise Invalid(
            M("授权的范围不合适：镇街工作人员须指定属地，成员单位人员须指定成员单位，联络员须指定企业。")
        ) from error
    sign_ins.end_all(account_id)
    log.record(actor, "account.grant", f"account:{account_id}", {"kind": wanted.kind, **place})
    return True


def withdraw(actor: Actor, grant: Grant) -> None:
    """Take a grant back and sign its account out everywhere; again changes nothing."""
    if grant.withdrawn_at is not None:
        return
    grant.withdrawn_at = clock.now()
    db.session.flush()
    sign_ins.end_all(grant.account_id)
    detail = {
        "kind": grant.kind,
        "region_path": grant.region_path,
        "member_unit_id": grant.member_unit_id,
        "enterprise_id": grant.enterprise_id,
    }
    log.record(actor, "account.withdraw_grant", f"account:{grant.account_id}", detail)


def withdraw_contacts(actor: Actor, leavers: Collection[tuple[int, int]]) -> None:
    """Take back what contacts held in an enterprise that they, (account, enterprise), have left."""
    for chunk in in_chunks({account_id for account_id, _ in leavers}):
        held = db.session.scalars(
            select(Grant).where(
                Grant.account_id.in_(chunk),
                Grant.kind == GrantKind.ENTERPRISE_CONTACT,
                Grant.withdrawn_at.is_(None),
            )
        )
        for grant in held.all():
            if (grant.account_id, grant.enterprise_id) in leavers:
                withdraw(actor, grant)
