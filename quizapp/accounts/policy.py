"""The single table of who may do what. Every view asks it; one that does not cannot be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TypeVar, cast

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.scopes import NOTHING, Scope
from quizapp.accounts.signed_in import Duty, HeldGrant, SignedIn
from quizapp.audit.actors import Actor
from quizapp.errors import NotAllowed
from quizapp.web.security import FILE_ENDPOINTS


class Action(StrEnum):
    """What a view lets somebody do."""

    SIGN_IN = "sign_in"
    ACTIVATE = "activate"
    CHOOSE_LANGUAGE = "choose_language"
    SEE_OWN_ACCOUNT = "see_own_account"
    KEEP_SECOND_FACTOR = "keep_second_factor"
    SEE_FILES = "see_files"
    STUDY = "study"
    TAKE_QUIZ = "take_quiz"
    SEE_BANKS = "see_banks"
    IMPORT_QUESTIONS = "import_questions"
    EXPORT_QUESTIONS = "export_questions"
    EDIT_QUESTIONS = "edit_questions"
    REPORT_QUESTIONS = "report_questions"
    SEE_BLUEPRINTS = "see_blueprints"
    EDIT_BLUEPRINTS = "edit_blueprints"
    SEE_MODULES = "see_modules"
    EDIT_MODULES = "edit_modules"
    SEE_ENTERPRISES = "see_enterprises"
    EDIT_ENTERPRISES = "edit_enterprises"
    MANAGE_STAFF = "manage_staff"
    JOIN = "join"
    APPOINT_CONTACTS = "appoint_contacts"
    REVEAL_PHONES = "reveal_phones"
    ISSUE_CODES = "issue_codes"
    ISSUE_CODES_TO_STAFF = "issue_codes_to_staff"
    IMPORT_ROSTER = "import_roster"
    MANAGE_GRANTS = "manage_grants"
    MANAGE_TERRITORY = "manage_territory"
    SEE_AUDIT = "see_audit"
    SEE_COVERAGE = "see_coverage"
    EXPORT_LISTS = "export_lists"


class Audience(Enum):
    """Those who need no grant."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    #: Whoever holds a grant of any kind, also one that is withheld until a duty is done.
    STAFF = "staff"


_EDITORS = frozenset({GrantKind.DISTRICT_ADMINISTRATOR, GrantKind.CONTENT_EDITOR})
#: Those who keep the roster of an area; a contact keeps that of one enterprise.
_CLERKS = frozenset({GrantKind.DISTRICT_ADMINISTRATOR, GrantKind.TOWN_STAFF})
_CLERKS_AND_CONTACTS = _CLERKS | {GrantKind.ENTERPRISE_CONTACT}
_WATCHERS = _CLERKS | {GrantKind.MEMBER_UNIT_STAFF, GrantKind.AUDITOR}

#: The table. What a learner sees is narrowed further by queries that take the account.
TABLE: MappingProxyType[Action, Audience | frozenset[GrantKind]] = MappingProxyType(
    {
        Action.SIGN_IN: Audience.ANYONE,
        Action.ACTIVATE: Audience.ANYONE,
        Action.CHOOSE_LANGUAGE: Audience.ANYONE,
        Action.SEE_OWN_ACCOUNT: Audience.SIGNED_IN,
        Action.KEEP_SECOND_FACTOR: Audience.STAFF,
        Action.SEE_FILES: Audience.SIGNED_IN,
        Action.STUDY: Audience.SIGNED_IN,
        Action.TAKE_QUIZ: Audience.SIGNED_IN,
        Action.SEE_BANKS: _EDITORS | {GrantKind.AUDITOR},
        Action.IMPORT_QUESTIONS: _EDITORS,
        Action.EDIT_QUESTIONS: _EDITORS,
        Action.EXPORT_QUESTIONS: _EDITORS | {GrantKind.AUDITOR},
        Action.REPORT_QUESTIONS: Audience.SIGNED_IN,
        Action.SEE_BLUEPRINTS: _EDITORS | {GrantKind.AUDITOR},
        Action.EDIT_BLUEPRINTS: _EDITORS,
        Action.SEE_MODULES: _EDITORS | {GrantKind.AUDITOR},
        Action.EDIT_MODULES: _EDITORS,
        Action.SEE_ENTERPRISES: _WATCHERS | {GrantKind.ENTERPRISE_CONTACT},
        Action.EDIT_ENTERPRISES: _CLERKS,
        Action.JOIN: Audience.ANYONE,
        Action.MANAGE_STAFF: _CLERKS_AND_CONTACTS,
        Action.APPOINT_CONTACTS: _CLERKS,
        Action.REVEAL_PHONES: _CLERKS_AND_CONTACTS | {GrantKind.AUDITOR},
        Action.ISSUE_CODES: _CLERKS_AND_CONTACTS,
        Action.ISSUE_CODES_TO_STAFF: frozenset({GrantKind.DISTRICT_ADMINISTRATOR}),
        Action.IMPORT_ROSTER: _CLERKS_AND_CONTACTS,
        Action.MANAGE_GRANTS: frozenset({GrantKind.DISTRICT_ADMINISTRATOR}),
        Action.MANAGE_TERRITORY: frozenset({GrantKind.DISTRICT_ADMINISTRATOR}),
        Action.SEE_AUDIT: frozenset({GrantKind.DISTRICT_ADMINISTRATOR, GrantKind.AUDITOR}),
        Action.SEE_COVERAGE: _WATCHERS,
        Action.EXPORT_LISTS: _WATCHERS,
    }
)

