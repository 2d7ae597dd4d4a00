"""Signing in and out, the own account, the language."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from quizapp.accounts import accounts, activations, policy
from quizapp.accounts.forms import ActivationForm, SignInForm
from quizapp.accounts.policy import Action, requires
from quizapp.accounts.throttling import TooManyTries
from quizapp.audit import log
from quizapp.errors import Invalid
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.web.language import LANGUAGES
from quizapp.web.redirects import own_path

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
@requires(Action.SIGN_IN)
def sign_in_form() -> str | Response:
    """Show the sign-in form."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    return render_template("accounts/sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
@requires(Action.SIGN_IN)
def sign_in() -> str | Response | tuple[str, int]:
    """Sign in and go on to where the person was heading."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), Invalid.status
    try:
        account = accounts.sign_in(policy.actor(), form.phone.data, form.password.data)
    except TooManyTries as refusal:
        db.session.rollback()
        form.password.errors = [refusal.message.render(_)]
        return render_template("accounts/sign_in.html", form=form), refusal.status
    except accounts.WrongCredentials as refusal:
        accounts.record_refused_sign_in(policy.actor(), form.phone.data)
        db.session.commit()
        form.password.errors = [refusal.message.render(_)]
        return render_template("accounts/sign_in.html", form=form), refusal.status
    db.session.commit()
    _forget_session()
    session.permanent = True
    login_user(account)
    return redirect(own_path(request.args.get("next", "")) or url_for("home.index"))


@blueprint.get("/activate")
@requires(Action.ACTIVATE)
def activation_form() -> str:
    """Ask for the one-time code and a password."""
    return render_template("accounts/activate.html", form=ActivationForm())


@blueprint.post("/activate")
@requires(Action.ACTIVATE)
def activate() -> Response | tuple[str, int]:
    """Set the password by a one-time code, and sign in."""
    form = ActivationForm()
    if not form.validate_on_submit():
        return render_template("accounts/activate.html", form=form), Invalid.status
    try:
        account = activations.activate(
            policy.actor(), phone=form.phone.data, code=form.code.data, password=form.password.data
        )
    except activations.WrongCode as refusal:
        activations.record_failure(policy.actor(), form.phone.data)
        db.session.commit()
        form.code.errors = [refusal.message.render(_)]
        return render_template("accounts/activate.html", form=form), refusal.status
    except (Invalid, TooManyTries) as refusal:
        db.session.rollback()
        form.password.errors = [refusal.message.render(_)]
        return render_template("accounts/activate.html", form=form), refusal.status
    db.session.commit()
    _forget_session()
    session.permanent = True
    login_user(account)
    flash(_("密码已设置，您已登录。"))
    return redirect(url_for("home.index"))


def _forget_session() -> None:
    """Leave nothing of who was there before but the language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


@blueprint.post("/sign-out")
@requires(Action.SEE_OWN_ACCOUNT)
def sign_out() -> Response:
    """Sign out on this device."""
    log.record(policy.actor(), "account.sign_out", f"account:{policy.signed_in().id}")
    db.session.commit()
    logout_user()
    _forget_session()
    flash(_("您已退出登录。"))
    return redirect(url_for("accounts.sign_in_form"))


@blueprint.post("/language")
@requires(Action.CHOOSE_LANGUAGE)
def choose_language() -> Response:
    """Switch the language of the pages."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Invalid(M("没有这种语言。"))
    session["language"] = language
    return redirect(own_path(request.form.get("next", "")) or url_for("home.index"))
