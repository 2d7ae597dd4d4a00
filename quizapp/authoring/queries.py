"""Reads of reports about questions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from quizapp.authoring.kinds import ReportState
from quizapp.authoring.models import QuestionReport
from quizapp.bank import queries as bank_queries
from quizapp.extensions import db
from quizapp.web.pages import PER_PAGE, Page


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report with the stem of the question as it stood on the paper."""

    report: QuestionReport
    stem: str


def page_of_reports(state: ReportState | None, number: int) -> Page[ShownReport]:
    """Return a page of reports, those that wait the longest first, answered ones the latest first."""
    wanted = select(QuestionReport)
    if state is not None:
        wanted = wanted.where(QuestionReport.state == state)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    order = (QuestionReport.state.desc(), QuestionReport.id)
    rows = db.session.scalars(wanted.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Page(_with_stems(list(rows)), total, number)


def reports_of_question(question_id: int) -> list[QuestionReport]:
    """Return what was reported about a question, the latest first."""
    wanted = select(QuestionReport).where(QuestionReport.question_id == question_id)
    return list(db.session.scalars(wanted.order_by(QuestionReport.id.desc())))


def reports_by(account_id: int) -> list[ShownReport]:
    """Return what somebody reported, the latest first."""
    wanted = select(QuestionReport).where(QuestionReport.account_id == account_id)
    return _with_stems(list(db.session.scalars(wanted.order_by(QuestionReport.id.desc()))))


def count_open() -> int:
    """Return how many reports wait for an answer."""
    wanted = select(func.count()).select_from(QuestionReport).where(QuestionReport.state == ReportState.OPEN)
    return db.session.scalar(wanted) or 0


def _with_stems(reports: list[QuestionReport]) -> list[ShownReport]:
    shown = bank_queries.shown_questions({report.revision_id for report in reports})
    return [ShownReport(report, shown[report.revision_id].stem) for report in reports]
