"""Forms about the people of an enterprise."""

from __future__ import annotations

from typing import TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from quizapp.directory.posts import LONGEST_TITLE
from quizapp.directory.roles import JobRole
from quizapp.people.applications import Applicant
from quizapp.web.display import ROLE_NAMES
from quizapp.web.language import gettext

Form = TypeVar("Form", bound="PersonForm | ApplicationForm")


def _stripped(value: str | None) -> str:
    return (value or "").strip()


def with_roles(form: Form) -> Form:
    """Return the form with the roles in the page's language to choose from."""
    form.role.choices = [SelectChoice(role.value, ROLE_NAMES[role.value].render(gettext)) for role in JobRole]
    return form


class PersonForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Somebody who takes up a post."""

    name = StringField(_l("姓名"), filters=[_stripped], validators=[InputRequired(_l("请填写姓名。"))])
    phone = StringField(
        _l("手机号"),
        filters=[_stripped],
        validators=[
            InputRequired(_l("请填写手机号。")),
            Regexp(r"^1\d{10}$", message=_l("手机号应为 1 开头的 11 位数字。")),
        ],
    )
    role = SelectField(_l("岗位类别"))
    title = StringField(
        _l("职务（可不填）"),
        filters=[_stripped],
        validators=[Length(max=LONGEST_TITLE, message=_l("职务最多 60 字。"))],
    )

    @classmethod
    def asking(cls) -> PersonForm:
        """Return the form with the roles in the page's language."""
        return with_roles(cls())

    @classmethod
    def blank(cls) -> PersonForm:
        """Return the form empty, whatever was sent: another form was filled in."""
        return with_roles(cls(formdata=None))


class ApplicationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Who somebody is, what they do here, and the password that they want."""

    name = StringField(
        _l("姓名"),
        filters=[_stripped],
        validators=[InputRequired(_l("请填写姓名。")), Length(max=60, message=_l("姓名最多 60 字。"))],
    )
    phone = StringField(
        _l("手机号"),
        filters=[_stripped],
        validators=[
            InputRequired(_l("请填写手机号。")),
            Regexp(r"^1\d{10}$", message=_l("手机号应为 1 开头的 11 位数字。")),
        ],
    )
    role = RadioField(_l("岗位类别"), validators=[InputRequired(_l("请选择岗位类别。"))])
    title = StringField(
        _l("职务（可不填）"),
        filters=[_stripped],
        validators=[Length(max=LONGEST_TITLE, message=_l("职务最多 60 字。"))],
    )
    password = PasswordField(
        _l("设置密码（至少 8 位）"),
        validators=[InputRequired(_l("请填写密码。")), Length(max=200, message=_l("密码过长。"))],
    )

    @classmethod
    def asking(cls) -> ApplicationForm:
        """Return the form with the roles in the page's language."""
        return with_roles(cls())

    def applicant(self) -> Applicant:
        """Return what was filled in."""
        return Applicant(
            name=self.name.data,
            phone=self.phone.data,
            job_role=JobRole(self.role.data),
            title=self.title.data,
            password=self.password.data,
        )


class ContactForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Who shall keep an enterprise's roster."""

    name = StringField(_l("姓名"), filters=[_stripped], validators=[InputRequired(_l("请填写姓名。"))])
    phone = StringField(_l("手机号"), filters=[_stripped], validators=[InputRequired(_l("请填写手机号。"))])
