"""Reads of links and applications."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from quizapp import clock
from quizapp.accounts.queries import names_by_phone
from quizapp.directory import queries as directory_queries
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.people.models import Application, ApplicationState, JoinLink
from quizapp.people.terms import VALID_FOR


def enterprise_of(token: str) -> tuple[int, str]:
    """Return id and name of the enterprise whose link this is, or raise NotFound."""
    row = db.session.execute(
        select(JoinLink.enterprise_id, directory_queries.name_of_enterprise(JoinLink.enterprise_id)).where(
            JoinLink.token == token, JoinLink.ended_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def link_of(enterprise_id: int) -> str | None:
    """Return the token of an enterprise's link in force."""
    wanted = (JoinLink.enterprise_id == enterprise_id, JoinLink.ended_at.is_(None))
    return db.session.scalar(select(JoinLink.token).where(*wanted))


def find_application(application_id: int, enterprise_id: int) -> Application | None:
    """Return an application to this enterprise."""
    application = db.session.get(Application, application_id)
    return application if application and application.enterprise_id == enterprise_id else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application with what the roster says about it."""

    application: Application
    #: The roster has this person in this enterprise already.
    is_on_roster: bool
    #: The phone number belongs to somebody of another name.
    name_differs: bool
    #: The account has a password, which a yes does not change.
    has_password: bool


def waiting(enterprise_id: int) -> list[Waiting]:
    """Return the applications that wait for the contact, the oldest first."""
    applications = db.session.scalars(
        select(Application).where(*_open(enterprise_id)).order_by(Application.id)
    ).all()
    holders = directory_queries.holders(enterprise_id)
    names = names_by_phone([application.phone for application in applications])
    return [
        Waiting(
            application,
            is_on_roster=application.phone in names and names[application.phone].id in holders,
            name_differs=application.phone in names and names[application.phone].name != application.name,
            has_password=application.phone in names and names[application.phone].has_password,
        )
        for application in applications
    ]


def applications_of(phone: str) -> list[tuple[Application, str]]:
    """Return what was applied for with a phone number, with the enterprise's name, the latest first."""
    rows = db.session.execute(
        select(Application, directory_queries.name_of_enterprise(Application.enterprise_id))
        .where(Application.phone == phone)
        .order_by(Application.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def count_waiting(enterprise_id: int) -> int:
    """Return how many applications wait for an enterprise's contact."""
    return db.session.scalar(select(func.count(Application.id)).where(*_open(enterprise_id))) or 0


def lock_waiting(enterprise_id: int, application_ids: list[int]) -> list[Application]:
    """Return those of these applications to an enterprise that still wait, for nobody else to decide."""
    wanted = select(Application).where(*_open(enterprise_id), Application.id.in_(application_ids))
    return list(db.session.scalars(wanted.order_by(Application.id).with_for_update()))


def _open(enterprise_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Application.enterprise_id == enterprise_id,
        Application.state == ApplicationState.WAITING,
        Application.applied_at > clock.now() - VALID_FOR,
    )
