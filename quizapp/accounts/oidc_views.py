"""Signing in by an identity provider, and linking the own account with it. Without a provider: 404."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import accounts, entering, identities, oidc, policy, second_factors
from quizapp.accounts.claims import Proved
from quizapp.accounts.forms import LinkForm
from quizapp.accounts.policy import Action, requires
from quizapp.accounts.throttling import TooManyTries
from quizapp.database import writing_apart
from quizapp.errors import Invalid, NotFound
from quizapp.extensions import db
from quizapp.web.redirects import own_path

#: Where the cookie keeps, for a few minutes, which identity is to be linked once the password is given.
LINKING = "linking"
LINKING_SECONDS = 300

blueprint = Blueprint("oidc", __name__)


@blueprint.before_request
def answer_with_a_provider_only() -> None:
    """Without a provider there is nothing here."""
    if not oidc.is_on():
        raise NotFound


@blueprint.get("/sign-in/oidc")
@requires(Action.SIGN_IN)
def begin() -> Response:
    """Send the browser to the provider to sign in."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    return oidc.begin(_callback(), oidc.Errand(own_path(request.args.get("next", "")), linking=None))


def _callback() -> str:
    return url_for("oidc.come_back", _external=True)


@blueprint.get("/sign-in/oidc/callback")
@requires(Action.SIGN_IN)
def come_back() -> Response:
    """Sign in who comes back from the provider, or ask for the password of who came to be linked."""
    who, errand = oidc.finish()
    if errand.linking is not None:
        return _ask_to_link(who, errand.linking)
    # A provider sends the browser back by GET, and yet a sign-in is written: in a transaction of its own.
    with writing_apart(db.session()):
        return _sign_in(who, errand.ahead)


def _sign_in(who: Proved, ahead: str | None) -> Response:
    try:
        account, is_linked = identities.recognise(who)
    except identities.Unrecognised as refusal:
        identities.record_refused_sign_in(policy.actor(), refusal)
        db.session.commit()
        raise
    fresh = None if is_linked else who
    if second_factors.is_in_force(account.id):
        entering.remember_proved(account, ahead, fresh)
        return redirect(url_for("accounts.second_step_form"))
    entering.enter(account, (who.issuer, who.subject) if fresh else None)
    return redirect(ahead or url_for("home.index"))


def _ask_to_link(who: Proved, account_id: int) -> Response:
    """Keep who it is at the provider, for the account that asked; another is refused."""
    if not current_user.is_authenticated or policy.signed_in().id != account_id:
        raise oidc.ErrandOver
    session[LINKING] = {
        "account": account_id,
        "at": clock.now().timestamp(),
        "identity": [who.issuer, who.subject],
        "label": who.label,
    }
    return redirect(url_for("oidc.link_form"))


@blueprint.get("/me/identity/begin")
@requires(Action.SEE_OWN_ACCOUNT)
def begin_linking() -> Response:
    """Send the browser to the provider to link the own account."""
    return oidc.begin(_callback(), oidc.Errand(ahead=None, linking=policy.signed_in().id))


@blueprint.get("/me/identity")
@requires(Action.SEE_OWN_ACCOUNT)
def link_form() -> str | Response:
    """Show who it was at the provider, and ask for the password before the two are linked."""
    linking = _linking()
    if linking is None:
        return redirect(url_for("accounts.security"))
    return _link_page(LinkForm(), linking)


def _link_page(form: LinkForm, linking: dict[str, Any]) -> str:
    return render_template("accounts/link_identity.html", form=form, label=linking["label"])


@blueprint.post("/me/identity")
@requires(Action.SEE_OWN_ACCOUNT)
def link() -> Response | tuple[str, int]:
    """Link the identity with the own account, against the password.

    Without the password a strange page, in a browser that is signed in at the provider as somebody
    else, could have that somebody linked.
    """
    form, linking = LinkForm(), _linking()
    if linking is None:
        return redirect(url_for("accounts.security"))
    if not form.validate_on_submit():
        return _link_page(form, linking), Invalid.status
    phone = policy.signed_in().phone
    try:
        accounts.prove(policy.actor(), phone, form.current.data)
    except TooManyTries as refusal:
        form.current.errors = [refusal.message.render(_)]
        return _link_page(form, linking), refusal.status
    except accounts.WrongCredentials:
        accounts.record_refused_sign_in(policy.actor(), phone)
        db.session.commit()
        form.current.errors = [_("现在的密码不正确。")]
        return _link_page(form, linking), Invalid.status
    identities.link(policy.actor(), linking["account"], *linking["identity"])
    db.session.commit()
    del session[LINKING]
    flash(_("已关联。以后可以用它登录。"))
    return redirect(url_for("accounts.security"))


def _linking() -> dict[str, Any] | None:
    """Return the identity that the own account is to be linked with, None after a few minutes."""
    held: dict[str, Any] | None = session.get(LINKING)
    if held is None or held["account"] != policy.signed_in().id:
        return None
    return held if clock.now().timestamp() - held["at"] <= LINKING_SECONDS else None


@blueprint.post("/me/identity/unlink")
@requires(Action.SEE_OWN_ACCOUNT)
def unlink() -> Response:
    """Let the identity open the own account no more."""
    identities.unlink(policy.actor(), policy.signed_in().id, oidc.issuer())
    db.session.commit()
    flash(_("已取消关联。"))
    return redirect(url_for("accounts.security"))
