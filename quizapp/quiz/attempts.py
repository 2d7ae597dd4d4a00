"""An attempt's life: started, answered, submitted or overtaken by its deadline."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import QuestionType
from quizapp.campaigns.enrolments import record_passed
from quizapp.campaigns.queries import OwnTrack, get_own_track
from quizapp.database import columns, refuse, share_for_transaction, table_of
from quizapp.errors import Conflict, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz import queries
from quizapp.quiz.answers import Answer, answers_by_place, merge, to_original, to_shown
from quizapp.quiz.drawing import draw_paper
from quizapp.quiz.grading import grade
from quizapp.quiz.models import Attempt, ClosedBy
from quizapp.quiz.papers import gradables, revisions_on

#: What is on its way when the time is over is still taken for so long.
GRACE = timedelta(seconds=5)
#: Held by who corrects a key, shared by who grades.
KEYS_LOCK = "keys"
SEED_BITS = 62


_attempts = columns(Attempt)
_is_own = and_(_attempts.id == bindparam("attempt_id"), _attempts.account_id == bindparam("account_id"))
#: Read as it is now, whatever this session had read of it before.
_LOCKED = select(Attempt).where(_is_own).with_for_update().execution_options(populate_existing=True)
#: What a save needs of an attempt and what it writes, without the objects around it.
_SITTING = (
    select(_attempts.closed_at, _attempts.deadline_at, _attempts.paper, _attempts.answers)
    .where(_is_own)
    .with_for_update()
)
_KEEP = (
    update(table_of(Attempt))
    .where(_attempts.id == bindparam("attempt_id"))
    .values(answers=bindparam("merged", type_=_attempts.answers.type))
)


class CampaignNotRunning(Conflict):
    """The campaign has not begun or is over."""

    def __init__(self) -> None:
        super().__init__(M("专题活动不在开放时间内，不能答题。"))


class StudyFirst(Conflict):
    """The modules come before the quiz."""

    def __init__(self) -> None:
        super().__init__(M("请先学完全部学习内容，再开始答题。"))


class AlreadyPassed(Conflict):
    """There is nothing left to take."""

    def __init__(self) -> None:
        super().__init__(M("您已经合格，不需要再次答题。"))


class AttemptOpen(Conflict):
    """The account has an attempt in this track that is not closed yet."""

    def __init__(self) -> None:
        super().__init__(M("您有一份未交的试卷，请先完成它。"))


class NoAttemptsLeft(Conflict):
    """The track's limit is reached."""

    def __init__(self) -> None:
        super().__init__(M("答题次数已用完。请联系企业安全管理人员或属地工作人员。"))


class AttemptClosed(Conflict):
    """The paper was handed in already."""

    def __init__(self) -> None:
        super().__init__(M("试卷已交，答案不能再改。"))


class DeadlinePassed(Conflict):
    """The time is over; what was saved counts."""

    def __init__(self) -> None:
        super().__init__(M("答题时间已到，此前保存的答案有效。"))


@dataclass(frozen=True, slots=True)
class Saved:
    """What the server holds at a place after a save; `accepted` is False when it held newer."""

    place: int
    sequence: int
    shown: list[int]
    texts: list[str]
    accepted: bool
    seconds_left: int


def start(account_id: int, track_id: int) -> Attempt:
    """Open the account's next attempt in a track, with a freshly drawn paper.

    That there is one open attempt and never more than the limit is held by the database.
    Raises NotFound, CampaignNotRunning, StudyFirst, AlreadyPassed, AttemptOpen, NoAttemptsLeft, BankTooSmall.
    """
    now = clock.now()
    track = get_own_track(account_id, track_id)
    _check_may_start(track, now)
    sections = queries.sections(track_id)
    questions = bank_queries.active_questions({section.bank_id for section in sections})
    seed = secrets.randbits(SEED_BITS)
    paper = draw_paper(sections, [q for q in questions if q.suits(track.job_role)], seed)
    attempt = Attempt(
        account_id=account_id,
        track_id=track_id,
        number=queries.last_number(account_id, track_id) + 1,
        attempt_limit=track.attempt_limit,
        pass_mark=track.pass_mark,
        seed=seed,
        paper=[asdict(item) for item in paper],
        answers={},
        started_at=now,
        deadline_at=min(now + timedelta(minutes=track.minutes), track.closes_at),
        total_points=sum(item.points for item in paper),
    )
    try:
        with db.session.begin_nested():
            db.session.add(attempt)
    except IntegrityError as error:
        refuse(
            error,
            {
                "uq_attempts_open": AttemptOpen(),
                "uq_attempts_account_id_track_id_number": AttemptOpen(),
                "ck_attempts_number_within_limit": NoAttemptsLeft(),
            },
        )
    return attempt


