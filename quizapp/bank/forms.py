"""Forms of the bank's pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class UploadForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A bank file."""

    file = FileField(_l("题库文件"), validators=[FileRequired(_l("请选择要导入的文件。"))])


class BankForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A new bank."""

    name = StringField(
        _l("题库名称"),
        filters=[lambda value: (value or "").strip()],
        validators=[InputRequired(_l("请填写题库名称。")), Length(max=120, message=_l("名称最多 120 字。"))],
    )
    slug = StringField(
        _l("题库标识"),
        filters=[lambda value: (value or "").strip().lower()],
        validators=[InputRequired(_l("请填写题库标识。"))],
    )
