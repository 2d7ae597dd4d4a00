"""The people of one enterprise: who they are, how they come in, how far they are, who keeps their roster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quizapp.accounts import policy
from quizapp.accounts import queries as account_queries
from quizapp.accounts.policy import Action, requires
from quizapp.campaigns import queries as campaign_queries
from quizapp.directory import enterprises
from quizapp.directory import queries as directory_queries
from quizapp.directory.queries import PersonInPost
from quizapp.directory.roles import EnterpriseState, JobRole
from quizapp.directory.trades import TRADES
from quizapp.errors import AppError, Invalid, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.people import applications, contacts, phones, queries, slips
from quizapp.people.forms import ApplicationForm, ContactForm, PersonForm
from quizapp.people.stages import STAGE_NAMES, Stage, stage_of
from quizapp.roster import rosters
from quizapp.study import queries as study_queries
from quizapp.web.addresses import keys_in
from quizapp.web.pictures import svg_picture
from quizapp.web.purposes import read_purpose

blueprint = Blueprint("people", __name__)

#: Where the applicant's cookie keeps their application.
OWN = "application"
#: In the address of the list: those who have no password yet.
NO_PASSWORD = "no_password"  # noqa: S105 - no password


@blueprint.get("/enterprises/<int:enterprise_id>")
@requires(Action.SEE_ENTERPRISES)
def index(enterprise_id: int) -> str:
    """Show an enterprise with its people and how far they are."""
    return _page(enterprise_id, PersonForm.asking(), ContactForm(formdata=None))


def _page(
    enterprise_id: int, form: PersonForm, contact_form: ContactForm, revealed: Mapping[int, str] | None = None
) -> str:
    unit = directory_queries.get_enterprise(policy.scope_for(Action.SEE_ENTERPRISES), enterprise_id)
    people = directory_queries.people_of(unit.id)
    held = [person for person in people if person.ended_at is None]
    stages = _stages(unit.id, held)
    shown = request.args.get("show", "")
    return render_template(
        "people/index.html",
        unit=unit,
        trades=TRADES,
        roles=list(JobRole),
        states=list(EnterpriseState),
        held=[person for person in held if _is_shown(person, stages, shown)],
        former=[person for person in people if person.ended_at is not None],
        on_roster=len(held),
        without_password=len({person.account_id for person in held if not person.has_password}),
        stages=stages,
        stage_counts=Counter(stages.values()),
        stage_names=STAGE_NAMES,
        shown=shown,
        waiting=queries.count_waiting(unit.id),
        contacts=account_queries.grants_in_force(enterprise_id=unit.id),
        declared=enterprises.declared(unit.id),
        form=form,
        contact_form=contact_form,
        revealed=revealed or {},
        may_here={
            action.value: _is_within(action, enterprise_id)
            for action in (
                Action.EDIT_ENTERPRISES,
                Action.MANAGE_STAFF,
                Action.ISSUE_CODES,
                Action.APPOINT_CONTACTS,
                Action.REVEAL_PHONES,
            )
        },
    )


def _is_shown(person: PersonInPost, stages: Mapping[int, Stage], shown: str) -> bool:
    """Say whether somebody is in the part of the list that the address asks for."""
    if shown == NO_PASSWORD:
        return not person.has_password
    return shown not in set(Stage) or stages[person.post_id] == shown


def _stages(enterprise_id: int, people: Sequence[PersonInPost]) -> dict[int, Stage]:
    """Return how far the holder of each post is in the current campaign."""
    try:
        campaign_id = campaign_queries.get_campaign().id
    except NotFound:
        return {person.post_id: Stage.NOT_NEEDED for person in people}
    standings = campaign_queries.standings_of_posts(campaign_id, enterprise_id)
    begun = study_queries.who_began({person.account_id for person in people})
    return {
        person.post_id: (
            stage_of(
                studied_at=standing.studied_at,
                passed_at=standing.passed_at,
                completed_at=standing.completed_at,
                has_begun=person.account_id in begun,
            )
            if (standing := standings.get(person.post_id))
            else Stage.NOT_NEEDED
        )
        for person in people
    }


def _is_within(action: Action, enterprise_id: int) -> bool:
    """Say whether the account may do this with the enterprise."""
    if not policy.may(action):
        return False
    try:
        directory_queries.get_enterprise(policy.scope_for(action), enterprise_id)
    except NotFound:
        return False
    return True


@blueprint.post("/enterprises/<int:enterprise_id>/people")
@requires(Action.MANAGE_STAFF)
def add_person(enterprise_id: int) -> Response | tuple[str, int]:
    """Let somebody take up a post."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.MANAGE_STAFF), enterprise_id)
    form = PersonForm.asking()
    if form.validate_on_submit():
        try:
            rosters.add_person(
                policy.actor(),
                unit.id,
                phone=form.phone.data,
                name=form.name.data,
                role=JobRole(form.role.data),
                title=form.title.data,
            )
        except AppError as refusal:
            db.session.rollback()
            form.phone.errors = [refusal.message.render(_)]
        else:
            db.session.commit()
            flash(_("已加入%(name)s。", name=form.name.data))
            return redirect(url_for("people.index", enterprise_id=enterprise_id))
    return _page(enterprise_id, form, ContactForm(formdata=None)), Invalid.status


