"""The district office: who may do what, the territory and member units, the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.policy import Action, requires
from quizapp.audit import log
from quizapp.audit import queries as audit_queries
from quizapp.audit.actors import Actor
from quizapp.audit.names import ACTION_NAMES, action_name
from quizapp.audit.queries import AuditFilter
from quizapp.clock import DISTRICT_TIME
from quizapp.database import reading
from quizapp.directory import queries as directory_queries
from quizapp.directory import territory
from quizapp.directory.roles import RegionKind
from quizapp.errors import AppError, Invalid, NotAllowed, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.office import staff
from quizapp.office.forms import LONGEST_CHOICE, GrantForm, RegionForm, chosen_entries, read_entries
from quizapp.web.addresses import key_in
from quizapp.web.exports import Cell, csv_response, xlsx_response
from quizapp.web.language import gettext

blueprint = Blueprint("office", __name__)

MOST_GRANTS = 200
#: In the log's address: somebody who has no account, so that nothing is found.
NOBODY = 0


@blueprint.get("/grants")
@requires(Action.MANAGE_GRANTS)
def grants() -> str:
    """List who may do staff work."""
    return _grants_page(GrantForm.asking())


def _grants_page(form: GrantForm, text: str = "") -> str:
    kind = request.args.get("kind", "")
    chosen = GrantKind(kind) if kind in set(GrantKind) else None
    scope = policy.scope_for(Action.MANAGE_GRANTS)
    held = staff.holders(scope, kind=chosen, text=text, most=MOST_GRANTS)
    enterprise_ids = {holder.grant.enterprise_id for holder in held if holder.grant.enterprise_id}
    return render_template(
        "office/grants.html",
        form=form,
        held=held,
        kinds=list(GrantKind),
        kind=chosen,
        text=text,
        is_cut=len(held) == MOST_GRANTS,
        regions={region.path: region.name for region in directory_queries.all_regions()},
        units={number: name for name, number in directory_queries.member_units_by_name().items()},
        enterprises=directory_queries.names_of_enterprises(enterprise_ids),
    )


@blueprint.post("/grants/search")
@requires(Action.MANAGE_GRANTS)
def search_grants() -> str:
    """Show the grants of somebody by name or phone number, which stand in no address."""
    return _grants_page(GrantForm.blank(), request.form.get("text", "").strip()[:LONGEST_CHOICE])


@blueprint.post("/grants")
@requires(Action.MANAGE_GRANTS)
def give() -> Response | tuple[str, int]:
    """Let somebody do staff work."""
    form = GrantForm.asking()
    if form.validate_on_submit():
        try:
            staff.give(
                policy.actor(),
                policy.scope_for(Action.MANAGE_GRANTS),
                phone=form.phone.data,
                name=form.name.data,
                wanted=form.grant(),
            )
        except AppError as refusal:
            db.session.rollback()
            form.form_errors.append(refusal.message.render(_))
        else:
            db.session.commit()
            flash(_("已授权。对方还没有密码的，请到其企业页面或用下面的按钮发激活码。"))
            return redirect(url_for("office.grants"))
    return _grants_page(form), Invalid.status


@blueprint.post("/grants/<int:grant_id>/withdraw")
@requires(Action.MANAGE_GRANTS)
def withdraw(grant_id: int) -> Response:
    """Take staff work away; the person is signed out at once."""
    staff.withdraw(policy.actor(), policy.scope_for(Action.MANAGE_GRANTS), grant_id)
    db.session.commit()
    flash(_("已撤销，对方已在所有设备上退出登录。"))
    return redirect(url_for("office.grants"))


@blueprint.post("/grants/<int:grant_id>/code")
@requires(Action.ISSUE_CODES_TO_STAFF)
def issue_code(grant_id: int) -> str:
    """Show a one-time code for whoever does staff work, to hand over."""
    slip = staff.issue_code(policy.actor(), policy.scope_for(Action.ISSUE_CODES_TO_STAFF), grant_id)
    db.session.commit()
    return render_template("office/code.html", slip=slip)


@blueprint.post("/grants/<int:grant_id>/reset-second-factor")
@requires(Action.MANAGE_GRANTS)
def reset_second_factor(grant_id: int) -> Response:
    """Take away a second factor whose phone is lost."""
    removed = staff.reset_second_factor(policy.actor(), policy.scope_for(Action.MANAGE_GRANTS), grant_id)
    db.session.commit()
    flash(_("两步验证已重置。") if removed else _("对方没有启用两步验证。"))
    return redirect(url_for("office.grants"))


@blueprint.get("/territory")
@requires(Action.MANAGE_TERRITORY)
def show_territory() -> str:
    """Show the territory and the member units."""
    _whole_district()
    return _territory_page(RegionForm.asking())


def _territory_page(form: RegionForm, refusal: str = "") -> str:
    return render_template(
        "office/territory.html",
        form=form,
        regions=directory_queries.all_regions(),
        by_region=directory_queries.enterprises_by_region(),
        units=directory_queries.member_units_by_name(),
        by_unit=directory_queries.enterprises_by_unit(),
        refusal=refusal,
    )


@blueprint.post("/territory/regions")
@requires(Action.MANAGE_TERRITORY)
def add_region() -> Response | tuple[str, int]:
    """Add a region."""
    _whole_district()
    form = RegionForm.asking()
    if form.validate_on_submit():
        return _territory_change(
            partial(
                territory.add_region,
                above=form.above.data,
                mark=form.mark.data,
                name=form.name.data,
                kind=RegionKind(form.kind.data),
            ),
            form,
        )
    return _territory_page(form), Invalid.status


@blueprint.post("/territory/regions/<int:region_id>")
@requires(Action.MANAGE_TERRITORY)
def rename_region(region_id: int) -> Response | tuple[str, int]:
    """Give a region another name."""
    _whole_district()
    return _territory_change(partial(territory.rename_region, region_id=region_id, name=_new_name()))


@blueprint.post("/territory/units")
@requires(Action.MANAGE_TERRITORY)
def add_unit() -> Response | tuple[str, int]:
    """Add a member unit."""
    _whole_district()
    return _territory_change(partial(territory.add_unit, name=_new_name()))


@blueprint.post("/territory/units/<int:unit_id>")
@requires(Action.MANAGE_TERRITORY)
def rename_unit(unit_id: int) -> Response | tuple[str, int]:
    """Give a member unit another name."""
    _whole_district()
    return _territory_change(partial(territory.rename_unit, unit_id=unit_id, name=_new_name()))


def _new_name() -> str:
    return request.form.get("name", "").strip()


def _territory_change(
    change: Callable[[Actor], object], form: RegionForm | None = None
) -> Response | tuple[str, int]:
    """Make a change and go back to the page; a refusal stands on it."""
    try:
        change(policy.actor())
    except NotFound:
        raise
    except AppError as refusal:
        db.session.rollback()
        sentence = refusal.message.render(_)
        return _territory_page(form or RegionForm.blank(), sentence), refusal.status
    db.session.commit()
    flash(_("已保存。"))
    return redirect(url_for("office.show_territory"))


def _whole_district() -> None:
    """Only who reaches everything may see and change what everybody stands in."""
    if not policy.scope_for(Action.MANAGE_TERRITORY).everything:
        raise NotAllowed


@blueprint.get("/audit")
@requires(Action.SEE_AUDIT)
def audit() -> str:
    """Show the log, the latest first."""
    _whole_log()
    chosen = chosen_entries()
    asked = read_entries(chosen)
    entries, is_more = audit_queries.page_of_entries(asked, key_in(request.args.get("before", "")))
    who = asked.actor_id
    actor_ids = {entry.actor_id for entry in entries if entry.actor_id} | ({who} if who else set())
    return render_template(
        "office/audit.html",
        entries=entries,
        is_more=is_more,
        names=account_queries.names_by_id(actor_ids),
        who=who,
        action_names=ACTION_NAMES,
        action_name=action_name,
        chosen=chosen,
        given={name: value for name, value in chosen.items() if value},
        total=audit_queries.count_entries(),
    )


@blueprint.post("/audit/filter")
@requires(Action.SEE_AUDIT)
def filter_audit() -> Response:
    """Go on to the entries that were asked for: a phone number becomes an account's number on the way."""
    _whole_log()
    chosen: dict[str, Any] = {name: value for name, value in chosen_entries().items() if value}
    phone = request.form.get("phone", "").strip()
    if phone:
        account = account_queries.find_by_phone(phone)
        chosen["who"] = account.id if account else NOBODY
    return redirect(url_for("office.audit", **chosen))


