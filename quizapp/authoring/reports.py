"""Reports about questions: made by who had the question on a paper, answered by an editor."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quizapp import clock
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.authoring.kinds import ReportKind, ReportState
from quizapp.authoring.models import LONGEST_TEXT, QuestionReport
from quizapp.database import refuse
from quizapp.errors import Conflict, Invalid, NotFound
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz import queries as quiz_queries


class AlreadyReported(Conflict):
    """The same person's report about the question waits for an answer."""

    def __init__(self) -> None:
        super().__init__(M("您已经就这道题提过意见，正在等待答复。"))


class AlreadyAnswered(Conflict):
    """Somebody else was faster."""

    def __init__(self) -> None:
        super().__init__(M("这条意见已经答复过。"))


def report(
    actor: Actor, account_id: int, attempt_id: int, place: int, kind: ReportKind, text: str
) -> QuestionReport:
    """Report the question at a place (from 0) of one's own closed paper.

    Raises NotFound, Invalid and AlreadyReported.
    """
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Invalid(M("请写明哪里有错，最多 %(most)s 字。", most=LONGEST_TEXT))
    question_id, revision_id = quiz_queries.question_on_paper(account_id, attempt_id, place)
    made = QuestionReport(
        question_id=question_id,
        revision_id=revision_id,
        account_id=account_id,
        kind=kind,
        text=text,
        reported_at=clock.now(),
        state=ReportState.OPEN,
        answer="",
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as error:
        refuse(error, {"uq_question_reports_open": AlreadyReported()})
    log.record(actor, "question.report", f"question:{question_id}", {"kind": kind.value})
    return made


def answer(actor: Actor, report_id: int, text: str) -> QuestionReport:
    """Answer a report; the learner sees it. Raises NotFound, Invalid and AlreadyAnswered."""
    text = text.strip()
    if not 0 < len(text) <= LONGEST_TEXT:
        raise Invalid(M("请写答复，最多 %(most)s 字。", most=LONGEST_TEXT))
    held = db.session.scalar(select(QuestionReport).where(QuestionReport.id == report_id).with_for_update())
    if held is None:
        raise NotFound
    if held.state is not ReportState.OPEN:
        raise AlreadyAnswered
    held.state, held.answer = ReportState.ANSWERED, text
    held.answered_at, held.answered_by = clock.now(), actor.account_id
    db.session.flush()
    log.record(actor, "question.answer_report", f"question:{held.question_id}", {"report": held.id})
    return held
