"""Whose account an identity at an OpenID Connect provider opens: linked, unlinked; never made."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.accounts import queries
from quizapp.accounts.claims import Proved
from quizapp.accounts.models import Account, Identity
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import refuse
from quizapp.errors import Conflict, NotAllowed
from quizapp.extensions import db
from quizapp.messages import M, Message


class Unrecognised(NotAllowed):
    """The identity opens no account; `account_id` is the one that it would have opened."""

    def __init__(self, message: Message, account_id: int | None = None) -> None:
        super().__init__(message)
        self.account_id = account_id


class NotOnRoster(Unrecognised):
    """The identity is not linked, and no verified number of it leads to an account that can be linked."""

    def __init__(self) -> None:
        super().__init__(
            M(
                "您的身份已确认，但没有找到可以登录的账号：身份平台没有提供已核验的手机号，或名册中没有这个手机号。"
                "请用手机号和密码登录，再到“账号安全”中关联；还没有账号的，请联系本企业联络员。"
            )
        )


class AccountDisabled(Unrecognised):
    """The account may not sign in any more."""

    def __init__(self, account_id: int) -> None:
        super().__init__(M("您的账号已停用，不能登录。请联系本企业联络员或属地工作人员。"), account_id)


class IdentityTaken(Conflict):
    """The identity belongs to another account."""

    def __init__(self) -> None:
        super().__init__(M("这个身份已关联到另一个账号，不能再关联。请核对您登录身份平台的是不是本人。"))


class OtherIdentityLinked(Conflict):
    """The account has another identity of this provider."""

    def __init__(self) -> None:
        super().__init__(M("您的账号已关联另一个身份。要更换，请先取消关联。"))


def recognise(who: Proved) -> tuple[Account, bool]:
    """Return whose account a proved identity opens, and whether it is linked to it.

    Where it is not, the provider has verified the account's number, and whoever signs the person in
    links the two. Raises NotOnRoster and AccountDisabled.
    """
    linked = queries.find_by_identity(who.issuer, who.subject)
    account = linked or _find_by_number(who)
    if account is None:
        raise NotOnRoster
    if not account.is_active:
        raise AccountDisabled(account.id)
    return account, linked is not None


def _find_by_number(who: Proved) -> Account | None:
    account = queries.find_by_phone(who.phone) if who.phone else None
    if account is None or queries.find_identity(account.id, who.issuer):
        return None
    return account


def link(actor: Actor, account_id: int, issuer: str, subject: str) -> None:
    """Let an identity open an account from now on; again changes nothing.

    Raises IdentityTaken and OtherIdentityLinked.
    """
    held = queries.find_identity(account_id, issuer)
    if held is not None and held.subject == subject:
        return
    identity = Identity(issuer=issuer, subject=subject, account_id=account_id, linked_at=clock.now())
    try:
        with db.session.begin_nested():
            db.session.add(identity)
    except IntegrityError as error:
        refusals: dict[str, Exception] = {
            "uq_identities_issuer_subject": IdentityTaken(),
            "uq_identities_account_id_issuer": OtherIdentityLinked(),
        }
        refuse(error, refusals)
    log.record(actor, "account.link_identity", f"account:{account_id}", {"issuer": issuer})


def unlink(actor: Actor, account_id: int, issuer: str) -> None:
    """Let the account's identity at this issuer open it no more; again changes nothing."""
    gone = (
        delete(Identity)
        .where(Identity.account_id == account_id, Identity.issuer == issuer)
        .returning(Identity.id)
    )
    if db.session.scalar(gone) is not None:
        log.record(actor, "account.unlink_identity", f"account:{account_id}", {"issuer": issuer})


def record_refused_sign_in(actor: Actor, refusal: Unrecognised) -> None:
    """Record that a proved identity opened no account; nobody has guessed, so nobody is slowed down."""
    subject = f"account:{refusal.account_id or 'unknown'}"
    log.record(actor, "account.refuse_sign_in", subject, {"by": "identity"})
