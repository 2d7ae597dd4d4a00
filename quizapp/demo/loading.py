"""Writing the demonstration district into an empty database, in bulk."""

from __future__ import annotations

import calendar
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.accounts.passwords import hash_password
from quizapp.audit import log
from quizapp.audit.actors import Actor
from quizapp.bank import queries as bank_queries
from quizapp.bank.questions import ActiveQuestion, QuestionType
from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.clock import DISTRICT_TIME
from quizapp.demo.histories import History, TrackRules, make_history
from quizapp.demo.population import MadeEnterprise, MadePost, Progressed, make_enterprises, phone_of
from quizapp.demo.territory import DISTRICT, MEMBER_UNITS, REGIONS
from quizapp.directory.initials import initials
from quizapp.directory.models import Declaration, Enterprise, MemberUnit, Placement, Post, Region
from quizapp.directory.roles import JobRole
from quizapp.errors import Conflict
from quizapp.extensions import db
from quizapp.messages import M
from quizapp.quiz import queries as quiz_queries
from quizapp.quiz.models import Attempt, Blueprint, BlueprintSection
from quizapp.study.content import ModuleFile
from quizapp.study.models import Module, Progress
from quizapp.study.modules import put_into_track

SLUG = "demo"
BANK = "work-safety"
PASSWORD = "wujin-demo-2026"  # noqa: S105 - of made-up people, as the README says
CHUNK = 500
OWN_QUESTIONS = 3

#: Staff who can sign in: number, name, what they are granted, where below the district.
STAFF = (
    (11, "区安委办管理员（演示）", GrantKind.DISTRICT_ADMINISTRATOR, ""),
    (12, "督查员（演示）", GrantKind.AUDITOR, ""),
    (13, "湖塘镇工作人员（演示）", GrantKind.TOWN_STAFF, "/hutang"),
    (14, "机械行业主管部门人员（演示）", GrantKind.MEMBER_UNIT_STAFF, ""),
    (15, "内容编辑（演示）", GrantKind.CONTENT_EDITOR, ""),
)
#: The learner who keeps the roster of their enterprise too.
CONTACT = 2
#: Learners who can sign in by a number that is easy to type: number, name, role, title.
LEARNERS = (
    (1, "周立安", JobRole.KEY_POST, "冲压车间班组长"),
    (2, "许知远", JobRole.SAFETY_MANAGER, "专职安全员"),
    (3, "沈宁", JobRole.PRINCIPAL, "总经理"),
)
#: The tag that a role's paper draws from above all.
ROLE_TAGS = {
    JobRole.KEY_POST: "从业人员权利义务",
    JobRole.SAFETY_MANAGER: "安全管理人员职责",
    JobRole.PRINCIPAL: "主要负责人职责",
}


class NotEmpty(Conflict):
    """Somebody's real data stands in the database."""

    def __init__(self) -> None:
        super().__init__(M("数据库里已有其他数据，不能载入演示区。请使用空数据库。"))


