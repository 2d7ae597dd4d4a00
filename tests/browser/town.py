"""A town with an enterprise of twenty people, for those who look at its pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.campaigns.models import Enrolment, Track
from quizapp.directory.models import Enterprise, MemberUnit
from quizapp.directory.roles import JobRole, RegionKind
from quizapp.extensions import db
from quizapp.study.models import Module, Progress
from tests import builders

ENTERPRISE = "常州市武进区湖塘金源精密机械制造有限责任公司"
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "建国 秀英 志强 桂兰 永明"
#: How many of the twenty are how far.
NOT_STARTED, STUDYING, NOT_PASSED, DONE, NO_PASSWORD = 8, 5, 3, 4, 6
PEOPLE = NOT_STARTED + STUDYING + NOT_PASSED + DONE


@dataclass(frozen=True, kw_only=True)
class Town:
    """Whom and what a test needs by number: phones to sign in with, ids for addresses."""

    enterprise: int
    empty: int
    region: int
    learner: str
    half_way: str
    done: str
    contact: str
    clerk: str
    auditor: str
    administrator: str


def name_of(number: int) -> str:
    """Return the name of one of the twenty; the last one's is long."""
    if number == PEOPLE - 1:
        return "古丽巴哈尔·买买提艾力"
    return SURNAMES[number] + GIVEN.split()[number % 5]


def make_town() -> Town:
    """A town of two enterprises: one with twenty people at every stage, one with nobody."""
    campaign = builders.make_campaign()
    tracks = {role: builders.make_track(campaign, role, study_first=True) for role in JobRole}
    bank = builders.make_bank()
    modules = [builders.make_module(tracks[JobRole.KEY_POST], min_seconds=900) for _ in range(3)]
    for role in (JobRole.SAFETY_MANAGER, JobRole.PRINCIPAL):
        builders.put_in_track(modules[0], tracks[role])
    for track in tracks.values():
        builders.make_blueprint(track, bank, {})
    district, region = builders.make_region("wujin"), builders.make_region("wujin/hutang")
    district.name, district.kind, region.name = "武进区", RegionKind.DISTRICT, "湖塘镇"
    builders.make_region("wujin/lijia").name = "礼嘉镇"
    for unit in ("区应急管理局", "区工业和信息化局（区科学技术和大数据管理局）"):
        builders.added(MemberUnit(name=unit))
    enterprise = builders.make_enterprise(region)
    enterprise.name = ENTERPRISE
    people = [_person(number, enterprise, tracks, modules[0]) for number in range(PEOPLE)]
    contact = people[NOT_STARTED]
    builders.make_grant(contact, GrantKind.ENTERPRISE_CONTACT, enterprise_id=enterprise.id)
    town = Town(
        enterprise=enterprise.id,
        empty=builders.make_enterprise(region).id,
        region=region.id,
        learner=people[NO_PASSWORD].phone,
        half_way=people[NOT_STARTED + 1].phone,
        done=people[-1].phone,
        contact=contact.phone,
        clerk=builders.make_staff(GrantKind.TOWN_STAFF, region.path).phone,
        auditor=builders.make_staff(GrantKind.AUDITOR).phone,
        administrator=builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR).phone,
    )
    db.session.commit()
    return town


def _person(number: int, enterprise: Enterprise, tracks: dict[JobRole, Track], module: Module) -> Account:
    role = {0: JobRole.PRINCIPAL, NOT_STARTED: JobRole.SAFETY_MANAGER}.get(number, JobRole.KEY_POST)
    account = builders.make_account(name_of(number))
    if number < NO_PASSWORD:
        account.password_hash = None
    enrolment = builders.make_enrolment(account, tracks[role], enterprise)
    if number >= NOT_STARTED:
        _begin(account, module)
    if number >= NOT_STARTED + STUDYING:
        enrolment.studied_at = clock.now() - timedelta(days=3)
    if number >= PEOPLE - DONE:
        _pass(enrolment)
    return account


def _begin(account: Account, module: Module) -> None:
    now = clock.now()
    builders.added(
        Progress(
            account_id=account.id,
            module_id=module.id,
            credited_ms=360_000,
            first_beat_at=now,
            last_beat_at=now,
        )
    )


def _pass(enrolment: Enrolment) -> None:
    passed_at = clock.now() - timedelta(days=2)
    attempt = builders.make_passed_attempt(enrolment, passed_at)
    enrolment.attempt_id, enrolment.passed_at, enrolment.completed_at = attempt.id, passed_at, passed_at
    db.session.flush()
