"""A builder for each noun, so that a test states only what matters to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from quizapp import clock
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account, Grant
from quizapp.accounts.passwords import hash_password
from quizapp.bank.documents import key_document, shown_parts
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.bank.questions import (
    Blank,
    Difficulty,
    QuestionContent,
    QuestionState,
    QuestionType,
    fingerprint,
)
from quizapp.campaigns.models import Campaign, Enrolment, Track
from quizapp.directory.models import Enterprise, Placement, Post, Region
from quizapp.directory.roles import JobRole, RegionKind, Scale
from quizapp.directory.uscc import check_character
from quizapp.extensions import Model, db
from quizapp.quiz.models import Attempt, Blueprint, BlueprintSection, ClosedBy
from quizapp.study.kinds import ModuleKind
from quizapp.study.models import Module, TrackModule

PASSWORD = "a long password"
#: Of these a quiz is made unless a test says otherwise.
CHOICES = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.TRUE_FALSE)
_numbers = count(1)


def added(row: Model) -> None:
    db.session.add(row)
    db.session.flush()


def make_account(name: str = "周立安", **values: object) -> Account:
    number = next(_numbers)
    fields = {"phone": f"1{number:010d}", "password_hash": hash_password(PASSWORD), "created_at": clock.now()}
    account = Account(name=name, **{**fields, **values})
    added(account)
    return account


def make_staff(kind: GrantKind, region_path: str | None = None, **place: int) -> Account:
    account = make_account("督查员")
    make_grant(account, kind, region_path, **place)
    return account


def make_grant(account: Account, kind: GrantKind, region_path: str | None = None, **place: int) -> None:
    added(Grant(account_id=account.id, kind=kind, region_path=region_path, granted_at=clock.now(), **place))


def make_region(path: str = "") -> Region:
    number = next(_numbers)
    region = Region(
        path=path or f"wujin/town-{number}", name=f"镇{number}", kind=RegionKind.TOWN, position=number
    )
    added(region)
    return region


def make_enterprise(region: Region, scale: Scale = Scale.ABOVE) -> Enterprise:
    number = next(_numbers)
    body = f"91320412DEM{number:06d}"
    enterprise = Enterprise(
        uscc=body + check_character(body),
        name=f"测试{number}厂",
        region_id=region.id,
        scale=scale,
        registered_at=clock.now() - timedelta(days=60),
    )
    added(enterprise)
    added(
        Placement(
            enterprise_id=enterprise.id, region_id=region.id, scale=scale, since=enterprise.registered_at
        )
    )
    return enterprise


def make_campaign(**values: object) -> Campaign:
    number = next(_numbers)
    fields = {
        "slug": f"c{number}",
        "name": "学重要论述、促安全发展",
        "heading": "武进区",
        "opens_at": clock.now() - timedelta(days=30),
        "closes_at": clock.now() + timedelta(days=12),
    }
    campaign = Campaign(**{**fields, **values})
    added(campaign)
    return campaign


def make_track(campaign: Campaign, role: JobRole = JobRole.KEY_POST, **values: object) -> Track:
    fields = {"pass_mark": 80, "attempt_limit": 2, "minutes": 30, "study_first": False}
    track = Track(campaign_id=campaign.id, job_role=role, **{**fields, **values})
    added(track)
    return track


def make_module(track: Track, min_seconds: int = 60, body: str = "## 标题\n\n正文") -> Module:
    number = next(_numbers)
    module = Module(
        slug=f"m{number}",
        title=f"内容{number}",
        summary="摘要",
        kind=ModuleKind.ARTICLE,
        body=body,
        sources=["《安全生产法》（2021年修正）第三条"],
        min_seconds=min_seconds,
        published_at=clock.now(),
    )
    added(module)
    put_in_track(module, track)
    return module


def put_in_track(module: Module, track: Track) -> None:
    added(TrackModule(track_id=track.id, module_id=module.id, position=next(_numbers)))


def make_enrolment(account: Account, track: Track, enterprise: Enterprise) -> Enrolment:
    post = Post(
        account_id=account.id,
        enterprise_id=enterprise.id,
        job_role=track.job_role,
        started_at=clock.now() - timedelta(days=40),
    )
    added(post)
    enrolment = Enrolment(
        campaign_id=track.campaign_id,
        track_id=track.id,
        post_id=post.id,
        account_id=account.id,
        enterprise_id=enterprise.id,
        region_id=enterprise.region_id,
        scale=enterprise.scale,
        job_role=track.job_role,
        enrolled_at=clock.now() - timedelta(days=29),
    )
    added(enrolment)
    return enrolment


def make_passed_attempt(enrolment: Enrolment, closed_at: datetime) -> Attempt:
    """An attempt that passed on an empty paper."""
    attempt = Attempt(
        account_id=enrolment.account_id,
        track_id=enrolment.track_id,
        number=1,
        attempt_limit=2,
        pass_mark=80,
        seed=1,
        paper=[],
        answers={},
        marks=[],
        started_at=closed_at - timedelta(minutes=10),
        deadline_at=closed_at + timedelta(minutes=10),
        closed_at=closed_at,
        closed_by=ClosedBy.LEARNER,
        points=5,
        total_points=5,
        passed=True,
    )
    added(attempt)
    return attempt


def make_learner(track: Track) -> Enrolment:
    """Somebody new in a new enterprise, enrolled in the track."""
    return make_enrolment(make_account(), track, make_enterprise(make_region()))


def make_bank() -> Bank:
    bank = Bank(slug=f"bank-{next(_numbers)}", name="题库", created_at=clock.now())
    added(bank)
    return bank


def make_content(kind: QuestionType, number: int) -> QuestionContent:
    """What a question of a type asks; `right_choice` knows what is right."""
    if kind is QuestionType.CASE:
        parts = (QuestionType.SINGLE, QuestionType.MULTIPLE, QuestionType.FILL_IN)
        return QuestionContent(
            type=kind,
            stem=f"第{number}个案例的材料。",
            parts=tuple(
                replace(make_content(part, 100 * number + place), explanation=f"解析{number}-{place}")
                for place, part in enumerate(parts)
            ),
        )
    if kind is QuestionType.FILL_IN:
        blanks = (Blank(("一小时", "1小时")), Blank(("2",), Decimal("0.5")))
        return QuestionContent(
            type=kind, stem=f"第{number}个：____内报告，每级不超过____小时。", blanks=blanks
        )
    if kind is QuestionType.TRUE_FALSE:
        return QuestionContent(type=kind, stem=f"第{number}个问题？", options=("正确", "错误"), key=(1,))
    options = tuple(f"选项{number}-{i}" for i in range(4))
    key = (0, 2) if kind is QuestionType.MULTIPLE else (1,)
    return QuestionContent(type=kind, stem=f"第{number}个问题？", options=options, key=key)


def make_question(
    bank: Bank, kind: QuestionType = QuestionType.SINGLE, tag: str = "通用"
) -> QuestionRevision:
    number = next(_numbers)
    content = make_content(kind, number)
    question = Question(
        bank_id=bank.id, code="", fingerprint=fingerprint(content), state=QuestionState.ACTIVE, revision=1
    )
    added(question)
    revision = QuestionRevision(
        question_id=question.id,
        number=1,
        type=kind,
        stem=content.stem,
        options=list(content.options),
        key=key_document(content),
        parts=shown_parts(content),
        explanation=f"解析{number}",
        source="《安全生产法》（2021年修正）第五十五条",
        tags=[tag],
        difficulty=Difficulty.MEDIUM,
        roles=[],
        created_at=clock.now(),
    )
    added(revision)
    return revision


def right_choice(item: dict[str, Any]) -> list[int]:
    """Return what is right on a paper for one of these questions, as the options are shown."""
    key = [0, 2] if item["type"] == "multiple" else [1]
    return [item["order"].index(original) for original in key]


def make_blueprint(track: Track, bank: Bank, counts: dict[QuestionType, int]) -> None:
    blueprint = Blueprint(track_id=track.id)
    added(blueprint)
    for place, (kind, number) in enumerate(counts.items(), start=1):
        added(
            BlueprintSection(
                blueprint_id=blueprint.id,
                position=place,
                bank_id=bank.id,
                type=kind,
                question_count=number,
                points=5,
            )
        )


def make_quiz(track: Track) -> Bank:
    """A bank of twelve questions and a blueprint that draws six of them."""
    bank = make_bank()
    for kind in CHOICES:
        for _ in range(4):
            make_question(bank, kind)
    make_blueprint(track, bank, dict.fromkeys(CHOICES, 2))
    return bank