#: Where an account does what it must before its grants count.
DUTY_PAGES = {
    Duty.SET_UP_SECOND_FACTOR: "accounts.second_factor",
    Duty.CHANGE_PASSWORD: "accounts.security",
}

View = TypeVar("View", bound=Callable[..., object])


def requires(action: Action) -> Callable[[View], View]:
    """Mark a view with the action that it performs."""

    def mark(view: View) -> View:
        view.policy_action = action  # type: ignore[attr-defined]  # functions take attributes
        return view

    return mark


def action_of(endpoint: str) -> Action | None:
    """Return the action that an endpoint's view is marked with."""
    return getattr(current_app.view_functions.get(endpoint), "policy_action", None)


def signed_in() -> SignedIn:
    """Return the account of this request; raise NotAllowed when nobody is signed in."""
    if not current_user.is_authenticated:
        raise NotAllowed
    return cast(SignedIn, current_user)


def may(action: Action | str) -> bool:
    """Say whether the account of this request may do this anywhere."""
    needed = TABLE[Action(action)]
    if needed is Audience.ANYONE:
        return True
    if not current_user.is_authenticated:
        return False
    account = signed_in()
    if isinstance(needed, Audience):
        return needed is Audience.SIGNED_IN or bool(account.grants or account.withheld)
    return not needed.isdisjoint(grant.kind for grant in account.grants)


def scope_for(action: Action) -> Scope:
    """Return how far the account of this request may do this."""
    return scope_of(signed_in().grants, action)


def scope_of(held: Iterable[HeldGrant], action: Action) -> Scope:
    """Return how far somebody with these grants may do this."""
    needed = TABLE[action]
    if isinstance(needed, Audience):
        return NOTHING
    grants = [grant for grant in held if grant.kind in needed]
    return Scope(
        everything=any(grant.is_everywhere for grant in grants),
        paths=tuple(sorted(grant.region_path for grant in grants if grant.region_path)),
        member_unit_ids=tuple(sorted(grant.member_unit_id for grant in grants if grant.member_unit_id)),
        enterprise_ids=tuple(sorted(grant.enterprise_id for grant in grants if grant.enterprise_id)),
    )


def enforce() -> ResponseReturnValue | None:
    """Before every request: refuse what the table does not allow. A view without a mark is refused."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in FILE_ENDPOINTS:
        return None
    action = action_of(endpoint)
    if action is None:
        raise NotAllowed
    if may(action):
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined,no-any-return]  # set by Flask-Login
    if request.method == "GET" and (page := duty_page()):
        return redirect(page)
    raise NotAllowed


def duty_page() -> str | None:
    """Return where the account does what it must before its grants count, None when nothing is due."""
    duty = signed_in().duty
    return url_for(DUTY_PAGES[duty]) if duty else None


def actor() -> Actor:
    """Return who acts in this request, for the audit log."""
    account_id = current_user.id if current_user.is_authenticated else None
    return Actor(account_id, request.remote_addr or "")
