"""Forms of the roster's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DecimalField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from quizapp.accounts.scopes import Scope
from quizapp.directory import queries
from quizapp.directory.facts import LONGEST_NAME, LONGEST_REASON, EnterpriseFacts, decide_scale
from quizapp.directory.roles import EnterpriseState, JobRole, Scale
from quizapp.directory.trades import TRADES
from quizapp.roster.matching import Missing
from quizapp.web.language import gettext

if TYPE_CHECKING:
    from quizapp.directory.models import Enterprise


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class EnterpriseForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What is registered of an enterprise."""

    name = StringField(
        _l("企业名称"),
        filters=[_stripped],
        validators=[
            InputRequired(_l("请填写企业名称。")),
            Length(max=LONGEST_NAME, message=_l("名称最多 120 字。")),
        ],
    )
    uscc = StringField(
        _l("统一社会信用代码"),
        filters=[lambda value: _stripped(value).upper()],
        validators=[InputRequired(_l("请填写统一社会信用代码。"))],
    )
    region_id = SelectField(_l("属地"), coerce=int)
    member_unit_id = SelectField(_l("成员单位"), coerce=int)
    trade = SelectField(_l("行业"))
    revenue_wan = DecimalField(
        _l("年主营业务收入（万元）"),
        validators=[Optional(), NumberRange(min=0, message=_l("应为不小于 0 的数。"))],
    )
    self_employed = BooleanField(_l("个体工商户（一律为规下）"))
    by_hand = SelectField(_l("规模"))
    scale_reason = StringField(
        _l("手工确定规模的理由"),
        filters=[_stripped],
        validators=[Length(max=LONGEST_REASON, message=_l("理由最多 200 字。"))],
    )

    @classmethod
    def asking(cls, scope: Scope, enterprise: Enterprise | None = None) -> EnterpriseForm:
        """Return the form with the choices that the scope allows, filled in from an enterprise."""
        form = cls(obj=enterprise)
        form.region_id.choices = [
            SelectChoice(region.id, region.name)
            for region in queries.all_regions()
            if scope.covers(region.path) or (enterprise and region.id == enterprise.region_id)
        ]
        units = queries.member_units_by_name().items()
        form.member_unit_id.choices = [
            SelectChoice(0, "—"),
            *(SelectChoice(unit_id, name) for name, unit_id in units),
        ]
        form.trade.choices = [
            SelectChoice("", "—"),
            *(SelectChoice(code, f"{code} {name.render(gettext)}") for code, name in TRADES.items()),
        ]
        form.by_hand.choices = [
            SelectChoice("", gettext("按年主营业务收入")),
            SelectChoice(Scale.ABOVE.value, gettext("规上")),
            SelectChoice(Scale.BELOW.value, gettext("规下")),
        ]
        if enterprise and not form.is_submitted():
            form.member_unit_id.data = enterprise.member_unit_id or 0
            form.trade.data = enterprise.trade or ""
            form.by_hand.data = enterprise.scale.value if enterprise.scale_reason else ""
        return form

    def facts(self) -> EnterpriseFacts:
        """Return what was filled in. Raises ScaleUnknown and ReasonMissing."""
        by_hand = Scale(self.by_hand.data) if self.by_hand.data else None
        scale, reason = decide_scale(
            self.revenue_wan.data,
            self_employed=self.self_employed.data,
            by_hand=by_hand,
            reason=self.scale_reason.data,
        )
        return EnterpriseFacts(
            uscc=self.uscc.data,
            name=self.name.data,
            region_id=self.region_id.data,
            member_unit_id=self.member_unit_id.data or None,
            trade=self.trade.data or None,
            revenue_wan=self.revenue_wan.data,
            self_employed=self.self_employed.data,
            scale=scale,
            scale_reason=reason,
        )


class StateForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Suspend, close or reopen an enterprise."""

    state = SelectField(_l("状态"), choices=[SelectChoice(state.value) for state in EnterpriseState])
    reason = StringField(_l("理由"), filters=[_stripped])


class DeclarationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """How many people of each role the enterprise says it has."""

    key_post = IntegerField(_l("关键岗位人员"), validators=[Optional()])
    safety_manager = IntegerField(_l("安全管理人员"), validators=[Optional()])
    principal = IntegerField(_l("主要负责人"), validators=[Optional()])

    def people(self) -> dict[JobRole, int | None]:
        """Return the numbers by role; None where nothing was filled in."""
        return {role: self[role.value].data for role in JobRole}


class RosterForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A roster file, and what becomes of those whom it leaves out."""

    file = FileField(_l("名册文件"), validators=[FileRequired(_l("请选择要导入的文件。"))])
    missing = RadioField(
        _l("文件所列企业中，名册里有而文件里没有的人员"),
        choices=[
            SelectChoice(Missing.KEEP.value, _l("保留不变（文件只是一部分人）")),
            SelectChoice(Missing.END.value, _l("视为已离职（文件是全部在职人员）")),
        ],
        validators=[InputRequired(_l("请选择如何处理文件里没有的人员。"))],
    )
