"""What is held about oneself, and who looked at it."""

from __future__ import annotations

import json
from datetime import datetime

from flask import Blueprint, Response, current_app, render_template
from flask_babel import gettext as _

from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.policy import Action, requires, signed_in
from quizapp.audit import log
from quizapp.extensions import db
from quizapp.privacy import queries
from quizapp.web.exports import attachment

blueprint = Blueprint("privacy", __name__)


@blueprint.get("/me/data")
@requires(Action.SEE_OWN_ACCOUNT)
def index() -> str:
    """Show what is held about oneself and who looked at it."""
    held = queries.held(signed_in().id)
    looks = queries.looks(held)
    return render_template(
        "privacy/index.html",
        held=held,
        looks=looks,
        names=account_queries.names_by_id({look.actor_id for look in looks if look.actor_id}),
        keeping_days=current_app.config["SETTINGS"].personal_data_days,
    )


@blueprint.post("/me/data")
@requires(Action.SEE_OWN_ACCOUNT)
def copy() -> Response:
    """Give a copy of it to take away, and record that."""
    account = signed_in()
    everything = queries.document(queries.held(account.id))
    log.record(policy.actor(), "account.copy_data", f"account:{account.id}")
    db.session.commit()
    text = json.dumps(everything, ensure_ascii=False, indent=1, default=_plain)
    return attachment([text.encode()], f"{_('我的个人信息')}.json", "application/json")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