@blueprint.post("/posts/<int:post_id>")
@requires(Action.MANAGE_STAFF)
def change_post(post_id: int) -> Response:
    """Give somebody another role or title, or let them leave."""
    post = directory_queries.get_post(policy.scope_for(Action.MANAGE_STAFF), post_id)
    if request.form.get("act") == "end":
        rosters.end_post(policy.actor(), post)
    else:
        role = request.form.get("role", "")
        rosters.change_post(
            policy.actor(),
            post,
            role=JobRole(role) if role in set(JobRole) else post.job_role,
            title=request.form.get("title", post.title).strip(),
        )
    db.session.commit()
    flash(_("已保存。"))
    return redirect(url_for("people.index", enterprise_id=post.enterprise_id))


@blueprint.post("/enterprises/<int:enterprise_id>/slips")
@requires(Action.ISSUE_CODES)
def print_slips(enterprise_id: int) -> str:
    """Show activation slips to print: for all who have no password yet, or for one person.

    The codes are shown this once; what is kept of them cannot be shown again.
    """
    scope = policy.scope_for(Action.ISSUE_CODES)
    unit = directory_queries.get_enterprise(scope, enterprise_id)
    post_id = request.form.get("post", "")
    people = [
        person
        for person in directory_queries.people_of(unit.id)
        if (str(person.post_id) == post_id if post_id else not person.has_password)
    ]
    issued, barred = slips.issue_slips(
        policy.actor(), people, scope, also_staff=policy.may(Action.ISSUE_CODES_TO_STAFF)
    )
    db.session.commit()
    return render_template("people/slips.html", unit=unit, slips=issued, barred=barred)


@blueprint.post("/posts/<int:post_id>/unlock")
@requires(Action.ISSUE_CODES)
def unlock(post_id: int) -> Response:
    """Let somebody try again who must wait after wrong passwords."""
    scope = policy.scope_for(Action.ISSUE_CODES)
    post = directory_queries.get_held_post(scope, post_id)
    phones.unlock(policy.actor(), post, scope, also_staff=policy.may(Action.ISSUE_CODES_TO_STAFF))
    db.session.commit()
    flash(_("已解除登录等待。"))
    return redirect(url_for("people.index", enterprise_id=post.enterprise_id))


@blueprint.post("/posts/<int:post_id>/phone")
@requires(Action.REVEAL_PHONES)
def reveal_phone(post_id: int) -> str:
    """Show somebody's phone number in full, for a purpose that is kept on record."""
    post = directory_queries.get_held_post(policy.scope_for(Action.REVEAL_PHONES), post_id)
    phone = phones.reveal(policy.actor(), post, read_purpose())
    db.session.commit()
    return _page(post.enterprise_id, PersonForm.blank(), ContactForm(formdata=None), {post.account_id: phone})


@blueprint.post("/enterprises/<int:enterprise_id>/contacts")
@requires(Action.APPOINT_CONTACTS)
def appoint(enterprise_id: int) -> Response | tuple[str, int]:
    """Let somebody keep the enterprise's roster."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.APPOINT_CONTACTS), enterprise_id)
    form = ContactForm()
    if form.validate_on_submit():
        try:
            contacts.appoint(policy.actor(), unit.id, phone=form.phone.data, name=form.name.data)
        except AppError as refusal:
            db.session.rollback()
            form.phone.errors = [refusal.message.render(_)]
        else:
            db.session.commit()
            flash(_("%(name)s现在是本企业联络员。", name=form.name.data))
            return redirect(url_for("people.index", enterprise_id=unit.id))
    return _page(enterprise_id, PersonForm.blank(), form), Invalid.status


@blueprint.post("/enterprises/<int:enterprise_id>/contacts/<int:grant_id>/dismiss")
@requires(Action.APPOINT_CONTACTS)
def dismiss(enterprise_id: int, grant_id: int) -> Response:
    """Take a contact their work; they are signed out at once."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.APPOINT_CONTACTS), enterprise_id)
    contacts.dismiss(policy.actor(), unit.id, grant_id)
    db.session.commit()
    flash(_("已撤销联络员权限。"))
    return redirect(url_for("people.index", enterprise_id=unit.id))


