"""Enrolments follow posts and enterprises, and every moment of the past stays as it was."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from quizapp.accounts.scopes import Scope
from quizapp.audit.actors import COMMAND_LINE
from quizapp.campaigns.enrolments import record_passed, record_studied
from quizapp.campaigns.models import Enrolment, Track
from quizapp.coverage import queries, verification
from quizapp.coverage.selection import Selection
from quizapp.directory import enterprises, posts
from quizapp.directory.facts import EnterpriseFacts
from quizapp.directory.models import Enterprise, Post
from quizapp.directory.posts import NewPost
from quizapp.directory.roles import EnterpriseState, JobRole, Scale
from quizapp.extensions import db
from quizapp.roster.following import roster_change
from quizapp.study.models import Module, Progress
from tests import builders
from tests.conftest import MovableClock

#: The builder's attempts have no paper that could be graded again.
EMPTY_PAPER = "答卷"


class Roster:
    """A campaign with a track for each role, and what happens in it."""

    def __init__(self, clock: MovableClock) -> None:
        self.clock = clock
        self.regions = [builders.make_region() for _ in range(3)]
        self.campaign = builders.make_campaign(closes_at=clock.moment + timedelta(days=900))
        self.tracks: dict[JobRole, Track] = {}
        self.modules: dict[JobRole, Module] = {}
        for role in JobRole:
            self.tracks[role] = builders.make_track(self.campaign, role)
            self.modules[role] = builders.make_module(self.tracks[role])
        self.enterprise = builders.make_enterprise(self.regions[0])

    def take_up(self, role: JobRole = JobRole.KEY_POST, enterprise: Enterprise | None = None) -> Post:
        account = builders.make_account()
        return self.give(account.id, role, enterprise or self.enterprise)

    def give(self, account_id: int, role: JobRole, enterprise: Enterprise) -> Post:
        post = NewPost(account_id=account_id, enterprise_id=enterprise.id, job_role=role)
        with roster_change(COMMAND_LINE) as at:
            post_id = posts.begin(COMMAND_LINE, post, at)
        return db.session.get_one(Post, post_id)

    def move(self, enterprise: Enterprise, **changed: Any) -> None:
        names = EnterpriseFacts.__dataclass_fields__
        facts = replace(EnterpriseFacts(**{name: getattr(enterprise, name) for name in names}), **changed)
        with roster_change(COMMAND_LINE) as at:
            enterprises.change(COMMAND_LINE, enterprise, facts, at)

    def study(self, account_id: int, role: JobRole) -> None:
        now = self.clock.moment
        if db.session.scalar(
            db.select(Progress.id).where(
                Progress.account_id == account_id, Progress.module_id == self.modules[role].id
            )
        ):
            return
        builders.added(
            Progress(account_id=account_id, module_id=self.modules[role].id, credited_ms=60_000, first_beat_at=now,
                     last_beat_at=now, end_reached_at=now, done_at=now)
        )  # fmt: skip
        record_studied(account_id, db.select(Track.id).where(Track.id == self.tracks[role].id), now)

    def live(self, account_id: int) -> list[Enrolment]:
        db.session.expire_all()
        statement = db.select(Enrolment).where(
            Enrolment.account_id == account_id, Enrolment.withdrawn_at.is_(None)
        )
        return list(db.session.scalars(statement.order_by(Enrolment.id)))

    def selection(self) -> Selection:
        return Selection(campaign_id=self.campaign.id, as_of=self.clock.moment, scope=Scope(everything=True))


@pytest.fixture
def roster(app: Flask, moved_clock: MovableClock) -> Roster:
    return Roster(moved_clock)


def test_a_new_post_is_enrolled_where_it_counts(roster: Roster) -> None:
    post = roster.take_up()

    (enrolment,) = roster.live(post.account_id)

    assert enrolment.track_id == roster.tracks[JobRole.KEY_POST].id
    assert (enrolment.region_id, enrolment.scale) == (roster.regions[0].id, Scale.ABOVE)


def test_below_designated_size_only_principals_must_be_covered(roster: Roster) -> None:
    small = builders.make_enterprise(roster.regions[1], Scale.BELOW)

    manager, principal = (
        roster.take_up(JobRole.SAFETY_MANAGER, small),
        roster.take_up(JobRole.PRINCIPAL, small),
    )

    assert roster.live(manager.account_id) == []
    assert len(roster.live(principal.account_id)) == 1


def test_what_was_earned_moves_with_the_enterprise(roster: Roster) -> None:
    post = roster.take_up()
    roster.study(post.account_id, JobRole.KEY_POST)
    earned = roster.clock.moment
    roster.clock.forward(days=3)

    roster.move(roster.enterprise, region_id=roster.regions[2].id)

    (enrolment,) = roster.live(post.account_id)
    assert (enrolment.region_id, enrolment.studied_at) == (roster.regions[2].id, earned)
    assert enrolment.enrolled_at == roster.clock.moment


def test_a_second_post_in_the_same_role_has_nothing_left_to_do(roster: Roster) -> None:
    post = roster.take_up(JobRole.PRINCIPAL)
    roster.study(post.account_id, JobRole.PRINCIPAL)
    roster.clock.forward(days=1)

    roster.give(post.account_id, JobRole.PRINCIPAL, builders.make_enterprise(roster.regions[1], Scale.BELOW))

    assert all(enrolment.studied_at for enrolment in roster.live(post.account_id))


def test_who_comes_back_is_credited_with_what_they_had_done(roster: Roster) -> None:
    post = roster.take_up()
    roster.study(post.account_id, JobRole.KEY_POST)
    done = roster.clock.moment
    attempt = builders.make_passed_attempt(roster.live(post.account_id)[0], roster.clock.moment)
    roster.clock.forward(days=1)
    with roster_change(COMMAND_LINE) as at:
        posts.end(COMMAND_LINE, post, at)
    assert roster.live(post.account_id) == []
    roster.clock.forward(days=9)

    roster.give(post.account_id, JobRole.KEY_POST, roster.enterprise)

    (enrolment,) = roster.live(post.account_id)
    assert (enrolment.studied_at, enrolment.attempt_id) == (done, attempt.id)
    assert enrolment.completed_at == attempt.closed_at


def test_a_change_of_role_withdraws_one_and_begins_another(roster: Roster) -> None:
    post = roster.take_up()
    roster.clock.forward(days=1)

    with roster_change(COMMAND_LINE) as at:
        posts.change(COMMAND_LINE, post, at, job_role=JobRole.SAFETY_MANAGER, title="安全员")

    (enrolment,) = roster.live(post.account_id)
    assert enrolment.track_id == roster.tracks[JobRole.SAFETY_MANAGER].id


def test_a_suspended_enterprise_leaves_the_coverage_and_comes_back(roster: Roster) -> None:
    post = roster.take_up()
    before = roster.selection()
    roster.clock.forward(days=1)
    with roster_change(COMMAND_LINE) as at:
        enterprises.set_state(COMMAND_LINE, roster.enterprise, EnterpriseState.SUSPENDED, "停产检修", at)
    assert roster.live(post.account_id) == []
    assert queries.enterprises(roster.selection()) == []
    roster.clock.forward(days=1)

    with roster_change(COMMAND_LINE) as at:
        enterprises.set_state(COMMAND_LINE, roster.enterprise, EnterpriseState.OPERATING, "", at)

    assert len(roster.live(post.account_id)) == 1
    assert len(queries.enterprises(before)) == 1


def test_a_campaign_that_is_over_is_left_alone(roster: Roster) -> None:
    post = roster.take_up()
    roster.clock.forward(days=1000)
    with roster_change(COMMAND_LINE) as at:
        posts.end(COMMAND_LINE, post, at)

    assert len(roster.live(post.account_id)) == 1


class RandomHistory:
    """Things that happen in a roster, in an order that a seed decides."""

    def __init__(self, roster: Roster, seed: int) -> None:
        self.roster, self.source = roster, random.Random(seed)
        self.units = [builders.make_enterprise(region, scale) for region in roster.regions for scale in Scale]
        self.held: list[Post] = []
        self.acts = (self.join, self.join, self.join, self.leave, self.move, self.resize, self.set_state,
                     self.study, self.finish)  # fmt: skip

    def act(self) -> None:
        self.roster.clock.forward(hours=1)
        self.source.choice(self.acts)()
        db.session.flush()
        db.session.expire_all()

    def join(self) -> None:
        role = self.source.choice(list(JobRole))
        self.held.append(self.roster.take_up(role, self.source.choice(self.units)))

    def leave(self) -> None:
        if self.held:
            with roster_change(COMMAND_LINE) as at:
                posts.end(COMMAND_LINE, self.held.pop(self.source.randrange(len(self.held))), at)

    def move(self) -> None:
        self.roster.move(self.source.choice(self.units), region_id=self.source.choice(self.roster.regions).id)

    def resize(self) -> None:
        revenue, scale = self.source.choice(((Decimal(50), Scale.BELOW), (Decimal(5000), Scale.ABOVE)))
        self.roster.move(self.source.choice(self.units), revenue_wan=revenue, scale=scale)

    def set_state(self) -> None:
        unit, state = self.source.choice(self.units), self.source.choice(list(EnterpriseState))
        with roster_change(COMMAND_LINE) as at:
            enterprises.set_state(COMMAND_LINE, unit, state, "因故", at)

    def study(self) -> None:
        if self.held:
            post = self.source.choice(self.held)
            self.roster.study(post.account_id, post.job_role)

    def finish(self) -> None:
        for enrolment in [e for post in self.held for e in self.roster.live(post.account_id)]:
            if enrolment.passed_at is None and self.source.random() < 0.5:
                now = self.roster.clock.moment
                attempt = builders.make_passed_attempt(enrolment, now)
                record_passed(enrolment.account_id, enrolment.track_id, attempt.id, now)
                db.session.expire_all()


@pytest.mark.parametrize("seed", range(6))
def test_every_moment_of_a_random_history_stays_as_it_was(roster: Roster, seed: int) -> None:
    history, seen = RandomHistory(roster, seed), []
    for _ in range(40):
        history.act()
        now = roster.selection()
        seen.append((now, queries.overview(now), sorted(map(str, queries.stream_list(now)))))
        assert [m for m in verification.differences(now) if not m.text.startswith(EMPTY_PAPER)] == []

    for then, overview, rows in seen:
        assert queries.overview(then) == overview
        assert sorted(map(str, queries.stream_list(then))) == rows