class ContentMissing(Conflict):
    """The shipped modules or questions have not been loaded."""

    def __init__(self) -> None:
        super().__init__(M("请先载入随附的学习内容和题库。"))


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load wrote."""

    enterprises: int
    posts: int


def is_loaded() -> bool:
    """Say whether the demonstration district stands in the database."""
    return db.session.scalar(select(Campaign.id).where(Campaign.slug == SLUG)) is not None


def load(actor: Actor, files: Iterable[ModuleFile], *, enterprises: int, people: int, seed: int) -> Loaded:
    """Write the district. Raises NotEmpty and ContentMissing."""
    if db.session.scalar(select(Enterprise.id).limit(1)) or db.session.scalar(select(Account.id).limit(1)):
        raise NotEmpty
    now = clock.now()
    campaign = _campaign(now)
    regions, units = _territory()
    _staff(now, units[0])
    tracks = dict(_tracks(campaign, list(files)))
    writer = _Writer(campaign, tracks, regions, units, now, seed)
    made = make_enterprises(enterprises, people, seed)
    while chunk := list(islice(made, CHUNK)):
        writer.write(chunk)
    log.record(
        actor, "demo.load", f"campaign:{SLUG}", {"enterprises": enterprises, "people": people, "seed": seed}
    )
    return Loaded(enterprises, writer.posts)


def _campaign(now: datetime) -> Campaign:
    """From the first of the month before last to the end of the next one."""
    local = now.astimezone(DISTRICT_TIME)
    first = _months_on(local.replace(day=1, hour=0, minute=0, second=0, microsecond=0), -2)
    closing = _months_on(first, 4)
    campaign = Campaign(
        slug=SLUG,
        name="学重要论述、促安全发展",
        heading=f"武进区 · {local.year} 安全生产专题（演示）",
        opens_at=first,
        closes_at=closing,
        is_demonstration=True,
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def _months_on(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _territory() -> tuple[list[int], list[int]]:
    top, name, kind = DISTRICT
    db.session.add(Region(path=top, name=name, kind=kind, position=0))
    regions = [
        Region(path=f"{top}/{slug}", name=name, kind=kind, position=place)
        for place, (slug, name, kind) in enumerate(REGIONS, start=1)
    ]
    units = [MemberUnit(name=name) for name in MEMBER_UNITS]
    db.session.add_all([*regions, *units])
    db.session.flush()
    return [region.id for region in regions], [unit.id for unit in units]


def _staff(now: datetime, member_unit_id: int) -> None:
    for number, name, kind, below in STAFF:
        account = Account(
            phone=phone_of(number), name=name, password_hash=hash_password(PASSWORD), created_at=now
        )
        db.session.add(account)
        db.session.flush()
        place: dict[str, Any] = {"region_path": DISTRICT[0] + below} if below else {}
        if kind is GrantKind.MEMBER_UNIT_STAFF:
            place = {"member_unit_id": member_unit_id}
        db.session.add(Grant(account_id=account.id, kind=kind, granted_at=now, **place))
    db.session.flush()


def _tracks(campaign: Campaign, files: list[ModuleFile]) -> Iterator[tuple[JobRole, TrackRules]]:
    modules = {
        row.slug: row for row in db.session.execute(select(Module.slug, Module.id, Module.min_seconds))
    }
    bank_id = bank_queries.get_bank(BANK).id
    questions = bank_queries.active_questions([bank_id])
    if not questions or any(file.slug not in modules for file in files):
        raise ContentMissing
    keys = bank_queries.keys([question.revision_id for question in questions])
    for role in JobRole:
        track = Track(
            campaign_id=campaign.id,
            job_role=role,
            pass_mark=80,
            attempt_limit=5,
            minutes=30,
            study_first=True,
        )
        db.session.add(track)
        db.session.flush()
        own = [modules[file.slug] for file in files if role in file.roles]
        put_into_track(track.id, [module.id for module in own])
        own_questions = [question for question in questions if question.suits(role)]
        _blueprint(track.id, bank_id, _own_tag(role, own_questions))
        yield (
            role,
            TrackRules(
                track_id=track.id,
                pass_mark=track.pass_mark,
                attempt_limit=track.attempt_limit,
                minutes=track.minutes,
                modules=tuple((module.id, module.min_seconds) for module in own),
                sections=tuple(quiz_queries.sections(track.id)),
                questions=tuple(own_questions),
                keys=keys,
            ),
        )


def _own_tag(role: JobRole, questions: list[ActiveQuestion]) -> str:
    """Return the tag of the role's own duties if the bank has enough of them, else none."""
    tag = ROLE_TAGS[role]
    held = [q for q in questions if q.type is QuestionType.SINGLE and tag in q.tags]
    return tag if len(held) >= OWN_QUESTIONS else ""


def _blueprint(track_id: int, bank_id: int, own_tag: str) -> None:
    """20 questions, 100 points: 10 single (some on the role's own duties), 5 multiple, 5 true/false."""
    blueprint = Blueprint(track_id=track_id)
    db.session.add(blueprint)
    db.session.flush()
    wanted = (
        (QuestionType.SINGLE, own_tag, OWN_QUESTIONS, 5),
        (QuestionType.SINGLE, "", 7, 5),
        (QuestionType.TRUE_FALSE, "", 5, 4),
        (QuestionType.MULTIPLE, "", 5, 6),
    )
    db.session.add_all(
        BlueprintSection(
            blueprint_id=blueprint.id,
            position=place,
            bank_id=bank_id,
            type=kind,
            tag=tag,
            question_count=count,
            points=points,
        )
        for place, (kind, tag, count, points) in enumerate(wanted, start=1)
    )
    db.session.flush()