@blueprint.get("/join/<token>")
@requires(Action.JOIN)
def form(token: str) -> str:
    """Ask who somebody is; show what became of the application to who has sent one."""
    enterprise_id, enterprise_name = queries.enterprise_of(token)
    own = queries.find_application(session.get(OWN, 0), enterprise_id)
    if own is not None and "again" not in request.args:
        return render_template(
            "people/state.html", application=own, enterprise_name=enterprise_name, token=token
        )
    return _form_page(token, enterprise_name, ApplicationForm.asking())


def _form_page(token: str, enterprise_name: str, asked: ApplicationForm) -> str:
    return render_template("people/form.html", form=asked, enterprise_name=enterprise_name, token=token)


@blueprint.post("/join/<token>")
@requires(Action.JOIN)
def apply(token: str) -> Response | tuple[str, int]:
    """Take an application down; the same answer for everybody."""
    enterprise_id, enterprise_name = queries.enterprise_of(token)
    asked = ApplicationForm.asking()
    if not asked.validate_on_submit():
        return _form_page(token, enterprise_name, asked), Invalid.status
    try:
        own = applications.apply(policy.actor(), enterprise_id, enterprise_name, asked.applicant())
    except AppError as refusal:
        db.session.rollback()
        asked.password.errors = [refusal.message.render(_)]
        return _form_page(token, enterprise_name, asked), refusal.status
    db.session.commit()
    session[OWN] = own.id
    return redirect(url_for("people.form", token=token))


@blueprint.get("/enterprises/<int:enterprise_id>/applications")
@requires(Action.MANAGE_STAFF)
def waiting(enterprise_id: int) -> str:
    """Show who waits for a yes or no."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.MANAGE_STAFF), enterprise_id)
    return render_template("people/waiting.html", unit=unit, waiting=queries.waiting(unit.id))


@blueprint.post("/enterprises/<int:enterprise_id>/applications")
@requires(Action.MANAGE_STAFF)
def decide(enterprise_id: int) -> Response:
    """Say yes or no to those who were ticked."""
    scope = policy.scope_for(Action.MANAGE_STAFF)
    unit = directory_queries.get_enterprise(scope, enterprise_id)
    ticked = keys_in(request.form.getlist("application"))
    act = request.form.get("act")
    if not ticked or act not in {"accept", "refuse"}:
        raise Invalid(M("请先勾选要处理的申请。"))
    if act == "accept":
        also_staff = policy.may(Action.ISSUE_CODES_TO_STAFF)
        decision = applications.accept(policy.actor(), unit.id, ticked, scope, also_staff=also_staff)
        db.session.commit()
        _say(decision)
    else:
        refused = applications.refuse(policy.actor(), unit.id, ticked)
        db.session.commit()
        flash(_("已拒绝 %(people)s 人。", people=refused))
    return redirect(url_for("people.waiting", enterprise_id=unit.id))


def _say(decision: applications.Decision) -> None:
    """Tell the contact what a yes did."""
    separator = _("、")
    if decision.entered:
        flash(_("已确认，可以登录：%(names)s", names=separator.join(decision.entered)))
    if decision.kept_password:
        flash(
            _(
                "已确认，密码未改动（已有密码、在其他企业任职或有管理权限）：%(names)s",
                names=separator.join(decision.kept_password),
            )
        )
    if decision.differing:
        flash(
            _(
                "未确认：手机号登记的是另一个姓名，请核对：%(names)s",
                names=separator.join(decision.differing),
            )
        )


@blueprint.get("/enterprises/<int:enterprise_id>/poster")
@requires(Action.MANAGE_STAFF)
def poster(enterprise_id: int) -> str:
    """Show the poster with the QR code, to print; without a link, how to make one."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.MANAGE_STAFF), enterprise_id)
    token = queries.link_of(unit.id)
    address = url_for("people.form", token=token, _external=True) if token else ""
    return render_template(
        "people/poster.html", unit=unit, address=address, picture=svg_picture(address) if address else None
    )


@blueprint.post("/enterprises/<int:enterprise_id>/join-link")
@requires(Action.MANAGE_STAFF)
def renew_link(enterprise_id: int) -> Response:
    """Make the link; one that stood before leads nowhere any more."""
    unit = directory_queries.get_enterprise(policy.scope_for(Action.MANAGE_STAFF), enterprise_id)
    applications.renew_link(policy.actor(), unit.id)
    db.session.commit()
    return redirect(url_for("people.poster", enterprise_id=unit.id))
