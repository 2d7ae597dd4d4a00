"""What is done with tracks: their rules are changed."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select, update

from quizapp.campaigns import queries
from quizapp.campaigns.models import Track
from quizapp.campaigns.queries import CampaignTrack
from quizapp.campaigns.rules import Rules
from quizapp.extensions import db


def hold(track_id: int) -> CampaignTrack:
    """Return a track as it is now and keep other changes of it out; raise NotFound."""
    db.session.execute(select(Track.id).where(Track.id == track_id).with_for_update())
    return queries.get_track(track_id)


def change_rules(track_id: int, rules: Rules) -> None:
    """Give a track other rules; sittings that are under way keep those that they began with."""
    db.session.execute(update(Track).where(Track.id == track_id).values(**asdict(rules)))
