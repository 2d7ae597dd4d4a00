"""Forms of the district office."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.signed_in import HeldGrant
from quizapp.audit.names import ACTION_NAMES
from quizapp.audit.queries import AuditFilter
from quizapp.clock import DISTRICT_TIME
from quizapp.directory import queries as directory_queries
from quizapp.directory.roles import RegionKind
from quizapp.errors import Invalid
from quizapp.messages import M
from quizapp.web.addresses import key_in
from quizapp.web.display import GRANT_NAMES, REGION_KIND_NAMES
from quizapp.web.language import gettext

if TYPE_CHECKING:
    from collections.abc import Mapping


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class GrantForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Who may do which staff work where."""

    name = StringField(_l("姓名"), filters=[_stripped], validators=[InputRequired(_l("请填写姓名。"))])
    phone = StringField(_l("手机号"), filters=[_stripped], validators=[InputRequired(_l("请填写手机号。"))])
    kind = SelectField(_l("权限"))
    region_path = SelectField(_l("属地（镇街工作人员必选）"))
    member_unit_id = SelectField(_l("成员单位（成员单位人员必选）"), coerce=int)
    uscc = StringField(_l("企业信用代码（联络员必填）"), filters=[_stripped])

    @classmethod
    def asking(cls) -> GrantForm:
        """Return the form with what there is to choose from."""
        return cls().with_choices()

    @classmethod
    def blank(cls) -> GrantForm:
        """Return the form empty, whatever was sent: another form was filled in."""
        return cls(formdata=None).with_choices()

    def with_choices(self) -> GrantForm:
        """Fill in what there is to choose from."""
        self.kind.choices = [
            SelectChoice(kind.value, GRANT_NAMES[kind.value].render(gettext)) for kind in GrantKind
        ]
        self.region_path.choices = [
            SelectChoice("", "—"),
            *(SelectChoice(region.path, region.name) for region in directory_queries.all_regions()),
        ]
        units = directory_queries.member_units_by_name().items()
        self.member_unit_id.choices = [
            SelectChoice(0, "—"),
            *(SelectChoice(unit, name) for name, unit in units),
        ]
        return self

    def grant(self) -> HeldGrant:
        """Return what was chosen. Raises Invalid when there is no such enterprise."""
        enterprise = directory_queries.find_by_uscc(self.uscc.data) if self.uscc.data else None
        if self.uscc.data and enterprise is None:
            raise Invalid(M("没有这个信用代码的企业。"))
        return HeldGrant(
            GrantKind(self.kind.data),
            region_path=self.region_path.data or None,
            member_unit_id=self.member_unit_id.data or None,
            enterprise_id=enterprise.id if enterprise else None,
        )


class RegionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A new region."""

    above = SelectField(_l("上级"))
    name = StringField(_l("名称"), filters=[_stripped], validators=[InputRequired(_l("请填写名称。"))])
    mark = StringField(
        _l("标识（用于地址，如 hutang）"),
        filters=[_stripped],
        validators=[InputRequired(_l("请填写标识。"))],
    )
    kind = SelectField(_l("类别"))

    @classmethod
    def asking(cls) -> RegionForm:
        """Return the form with what there is to choose from."""
        return cls().with_choices()

    @classmethod
    def blank(cls) -> RegionForm:
        """Return the form empty, whatever was sent: another form was filled in."""
        return cls(formdata=None).with_choices()

    def with_choices(self) -> RegionForm:
        """Fill in what there is to choose from."""
        self.above.choices = [
            SelectChoice(region.path, region.name) for region in directory_queries.all_regions()
        ]
        self.kind.choices = [
            SelectChoice(kind.value, REGION_KIND_NAMES[kind.value].render(gettext)) for kind in RegionKind
        ]
        return self


#: What the address of the log's page may say.
LONGEST_CHOICE = 60
AUDIT_NAMES = ("who", "action", "subject", "address", "since", "until")


def chosen_entries() -> dict[str, str]:
    """Return what the address says about the log, "" where it says nothing."""
    return {name: request.values.get(name, "").strip()[:LONGEST_CHOICE] for name in AUDIT_NAMES}


def read_entries(chosen: Mapping[str, str]) -> AuditFilter:
    """Return the filter; days are the district's. `who` is an account's number: an address names nobody."""
    until = _day(chosen["until"])
    return AuditFilter(
        actor_id=key_in(chosen["who"]),
        action=chosen["action"] if chosen["action"] in ACTION_NAMES else "",
        subject=chosen["subject"],
        address=chosen["address"],
        since=_day(chosen["since"]),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The ends of the calendar have no day before or after, as other time zones may need.
    return datetime.combine(day, time(), DISTRICT_TIME) if MINYEAR < day.year < MAXYEAR else None