def _check_may_start(track: OwnTrack, now: datetime) -> None:
    if not track.is_open(now):
        raise CampaignNotRunning
    if not track.quiz_is_open_to_them:
        raise StudyFirst
    if track.passed_at is not None:
        raise AlreadyPassed


def save(account_id: int, attempt_id: int, answer: Answer) -> Saved:
    """Keep an answer, unless an equal or newer one is there, and return what is held now.

    Raises NotFound, AttemptClosed, DeadlinePassed, NotOnThePaper.
    """
    now = clock.now()
    names = {"attempt_id": attempt_id, "account_id": account_id}
    attempt = db.session.execute(_SITTING, names).one_or_none()
    if attempt is None:
        raise NotFound
    if attempt.closed_at is not None:
        raise AttemptClosed
    if now > attempt.deadline_at + GRACE:
        raise DeadlinePassed
    answers = _merged(attempt, answer, now)
    accepted = answers is not None
    if accepted:
        db.session.execute(_KEEP, {"attempt_id": attempt_id, "merged": answers})
    held, item = (answers or attempt.answers)[str(answer.place)], attempt.paper[answer.place]
    is_filled = item["type"] == QuestionType.FILL_IN
    return Saved(
        place=answer.place,
        sequence=held["sequence"],
        shown=[] if is_filled else to_shown(item["order"], held["choice"]),
        texts=held["choice"] if is_filled else [],
        accepted=accepted,
        seconds_left=max(0, int((attempt.deadline_at - now).total_seconds())),
    )


def submit(account_id: int, attempt_id: int, answers: Iterable[Answer] = ()) -> Attempt:
    """Hand in an attempt and return it graded; handed in before, it is returned as it is.

    `answers` come along when the page works without scripts. After the deadline they are left out
    and what was saved is graded. Raises NotFound, NotOnThePaper.
    """
    now = clock.now()
    attempt = _locked(account_id, attempt_id)
    if attempt.closed_at is not None:
        return attempt
    in_time = now <= attempt.deadline_at + GRACE
    if in_time:
        for answer in answers:
            attempt.answers = _merged(attempt, answer) or attempt.answers
    _close(attempt, now, ClosedBy.LEARNER if in_time else ClosedBy.DEADLINE)
    return attempt


def recognise(at: datetime) -> None:
    """Credit those who were enrolled at this moment with a quiz that they had passed before."""
    for attempt in queries.passed_before(at):
        record_passed(attempt.account_id, attempt.track_id, attempt.id, attempt.closed_at)


def close_overdue(attempt_id: int) -> bool:
    """Grade an attempt past its deadline from what was saved. False if somebody else is at it or was."""
    now = clock.now()
    attempt = db.session.scalar(
        select(Attempt)
        .where(Attempt.id == attempt_id, Attempt.closed_at.is_(None), Attempt.deadline_at < now - GRACE)
        .with_for_update(skip_locked=True)
    )
    if attempt is None:
        return False
    _close(attempt, now, ClosedBy.DEADLINE)
    return True


def _locked(account_id: int, attempt_id: int) -> Attempt:
    attempt = db.session.scalar(_LOCKED, {"attempt_id": attempt_id, "account_id": account_id})
    if attempt is None:
        raise NotFound
    return attempt


def _merged(attempt: Any, answer: Answer, at: datetime | None = None) -> dict[str, Any] | None:
    """Return the answers with this one among them; None when an equal or newer one is there.

    A sheet that is handed in as a whole has no moment for each of its answers.
    """
    return merge(attempt.answers, answer.place, answer.sequence, to_original(attempt.paper, answer), at)


def _close(attempt: Attempt, now: datetime, by: ClosedBy) -> None:
    # A key that is being corrected is waited for: else this would be graded by the wrong one, unseen.
    share_for_transaction(db.session, KEYS_LOCK)
    paper = gradables(attempt.paper, bank_queries.keys(revisions_on(attempt.paper)))
    graded = grade(paper, answers_by_place(attempt.answers), attempt.pass_mark)
    attempt.marks = list(graded.marks)
    attempt.points = graded.points
    attempt.passed = graded.passed
    attempt.closed_at = now
    attempt.closed_by = by
    db.session.flush()
    if graded.passed:
        record_passed(attempt.account_id, attempt.track_id, attempt.id, now)
