"""Signing in and out, the own account, the language."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import accounts, activations, entering, oidc, policy, queries, second_factors, sign_ins
from quizapp.accounts.forms import ActivationForm, PasswordForm, SecondFactorForm, SignInForm
from quizapp.accounts.policy import Action, requires
from quizapp.accounts.throttling import TooManyTries
from quizapp.audit import log
from quizapp.errors import AppError, Invalid
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.web.language import LANGUAGES
from quizapp.web.pictures import svg_picture
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
        account, has_second_factor = accounts.prove(policy.actor(), form.phone.data, form.password.data)
    except TooManyTries as refusal:
        db.session.rollback()
        form.password.errors = [refusal.message.render(_)]
        return render_template("accounts/sign_in.html", form=form), refusal.status
    except accounts.WrongCredentials as refusal:
        accounts.record_refused_sign_in(policy.actor(), form.phone.data)
        db.session.commit()
        form.password.errors = [refusal.message.render(_)]
        return render_template("accounts/sign_in.html", form=form), refusal.status
    ahead = own_path(request.args.get("next", ""))
    if has_second_factor:
        entering.remember_proved(account, ahead)
        return redirect(url_for("accounts.second_step_form"))
    entering.enter(account)
    return redirect(ahead or url_for("home.index"))


@blueprint.get("/sign-in/code")
@requires(Action.SIGN_IN)
def second_step_form() -> str | Response:
    """Ask for the second factor of who has just given the password."""
    if entering.proved() is None:
        return redirect(url_for("accounts.sign_in_form"))
    return render_template("accounts/second_step.html", form=SecondFactorForm())


@blueprint.post("/sign-in/code")
@requires(Action.SIGN_IN)
def second_step() -> Response | tuple[str, int]:
    """Check the second factor and sign in."""
    proved = entering.proved()
    if proved is None:
        return redirect(url_for("accounts.sign_in_form"))
    account = queries.get_account(proved["account"])
    if account.password_set_at is not None and account.password_set_at.timestamp() > proved["at"]:
        return redirect(url_for("accounts.sign_in_form"))  # the password that was given is no longer theirs
    form = SecondFactorForm()
    if not form.validate_on_submit():
        return render_template("accounts/second_step.html", form=form), Invalid.status
    try:
        second_factors.prove(policy.actor(), account.id, account.phone, form.code.data)
    except (second_factors.WrongFactor, TooManyTries) as refusal:
        _refuse_factor(form, refusal, account.id, account.phone)
        return render_template("accounts/second_step.html", form=form), refusal.status
    entering.enter(account, proved.get("identity"))
    return redirect(proved["next"] or url_for("home.index"))


def _refuse_factor(form: SecondFactorForm, refusal: AppError, account_id: int, phone: str) -> None:
    """Say why on the form; count a wrong code."""
    db.session.rollback()
    if isinstance(refusal, second_factors.WrongFactor):
        second_factors.record_failure(policy.actor(), account_id, phone)
        db.session.commit()
    form.code.errors = [refusal.message.render(_)]


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
    if second_factors.is_in_force(account.id):
        db.session.commit()
        flash(_("密码已设置，请登录。"))
        return redirect(url_for("accounts.sign_in_form"))
    entering.enter(account)
    flash(_("密码已设置，您已登录。"))
    return redirect(url_for("home.index"))


@blueprint.post("/sign-out")
@requires(Action.SEE_OWN_ACCOUNT)
def sign_out() -> Response:
    """Sign out on this device."""
    account = policy.signed_in()
    sign_ins.end(policy.actor(), account.id, account.sign_in_id)
    db.session.commit()
    logout_user()
    entering.forget_session()
    flash(_("您已退出登录。"))
    return redirect(url_for("accounts.sign_in_form"))


@blueprint.get("/me/security")
@requires(Action.SEE_OWN_ACCOUNT)
def security() -> str:
    """Show the password's form, the second factor and the own devices."""
    return _security_page(PasswordForm())


def _security_page(form: PasswordForm) -> str:
    account = policy.signed_in()
    rest = sign_ins.longest_rest(is_staff=bool(account.grants or account.withheld))
    return render_template(
        "accounts/security.html",
        form=form,
        identity=queries.find_identity(account.id, oidc.issuer()) if oidc.is_on() else None,
        devices=queries.open_sign_ins(account.id, clock.now() - rest),
        password_days=current_app.config["SETTINGS"].password_days,
    )


