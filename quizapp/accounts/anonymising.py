"""Taking out of accounts what says who stands behind them; what they did stays counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, update

from quizapp import clock
from quizapp.accounts.models import Account, ActivationCode, Identity, SecondFactor, SignIn
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks
from quizapp.extensions import db

#: What stands in place of a name.
ANONYMOUS = "（已匿名）"
#: What has rows of its own for an account and is deleted with its name.
TRACES = (SignIn, ActivationCode, SecondFactor, Identity)


def anonymise(actor: Actor, account_ids: Sequence[int]) -> None:
    """Remove name, number, password, devices, codes, identities for good; nobody signs in with them again.

    The number becomes A and the account's id, which no phone number looks like.
    """
    for chunk in in_chunks(account_ids):
        for trace in TRACES:
            gone = delete(trace).where(trace.account_id.in_(chunk))
            db.session.execute(gone.execution_options(synchronize_session=False))
        db.session.execute(update(Account), [_nobody(account_id) for account_id in chunk])
    for account_id in account_ids:
        log.record(actor, "account.anonymise", f"account:{account_id}")


def _nobody(account_id: int) -> dict[str, object]:
    now = clock.now()
    return {
        "id": account_id,
        "name": ANONYMOUS,
        "phone": f"A{account_id:010d}",
        "password_hash": None,
        "password_set_at": None,
        "disabled_at": now,
        "anonymised_at": now,
    }