class _Writer:
    """Writes enterprises with their people, a chunk at a time."""

    def __init__(
        self,
        campaign: Campaign,
        tracks: dict[JobRole, TrackRules],
        regions: list[int],
        units: list[int],
        now: datetime,
        seed: int,
    ) -> None:
        self.campaign, self.tracks, self.regions, self.units = campaign, tracks, regions, units
        self.now, self.seed = now, seed
        self.posts = 0
        self.password_hash = hash_password(PASSWORD)
        self.named = list(LEARNERS)

    def write(self, chunk: list[MadeEnterprise]) -> None:
        """Write one chunk."""
        enterprise_ids = _insert(Enterprise, [self._enterprise(made) for made in chunk])
        _insert(Placement, [self._placement(m, eid) for m, eid in zip(chunk, enterprise_ids, strict=True)])
        pairs = [
            (made, enterprise_id, self._named(post))
            for made, enterprise_id in zip(chunk, enterprise_ids, strict=True)
            for post in made.posts
        ]
        _insert(
            Declaration,
            [
                row
                for made, eid in zip(chunk, enterprise_ids, strict=True)
                for row in self._declared(made, eid)
            ],
        )
        account_ids = _insert(Account, [self._account(post) for _, _, post in pairs])
        post_ids = _insert(
            Post,
            [
                {
                    "account_id": account_id,
                    "enterprise_id": enterprise_id,
                    "job_role": post.job_role,
                    "title": post.title,
                    "started_at": self.campaign.opens_at,
                }
                for (_, enterprise_id, post), account_id in zip(pairs, account_ids, strict=True)
            ],
        )
        _insert(
            Grant,
            [
                {
                    "account_id": account_id,
                    "kind": GrantKind.ENTERPRISE_CONTACT,
                    "enterprise_id": enterprise_id,
                    "granted_at": self.campaign.opens_at,
                }
                for (_, enterprise_id, post), account_id in zip(pairs, account_ids, strict=True)
                if post.person == CONTACT
            ],
        )
        self._write_histories(pairs, account_ids, post_ids)
        self.posts += len(pairs)

    def _named(self, post: MadePost) -> MadePost:
        """The first in each role gets the number and name that the README gives, and has not begun."""
        for entry in self.named:
            number, name, role, title = entry
            if role is post.job_role:
                self.named.remove(entry)
                return MadePost(
                    person=number, name=name, job_role=role, title=title, progressed=Progressed.UNTOUCHED
                )
        return post

    def _enterprise(self, made: MadeEnterprise) -> dict[str, Any]:
        return {
            "uscc": made.uscc,
            "name": made.name,
            "initials": initials(made.name),
            "trade": made.trade,
            "region_id": self.regions[made.region],
            "member_unit_id": self.units[made.member_unit],
            "scale": made.scale,
            "revenue_wan": made.revenue_wan,
            "self_employed": made.self_employed,
            "registered_at": self.campaign.opens_at,
        }

    def _placement(self, made: MadeEnterprise, enterprise_id: int) -> dict[str, Any]:
        return {
            "enterprise_id": enterprise_id,
            "region_id": self.regions[made.region],
            "member_unit_id": self.units[made.member_unit],
            "scale": made.scale,
            "since": self.campaign.opens_at,
        }

    def _declared(self, made: MadeEnterprise, enterprise_id: int) -> list[dict[str, Any]]:
        return [
            {
                "enterprise_id": enterprise_id,
                "job_role": role,
                "people": people,
                "declared_at": self.campaign.opens_at,
            }
            for role, people in made.declared.items()
        ]

    def _account(self, post: MadePost) -> dict[str, Any]:
        return {
            "phone": phone_of(post.person),
            "name": post.name,
            "password_hash": self.password_hash,
            "created_at": self.campaign.opens_at,
        }

    def _write_histories(
        self, pairs: list[tuple[MadeEnterprise, int, MadePost]], account_ids: list[int], post_ids: list[int]
    ) -> None:
        histories = []
        for (_, _, post), account_id in zip(pairs, account_ids, strict=True):
            source = random.Random(f"{self.seed}:{post.person}")  # noqa: S311 - demonstration data
            rules = self.tracks[post.job_role]
            history = make_history(
                rules, post.progressed, source, self.campaign.opens_at.astimezone(UTC), self.now
            )
            histories.append((account_id, history))
        _insert(Progress, [{"account_id": a, **row} for a, history in histories for row in history.progress])
        attempts = [{"account_id": a, **row} for a, history in histories for row in history.attempts]
        proofs = {
            row["account_id"]: attempt_id
            for row, attempt_id in zip(attempts, _insert(Attempt, attempts), strict=True)
            if row["passed"]
        }
        _insert(
            Enrolment,
            [
                self._enrolment(pair, history, account_id, post_id, proofs.get(account_id))
                for pair, (account_id, history), post_id in zip(pairs, histories, post_ids, strict=True)
            ],
        )

    def _enrolment(
        self,
        pair: tuple[MadeEnterprise, int, MadePost],
        history: History,
        account_id: int,
        post_id: int,
        attempt_id: int | None,
    ) -> dict[str, Any]:
        made, enterprise_id, post = pair
        done = history.studied_at and history.passed_at
        return {
            "campaign_id": self.campaign.id,
            "track_id": self.tracks[post.job_role].track_id,
            "post_id": post_id,
            "account_id": account_id,
            "enterprise_id": enterprise_id,
            "region_id": self.regions[made.region],
            "member_unit_id": self.units[made.member_unit],
            "scale": made.scale,
            "job_role": post.job_role,
            "enrolled_at": self.campaign.opens_at,
            "studied_at": history.studied_at,
            "passed_at": history.passed_at,
            "completed_at": history.passed_at if done else None,
            "attempt_id": attempt_id,
        }


def _insert(table: type[Any], rows: list[dict[str, Any]]) -> list[int]:
    """Insert many rows and return their ids in the same order."""
    if not rows:
        return []
    statement = insert(table).returning(table.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows))
