"""A track, an editor and a learner on the track."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.kinds import GrantKind
from quizapp.campaigns.models import Track
from quizapp.extensions import db
from tests import builders
from tests.conftest import MovableClock
from tests.pages import sign_in
from tests.study.writing import Learner


@pytest.fixture
def track(app: Flask) -> Track:
    found = builders.make_track(builders.make_campaign())
    db.session.commit()
    return found


@pytest.fixture
def editor(app: Flask) -> FlaskClient:
    account = builders.make_staff(GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return sign_in(app, account)


@pytest.fixture
def learner(app: Flask, track: Track, moved_clock: MovableClock) -> Learner:
    return Learner(app, track, moved_clock)
