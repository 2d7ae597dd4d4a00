"""Forms of signing in and of the own account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp


class ActivationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Phone number, one-time code and the password that is wanted."""

    phone = StringField(
        _l("手机号"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            InputRequired(_l("请填写手机号。")),
            Regexp(r"^\d{11}$", message=_l("手机号应为 11 位数字。")),
        ],
    )
    code = StringField(
        _l("激活码"),
        filters=[lambda value: (value or "").strip()],
        validators=[InputRequired(_l("请填写激活码。")), Length(max=40, message=_l("激活码过长。"))],
    )
    password = PasswordField(
        _l("设置密码（至少 8 位）"),
        validators=[InputRequired(_l("请填写密码。")), Length(max=200, message=_l("密码过长。"))],
    )


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Phone number and password."""

    phone = StringField(
        _l("手机号"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            InputRequired(_l("请填写手机号。")),
            Regexp(r"^\d{11}$", message=_l("手机号应为 11 位数字。")),
        ],
    )
    password = PasswordField(
        _l("密码"), validators=[InputRequired(_l("请填写密码。")), Length(max=200, message=_l("密码过长。"))]
    )


class SecondFactorForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A code of the authenticator app, or a recovery code."""

    code = StringField(
        _l("验证码"),
        filters=[lambda value: (value or "").strip()],
        validators=[InputRequired(_l("请填写验证码。")), Length(max=40, message=_l("验证码过长。"))],
    )


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The current password and the one that is wanted."""

    current = PasswordField(
        _l("现在的密码"),
        validators=[InputRequired(_l("请填写现在的密码。")), Length(max=200, message=_l("密码过长。"))],
    )
    new = PasswordField(
        _l("新密码（至少 8 位）"),
        validators=[InputRequired(_l("请填写新密码。")), Length(max=200, message=_l("密码过长。"))],
    )


class LinkForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The current password, before another way of signing in is linked."""

    current = PasswordField(
        _l("现在的密码"),
        validators=[InputRequired(_l("请填写现在的密码。")), Length(max=200, message=_l("密码过长。"))],
    )