@blueprint.post("/me/password")
@requires(Action.SEE_OWN_ACCOUNT)
def change_password() -> Response | tuple[str, int]:
    """Set another password; all other devices are signed out."""
    form, account = PasswordForm(), queries.get_account(policy.signed_in().id)
    if form.validate_on_submit():
        try:
            accounts.change_password(policy.actor(), account, form.current.data, form.new.data)
        except accounts.WrongCredentials:
            db.session.rollback()
            accounts.record_refused_sign_in(policy.actor(), account.phone)
            db.session.commit()
            form.current.errors = [_("现在的密码不正确。")]
        except (Invalid, TooManyTries) as refusal:
            db.session.rollback()
            form.new.errors = [refusal.message.render(_)]
        else:
            entering.enter(account)
            flash(_("密码已修改，其他设备已退出登录。"))
            return redirect(url_for("accounts.security"))
    return _security_page(form), Invalid.status


@blueprint.post("/me/sign-ins/<int:sign_in_id>/end")
@requires(Action.SEE_OWN_ACCOUNT)
def end_sign_in(sign_in_id: int) -> Response:
    """Sign out on one of the own devices."""
    sign_ins.end(policy.actor(), policy.signed_in().id, sign_in_id)
    db.session.commit()
    flash(_("该设备已退出登录。"))
    return redirect(url_for("accounts.security"))


@blueprint.post("/me/sign-ins/end")
@requires(Action.SEE_OWN_ACCOUNT)
def end_everywhere() -> Response:
    """Sign out on all devices, this one too."""
    account_id = policy.signed_in().id
    sign_ins.end_all(account_id)
    log.record(policy.actor(), "account.sign_out_everywhere", f"account:{account_id}")
    db.session.commit()
    logout_user()
    entering.forget_session()
    flash(_("您已在所有设备上退出登录。"))
    return redirect(url_for("accounts.sign_in_form"))


@blueprint.get("/me/second-factor")
@requires(Action.KEEP_SECOND_FACTOR)
def second_factor() -> str:
    """Show the second factor, or how to set one up."""
    return _second_factor_page(SecondFactorForm())


def _second_factor_page(form: SecondFactorForm, recovery_codes: Sequence[str] = ()) -> str:
    account = policy.signed_in()
    enrolling = second_factors.enrolling(account.id, account.phone)
    return render_template(
        "accounts/second_factor.html",
        form=form,
        enrolling=enrolling,
        picture=svg_picture(enrolling.address, on_paper=False) if enrolling else None,
        codes_left=second_factors.recovery_codes_left(account.id),
        recovery_codes=recovery_codes,
        demanded=_is_demanded(),
    )


def _is_demanded() -> bool:
    """Say whether the account's work demands a second factor."""
    account = policy.signed_in()
    demanding = current_app.config["SETTINGS"].second_factor_for
    return any(grant.kind in demanding for grant in account.grants + account.withheld)


@blueprint.post("/me/second-factor/begin")
@requires(Action.KEEP_SECOND_FACTOR)
def begin_second_factor() -> Response:
    """Make a secret for the authenticator app."""
    account = policy.signed_in()
    second_factors.begin(account.id, account.phone)
    db.session.commit()
    return redirect(url_for("accounts.second_factor"))


@blueprint.post("/me/second-factor/confirm")
@requires(Action.KEEP_SECOND_FACTOR)
def confirm_second_factor() -> str | tuple[str, int]:
    """Put the second factor in force by its first code; show the recovery codes this once."""
    account, form = policy.signed_in(), SecondFactorForm()
    if not form.validate_on_submit():
        return _second_factor_page(form), Invalid.status
    try:
        fresh = second_factors.confirm(policy.actor(), account.id, account.phone, form.code.data)
    except (second_factors.WrongFactor, TooManyTries) as refusal:
        _refuse_factor(form, refusal, account.id, account.phone)
        return _second_factor_page(form), refusal.status
    entering.enter(queries.get_account(account.id))
    login_user(sign_ins.load(policy.signed_in().token))  # with the grants that count from now on
    return _second_factor_page(SecondFactorForm(), fresh)


@blueprint.post("/me/second-factor/remove")
@requires(Action.KEEP_SECOND_FACTOR)
def remove_second_factor() -> Response | tuple[str, int]:
    """Take the second factor away, against one of its codes, unless the account's work demands it."""
    account, form = policy.signed_in(), SecondFactorForm()
    if _is_demanded():
        raise second_factors.FactorDemanded
    if not form.validate_on_submit():
        return _second_factor_page(form), Invalid.status
    try:
        second_factors.prove(policy.actor(), account.id, account.phone, form.code.data)
    except (second_factors.WrongFactor, TooManyTries) as refusal:
        _refuse_factor(form, refusal, account.id, account.phone)
        return _second_factor_page(form), refusal.status
    second_factors.remove(policy.actor(), account.id)
    entering.enter(queries.get_account(account.id))
    flash(_("两步验证已停用。"))
    return redirect(url_for("accounts.second_factor"))


@blueprint.post("/language")
@requires(Action.CHOOSE_LANGUAGE)
def choose_language() -> Response:
    """Switch the language of the pages."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Invalid(M("没有这种语言。"))
    session["language"] = language
    return redirect(own_path(request.form.get("next", "")) or url_for("home.index"))