@blueprint.post("/audit/export")
@requires(Action.SEE_AUDIT)
def export_audit() -> Response:
    """Give exactly the entries that the filter selects, as .csv or .xlsx, and record it."""
    _whole_log()
    chosen = chosen_entries()
    asked = read_entries(chosen)
    kind = request.form.get("format", "")
    as_file = {"csv": csv_response, "xlsx": xlsx_response}.get(kind)
    if as_file is None:
        abort(400)
    given = {name: value for name, value in chosen.items() if value}
    log.record(policy.actor(), "audit.export", "audit", {"format": kind, "filter": given})
    db.session.commit()
    headings = [_(text) for text in ("序号", "时间", "账号", "操作", "对象", "详情", "地址", "哈希")]
    name = f"{_('操作日志')}-{clock.now().astimezone(DISTRICT_TIME):%Y%m%d-%H%M%S}"
    rows = stream_with_context(_lines(asked))  # type: ignore[type-var]  # Flask passes any rows on
    return as_file(name, headings, rows)


def _lines(asked: AuditFilter) -> Iterator[list[Cell]]:
    with reading():
        for entry in audit_queries.stream_entries(asked):
            yield [
                entry.sequence,
                entry.at,
                f"account:{entry.actor_id}" if entry.actor_id else "",
                action_name(entry.action).render(gettext),
                entry.subject,
                json.dumps(entry.detail, ensure_ascii=False, sort_keys=True),
                entry.address,
                entry.hash,
            ]


def _whole_log() -> None:
    """The log speaks of the whole district: a grant for a part of it does not open it."""
    if not policy.scope_for(Action.SEE_AUDIT).everything:
        raise NotAllowed(M("操作日志只对全区范围的权限开放。"))
