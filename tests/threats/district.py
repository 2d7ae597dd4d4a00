"""A district in which everything has an owner: two towns of one district and a third of another.

Everybody has a name and a phone number that occur nowhere else, so that a page can be searched for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.accounts.passwords import hash_password
from quizapp.authoring.kinds import ReportKind, ReportState
from quizapp.authoring.models import QuestionReport
from quizapp.bank.models import Bank, QuestionRevision
from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.directory.models import Enterprise, MemberUnit
from quizapp.extensions import db
from quizapp.people.models import Application, ApplicationState, JoinLink
from quizapp.quiz.models import Attempt
from tests import builders

NAME = re.compile(r"人名\d{4}号")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_people = count(1)


def make_person() -> Account:
    """Somebody with a name and a number of their own."""
    number = next(_people) % 10_000
    return builders.make_account(f"人名{number:04d}号", phone=f"1390000{number:04d}")


def make_grant(account: Account, kind: GrantKind, region_path: str | None = None, **place: int) -> Grant:
    """Let somebody do staff work."""
    grant = Grant(account_id=account.id, kind=kind, region_path=region_path, granted_at=clock.now(), **place)
    builders.added(grant)
    return grant


@dataclass
class Town:
    """A town with a member unit, an enterprise and its people."""

    path: str
    unit: MemberUnit
    enterprise: Enterprise
    learner: Account
    #: Two sittings of the learner: one that passed, one that is open.
    passed: Attempt
    colleague: Account
    #: Held a post once.
    leaver: Account
    contact: Account
    contact_grant: Grant
    staff: Account
    unit_staff: Account
    application: Application
    link: JoinLink
    #: What the colleague says about a question on the learner's closed paper.
    report: QuestionReport
    posts: dict[str, int] = field(default_factory=dict)

    @property
    def on_the_roster(self) -> tuple[Account, ...]:
        """Return who holds or held a post in the enterprise."""
        return (self.learner, self.colleague, self.leaver)

    @property
    def names(self) -> set[str]:
        """Return the names that belong to the enterprise: its people, its contact, and who has applied."""
        return {account.name for account in (*self.on_the_roster, self.contact)} | {self.application.name}


@dataclass
class District:
    """Three towns, what they all learn, and those who look at more than one."""

    towns: dict[str, Town]
    campaign: Campaign
    track: Track
    module_id: int
    bank_slug: str
    administrator: Account
    auditor: Account
    editor: Account


def make_district() -> District:
    """Build and commit it."""
    campaign = builders.make_campaign()
    track = builders.make_track(campaign, attempt_limit=3)
    bank, module = builders.make_quiz(track), builders.make_module(track)
    paths = {"here": "wujin/hutang", "there": "wujin/lijia", "far": "jingkai/hengshan"}
    towns = {name: _make_town(path, track, bank) for name, path in paths.items()}
    administrator, auditor, editor = make_person(), make_person(), make_person()
    make_grant(administrator, GrantKind.DISTRICT_ADMINISTRATOR)
    make_grant(auditor, GrantKind.AUDITOR)
    make_grant(editor, GrantKind.CONTENT_EDITOR)
    db.session.commit()
    return District(towns, campaign, track, module.id, bank.slug, administrator, auditor, editor)


def _make_town(path: str, track: Track, bank: Bank) -> Town:
    region = builders.make_region(path)
    unit = MemberUnit(name=f"{path}主管部门")
    builders.added(unit)
    enterprise = builders.make_enterprise(region)
    enterprise.member_unit_id = unit.id
    db.session.execute(
        db.text("UPDATE placements SET member_unit_id = :unit WHERE enterprise_id = :id"),
        {"unit": unit.id, "id": enterprise.id},
    )
    learner, colleague, leaver, contact, staff, unit_staff = (make_person() for _ in range(6))
    enrolments = [_enrol(person, track, enterprise) for person in (learner, colleague, leaver)]
    _let_leave(enrolments[2])
    grant = make_grant(contact, GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise.id)
    make_grant(staff, GrantKind.TOWN_STAFF, path)
    make_grant(unit_staff, GrantKind.MEMBER_UNIT_STAFF, member_unit_id=unit.id)
    link = JoinLink(enterprise_id=enterprise.id, token=f"link-{enterprise.id}", made_at=clock.now())
    builders.added(link)
    passed = builders.make_passed_attempt(enrolments[0], clock.now())
    report = _make_report(passed, builders.make_question(bank), colleague)
    return Town(
        path, unit, enterprise, learner, passed, colleague, leaver, contact, grant, staff, unit_staff,
        _make_application(enterprise), link, report,
        {"learner": enrolments[0].post_id, "colleague": enrolments[1].post_id, "leaver": enrolments[2].post_id},
    )  # fmt: skip


def _enrol(person: Account, track: Track, enterprise: Enterprise) -> Enrolment:
    enrolment = builders.make_enrolment(person, track, enterprise)
    enrolment.member_unit_id = enterprise.member_unit_id
    return enrolment


def _let_leave(enrolment: Enrolment) -> None:
    enrolment.withdrawn_at = clock.now()
    db.session.execute(
        db.text("UPDATE posts SET ended_at = :at WHERE id = :id").bindparams(
            db.bindparam("at", clock.now(), type_=Enrolment.__table__.c.withdrawn_at.type)
        ),
        {"id": enrolment.post_id},
    )


def _make_report(attempt: Attempt, revision: QuestionRevision, reporter: Account) -> QuestionReport:
    """Put a question on a closed paper, and let somebody else say something about it."""
    attempt.paper = [{"question_id": revision.question_id, "revision_id": revision.id, "type": "single",
                      "order": [0, 1, 2, 3], "points": 5}]  # fmt: skip
    attempt.marks = [5]
    report = QuestionReport(
        question_id=revision.question_id, revision_id=revision.id, account_id=reporter.id, kind=ReportKind.TYPO,
        text="有错字", reported_at=clock.now(), state=ReportState.OPEN, answer="",
    )  # fmt: skip
    builders.added(report)
    return report


def _make_application(enterprise: Enterprise) -> Application:
    number = next(_people) % 10_000
    application = Application(
        enterprise_id=enterprise.id, number="0417", name=f"人名{number:04d}号", phone=f"1390000{number:04d}",
        job_role="key_post", password_hash=hash_password(builders.PASSWORD), state=ApplicationState.WAITING, applied_at=clock.now(),
    )  # fmt: skip
    builders.added(application)
    return application
