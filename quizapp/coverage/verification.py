"""Recomputing everything from the facts: enrolments against study, attempts, posts; figures against rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from quizapp import clock
from quizapp.bank import queries as bank_queries
from quizapp.bank.models import QuestionRevision
from quizapp.campaigns.models import Enrolment
from quizapp.coverage import queries
from quizapp.coverage.selection import Selection, Status
from quizapp.directory.models import Post
from quizapp.directory.roles import Scale
from quizapp.extensions import db
from quizapp.messages import M, Message
from quizapp.quiz.answers import answers_by_place
from quizapp.quiz.grading import grade
from quizapp.quiz.models import Attempt, RegradedAttempt
from quizapp.quiz.papers import gradables
from quizapp.study.models import Module, Progress, TrackModule
from quizapp.study.queries import has_studied

CHUNK = 500


def differences(selection: Selection) -> Iterator[Message]:
    """Yield a sentence for each difference between what is recorded and what the facts give."""
    yield from _unfounded(selection.campaign_id)
    yield from _misgraded(selection.campaign_id)
    yield from _miscounted(selection)


def _never_done() -> ColumnElement[bool]:
    """A module that the track asked for when its study was recorded, and that was done in no edition."""
    return exists(
        select(TrackModule.module_id)
        .join(Module, Module.id == TrackModule.module_id)
        .outerjoin(
            Progress,
            and_(
                Progress.module_id == TrackModule.module_id,
                Progress.account_id == Enrolment.account_id,
                Progress.done_at.is_not(None),
            ),
        )
        .where(
            TrackModule.track_id == Enrolment.track_id,
            or_(TrackModule.required_since.is_(None), TrackModule.required_since <= Enrolment.studied_at),
            Module.published_at <= clock.now(),
            Progress.id.is_(None),
        )
        .correlate(Enrolment)
    )


def _passed_attempt() -> ColumnElement[bool]:
    return exists(
        select(Attempt.id)
        .where(
            Attempt.account_id == Enrolment.account_id,
            Attempt.track_id == Enrolment.track_id,
            Attempt.passed.is_(True),
        )
        .correlate(Enrolment)
    )


def _unfounded(campaign_id: int) -> Iterator[Message]:
    """Enrolments that say other than progress, attempts and posts do."""
    proof = and_(
        Attempt.id == Enrolment.attempt_id,
        Attempt.account_id == Enrolment.account_id,
        Attempt.track_id == Enrolment.track_id,
        Attempt.passed.is_(True),
    )
    later = func.max if db.engine.dialect.name == "sqlite" else func.greatest
    held = exists(
        select(Post.id).where(
            Post.id == Enrolment.post_id,
            Post.account_id == Enrolment.account_id,
            Post.enterprise_id == Enrolment.enterprise_id,
            Post.job_role == Enrolment.job_role,
            or_(Post.ended_at.is_(None), Enrolment.withdrawn_at.is_not(None)),
        )
    )
    live = Enrolment.withdrawn_at.is_(None)
    checks = (
        (
            and_(live, Enrolment.studied_at.is_not(None), _never_done()),
            M("应学记录 %(id)s 记为学完，但有内容没有学完。"),
        ),
        (
            and_(
                live,
                Enrolment.studied_at.is_(None),
                has_studied(Enrolment.account_id, Enrolment.track_id, clock.now()),
            ),
            M("应学记录 %(id)s 已学完全部内容，却没有记为学完。"),
        ),
        (
            and_(
                Enrolment.passed_at.is_not(None),
                ~exists(select(Attempt.id).where(proof).correlate(Enrolment)),
            ),
            M("应学记录 %(id)s 记为合格，但没有合格的答卷。"),
        ),
        (
            and_(live, Enrolment.passed_at.is_(None), _passed_attempt()),
            M("应学记录 %(id)s 有合格的答卷，却没有记为合格。"),
        ),
        (
            and_(
                Enrolment.completed_at.is_not(None),
                Enrolment.completed_at != later(Enrolment.studied_at, Enrolment.passed_at),
            ),
            M("应学记录 %(id)s 的完成时间不是学完与合格中较晚的一个。"),
        ),
        (~held, M("应学记录 %(id)s 与任职不符。")),
    )
    for condition, message in checks:
        statement = select(Enrolment.id).where(Enrolment.campaign_id == campaign_id, condition)
        for enrolment_id in db.session.scalars(statement.order_by(Enrolment.id)):
            yield Message(message.text, {"id": enrolment_id})


def _misgraded(campaign_id: int) -> Iterator[Message]:
    """Closed attempts whose result is not what their answers and keys give."""
    keys = bank_queries.keys(db.session.scalars(select(QuestionRevision.id)).all())
    kept = set(db.session.scalars(select(RegradedAttempt.attempt_id).where(RegradedAttempt.passed_before)))
    tracks = select(Enrolment.track_id).where(Enrolment.campaign_id == campaign_id)
    statement = select(Attempt).where(Attempt.closed_at.is_not(None), Attempt.track_id.in_(tracks))
    for attempt in db.session.scalars(statement.order_by(Attempt.id).execution_options(yield_per=CHUNK)):
        paper = gradables(attempt.paper, keys)
        graded = grade(paper, answers_by_place(attempt.answers), attempt.pass_mark)
        passed = graded.passed or attempt.id in kept
        if (graded.points, passed, list(graded.marks)) != (
            attempt.points,
            attempt.passed,
            attempt.marks,
        ):
            yield M("答卷 %(id)s 的得分与重新评分不一致。", id=attempt.id)
        db.session.expunge(attempt)


def _miscounted(selection: Selection) -> Iterator[Message]:
    """Figures that are not the number of rows in the list behind them."""
    rows: Counter[tuple[str, Scale]] = Counter()
    done: Counter[tuple[str, Scale]] = Counter()
    for row in queries.stream_list(selection):
        rows[row.region, row.scale] += 1
        done[row.region, row.scale] += row.status is Status.COMPLETE
    for region in queries.overview(selection).regions:
        for scale, figures in ((Scale.ABOVE, region.above), (Scale.BELOW, region.below)):
            listed = (rows.pop((region.name, scale), 0), done.pop((region.name, scale), 0))
            if listed != (figures.people.enrolled, figures.people.completed):
                yield M("%(region)s的统计与名单不一致。", region=region.name)
    for name, _scale in rows:
        yield M("%(region)s的统计与名单不一致。", region=name)
