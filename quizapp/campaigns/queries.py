"""Reads of campaigns and of one person's enrolments in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, bindparam, select

from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.campaigns.rules import Rules
from quizapp.database import columns
from quizapp.directory.queries import name_of_enterprise
from quizapp.directory.roles import JobRole
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.messages import M


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnTrack:
    """A track that a person is enrolled in, with the campaign around it and how far they are."""

    track_id: int
    campaign_name: str
    heading: str
    is_demonstration: bool
    opens_at: datetime
    closes_at: datetime
    job_role: JobRole
    enterprises: tuple[str, ...]
    pass_mark: int
    attempt_limit: int
    minutes: int
    study_first: bool
    studied_at: datetime | None
    passed_at: datetime | None
    completed_at: datetime | None

    def is_open(self, at: datetime) -> bool:
        """Say whether the campaign runs at this moment."""
        return self.opens_at <= at < self.closes_at

    @property
    def last_moment(self) -> datetime:
        """Return the last moment of the campaign: one that closes at midnight ends on the day before."""
        return self.closes_at - timedelta(seconds=1)

    @property
    def quiz_is_open_to_them(self) -> bool:
        """Say whether study no longer stands before the quiz."""
        return self.studied_at is not None or not self.study_first


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignTrack:
    """A track with the campaign around it, as those who set it up see it."""

    id: int
    job_role: JobRole
    rules: Rules
    campaign_id: int
    campaign_slug: str
    campaign_name: str
    heading: str


_campaigns, _enrolments, _tracks = columns(Campaign), columns(Enrolment), columns(Track)
_COLUMNS = (
    _tracks.id.label("track_id"),
    _campaigns.name.label("campaign_name"),
    _campaigns.heading,
    _campaigns.is_demonstration,
    _campaigns.opens_at,
    _campaigns.closes_at,
    _tracks.job_role,
    _tracks.pass_mark,
    _tracks.attempt_limit,
    _tracks.minutes,
    _tracks.study_first,
    _enrolments.studied_at,
    _enrolments.passed_at,
    _enrolments.completed_at,
)


_OWN_TRACKS = (
    select(*_COLUMNS, name_of_enterprise(_enrolments.enterprise_id).label("enterprise"))
    .select_from(Enrolment.__table__)
    .join(Track.__table__, _tracks.id == _enrolments.track_id)
    .join(Campaign.__table__, _campaigns.id == _tracks.campaign_id)
    .where(_enrolments.account_id == bindparam("account_id"), _enrolments.withdrawn_at.is_(None))
    .order_by(_campaigns.closes_at, _tracks.id, _enrolments.id)
)
_OWN_TRACK = _OWN_TRACKS.where(_tracks.id == bindparam("track_id"))


def own_tracks(account_id: int, track_id: int | None = None) -> list[OwnTrack]:
    """Return the tracks that the account is enrolled in, the campaign that closes first in front.

    The same role in several enterprises is one track with several enterprises.
    """
    if track_id is None:
        found = db.session.execute(_OWN_TRACKS, {"account_id": account_id})
    else:
        found = db.session.execute(_OWN_TRACK, {"account_id": account_id, "track_id": track_id})
    rows: dict[int, list[dict[str, object]]] = {}
    for row in found.mappings():
        rows.setdefault(row["track_id"], []).append(dict(row))
    return [_own_track(group) for group in rows.values()]


def _own_track(group: Sequence[dict[str, object]]) -> OwnTrack:
    """Several enrolments in one track are as far as the one that is least far."""
    values = dict(group[0])
    for name in ("studied_at", "passed_at", "completed_at"):
        moments = [row[name] for row in group]
        values[name] = None if None in moments else max(moments)  # type: ignore[type-var]  # all are moments
    values["enterprises"] = tuple(str(row["enterprise"]) for row in group)
    del values["enterprise"]
    return OwnTrack(**values)  # type: ignore[arg-type]  # the columns are the fields


def get_own_track(account_id: int, track_id: int) -> OwnTrack:
    """Return one track that the account is enrolled in or raise NotFound."""
    tracks = own_tracks(account_id, track_id)
    if not tracks:
        raise NotFound(M("您没有参加这个专题活动。"))
    return tracks[0]


def enrolled_tracks(account_id: ColumnElement[int]) -> Select[int]:
    """Return the question "which tracks is this account enrolled in", for use inside another.

    `account_id` and `at` are bound parameters: such questions are put together once and asked often.
    """
    return select(_enrolments.track_id).where(
        _enrolments.account_id == account_id, _enrolments.withdrawn_at.is_(None)
    )


def running_tracks(account_id: ColumnElement[int], at: ColumnElement[datetime]) -> Select[int]:
    """Return the same question for campaigns that run at this moment."""
    return (
        enrolled_tracks(account_id)
        .join(Track.__table__, _tracks.id == _enrolments.track_id)
        .join(Campaign.__table__, _campaigns.id == _tracks.campaign_id)
        .where(_campaigns.opens_at <= at, _campaigns.closes_at > at)
    )


@dataclass(frozen=True, slots=True)
class PostStanding:
    """How far the holder of a post has come in a campaign."""

    studied_at: datetime | None
    passed_at: datetime | None
    completed_at: datetime | None


def standings_of_posts(campaign_id: int, enterprise_id: int) -> dict[int, PostStanding]:
    """Return the enrolments in force of one enterprise, by post."""
    rows = db.session.execute(
        select(
            _enrolments.post_id, _enrolments.studied_at, _enrolments.passed_at, _enrolments.completed_at
        ).where(
            _enrolments.campaign_id == campaign_id,
            _enrolments.enterprise_id == enterprise_id,
            _enrolments.withdrawn_at.is_(None),
        )
    )
    return {row.post_id: PostStanding(*row[1:]) for row in rows}


@dataclass(frozen=True, kw_only=True, slots=True)
class PastEnrolment:
    """An enrolment of somebody, in force or withdrawn, as they see it."""

    campaign: str
    enterprise: str
    job_role: JobRole
    enrolled_at: datetime
    withdrawn_at: datetime | None
    studied_at: datetime | None
    passed_at: datetime | None
    completed_at: datetime | None


def enrolments_of(account_id: int) -> list[PastEnrolment]:
    """Return where somebody is and was to be covered, the latest first."""
    rows = db.session.execute(
        select(
            _campaigns.name.label("campaign"),
            name_of_enterprise(_enrolments.enterprise_id).label("enterprise"),
            _enrolments.job_role,
            _enrolments.enrolled_at,
            _enrolments.withdrawn_at,
            _enrolments.studied_at,
            _enrolments.passed_at,
            _enrolments.completed_at,
        )
        .join(Campaign.__table__, _campaigns.id == _enrolments.campaign_id)
        .where(_enrolments.account_id == account_id)
        .order_by(_enrolments.enrolled_at.desc(), _enrolments.id.desc())
    )
    return [PastEnrolment(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


_CAMPAIGN_TRACKS = (
    select(
        _tracks.id,
        _tracks.job_role,
        _tracks.minutes,
        _tracks.pass_mark,
        _tracks.attempt_limit,
        _tracks.study_first,
        _campaigns.id.label("campaign_id"),
        _campaigns.slug.label("campaign_slug"),
        _campaigns.name.label("campaign_name"),
        _campaigns.heading,
    )
    .join(Campaign.__table__, _campaigns.id == _tracks.campaign_id)
    .order_by(_campaigns.opens_at.desc(), _campaigns.id.desc(), _tracks.id)
)


def list_tracks(campaign_slug: str | None = None) -> list[CampaignTrack]:
    """Return the tracks of one campaign or of all, the newest campaign in front."""
    wanted = _CAMPAIGN_TRACKS
    if campaign_slug:
        wanted = wanted.where(_campaigns.slug == campaign_slug)
    return [_campaign_track(row) for row in db.session.execute(wanted)]


def get_track(track_id: int) -> CampaignTrack:
    """Return a track or raise NotFound."""
    row = db.session.execute(_CAMPAIGN_TRACKS.where(_tracks.id == track_id)).one_or_none()
    if row is None:
        raise NotFound
    return _campaign_track(row)


def _campaign_track(row: Any) -> CampaignTrack:
    return CampaignTrack(
        id=row.id,
        job_role=row.job_role,
        rules=Rules(
            minutes=row.minutes,
            pass_mark=row.pass_mark,
            attempt_limit=row.attempt_limit,
            study_first=row.study_first,
        ),
        campaign_id=row.campaign_id,
        campaign_slug=row.campaign_slug,
        campaign_name=row.campaign_name,
        heading=row.heading,
    )


def enrolled_at(at: datetime) -> Subquery:
    """Return the enrolments in force that began at this very moment, for use inside another question."""
    return (
        select(_enrolments.account_id, _enrolments.track_id, _enrolments.studied_at, _enrolments.passed_at)
        .where(_enrolments.enrolled_at == at, _enrolments.withdrawn_at.is_(None))
        .subquery("enrolled")
    )


def get_campaign(slug: str | None = None) -> Campaign:
    """Return the campaign with this slug, or the newest one; raise NotFound."""
    statement = select(Campaign).order_by(Campaign.opens_at.desc(), Campaign.id.desc()).limit(1)
    if slug:
        statement = statement.where(Campaign.slug == slug)
    campaign = db.session.scalar(statement)
    if campaign is None:
        raise NotFound(M("还没有专题活动。"))
    return campaign


@dataclass(frozen=True, slots=True)
class OpenTrack:
    """A track of a campaign that is not over."""

    id: int
    campaign: str
    job_role: JobRole


def open_tracks(at: datetime) -> list[OpenTrack]:
    """Return the tracks of campaigns that are not over, the campaign that closes first in front."""
    rows = db.session.execute(
        select(_tracks.id, _campaigns.name, _tracks.job_role)
        .join(Campaign.__table__, _campaigns.id == _tracks.campaign_id)
        .where(_campaigns.closes_at > at)
        .order_by(_campaigns.closes_at, _tracks.id)
    )
    return [OpenTrack(*row) for row in rows]
