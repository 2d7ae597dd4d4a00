"""Made-up enterprises and people: the same from the same seed, at any size. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quizapp.demo.territory import MEMBER_UNITS, REGIONS
from quizapp.directory.roles import REQUIRED_ROLES, JobRole, Scale, scale_of
from quizapp.directory.uscc import ALPHABET, check_character

#: No mobile number in China begins with 100: nobody's telephone rings.
FIRST_PHONE = 10_000_000_000
#: People below this number have signs of their own in the README.
NAMED_PEOPLE = 100

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "安平健宁康明远志诚信立成建国伟强军勇刚华峰磊超波涛辉斌鹏飞宇浩然子轩欣怡雪梅兰芳秀英丽娟静敏慧琴"
_BRANDS = (
    "鼎川 瑞禾 启岳 恒泽 润石 方舟 朗坤 弘毅 同泰 凌岳 嘉木 云汉 景行 开物 知行 守正 博远 长风 汇川 聚源"
).split()
#: Word in the name, member unit, division of GB/T 4754.
_TRADES = (
    ("机械", 0, "C34"), ("精密制造", 0, "C33"), ("模具", 0, "C35"), ("电机", 0, "C38"),
    ("轨道装备", 0, "C37"), ("钢构", 0, "C33"), ("新材料", 1, "C26"), ("涂料", 1, "C26"), ("塑业", 1, "C29"),
    ("纺织", 2, "C17"), ("印染", 2, "C17"), ("服饰", 2, "C18"),
)  # fmt: skip
_TITLES = {
    JobRole.KEY_POST: ("车间主任", "工段长", "班组长", "生产线长", "仓库班长"),
    JobRole.SAFETY_MANAGER: ("专职安全员", "安全科长", "安全总监"),
    JobRole.PRINCIPAL: ("总经理", "法定代表人", "实际控制人"),
}


class Progressed(StrEnum):
    """How far a person has come."""

    UNTOUCHED = "untouched"
    STUDYING = "studying"
    STUDIED = "studied"
    FAILED = "failed"
    SITTING = "sitting"
    COMPLETE = "complete"


_MIXED = ((Progressed.UNTOUCHED, 14), (Progressed.STUDYING, 20), (Progressed.STUDIED, 8),
          (Progressed.FAILED, 8), (Progressed.SITTING, 2), (Progressed.COMPLETE, 48))  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class MadePost:
    """A made-up person in a post. `person` numbers the account: one who leads two firms comes twice."""

    person: int
    name: str
    job_role: JobRole
    title: str
    progressed: Progressed


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeEnterprise:
    """A made-up enterprise with its posts and what it declared."""

    number: int
    uscc: str
    name: str
    region: int
    member_unit: int
    trade: str
    revenue_wan: Decimal
    self_employed: bool
    scale: Scale
    declared: dict[JobRole, int]
    posts: tuple[MadePost, ...]


def phone_of(person: int) -> str:
    """Return the made-up phone number of a person."""
    return str(FIRST_PHONE + person)


def make_enterprises(count: int, people: int, seed: int) -> Iterator[MadeEnterprise]:
    """Yield `count` enterprises, a third of them above designated size, with about `people` posts in all."""
    above = max(1, count // 3)
    staff = max(3, (people - (count - above)) // above)
    person = NAMED_PEOPLE
    for number in range(count):
        source = random.Random(f"{seed}:{number}")  # noqa: S311 - demonstration data
        is_above = number % 3 == 0 and number // 3 < above
        made = _enterprise(source, number, staff if is_above else 1, person, is_above=is_above)
        person += len(made.posts)
        yield made


def _enterprise(
    source: random.Random, number: int, staff: int, person: int, *, is_above: bool
) -> MadeEnterprise:
    word, member_unit, trade = source.choice(_TRADES)
    self_employed = not is_above and source.random() < 0.2  # noqa: PLR2004 - a share
    revenue = Decimal(source.randint(2_000, 80_000) if is_above else source.randint(50, 1_900))
    scale = scale_of(revenue, self_employed=self_employed)
    ending = "加工部" if self_employed else "有限公司"
    posts = tuple(_posts(source, number, staff, person, scale))
    return MadeEnterprise(
        number=number,
        uscc=_uscc(number, self_employed=self_employed),
        name=f"{source.choice(_BRANDS)}{word}{number + 1:02d}号（演示）{ending}",
        region=(number * 7 + number // len(REGIONS)) % len(REGIONS),
        member_unit=member_unit % len(MEMBER_UNITS),
        trade=trade,
        revenue_wan=revenue,
        self_employed=self_employed,
        scale=scale,
        declared=_declared(source, posts),
        posts=posts,
    )


def _posts(source: random.Random, number: int, staff: int, person: int, scale: Scale) -> Iterator[MadePost]:
    managers = max(1, staff // 14)
    wanted = [JobRole.PRINCIPAL]
    if scale is Scale.ABOVE:
        wanted += [JobRole.SAFETY_MANAGER] * managers + [JobRole.KEY_POST] * max(1, staff - 1 - managers)
    if number % 17 == 5 and len(wanted) > 1:  # noqa: PLR2004 - somewhere the safety manager's post is vacant
        wanted = [role for role in wanted if role is not JobRole.SAFETY_MANAGER]
    if number % 23 == 8:  # noqa: PLR2004 - and somewhere nobody has entered the principal yet
        wanted = [role for role in wanted if role is not JobRole.PRINCIPAL]
    zeal = source.choices(("all", "mixed", "none"), (38, 50, 12))[0]
    for offset, role in enumerate(wanted):
        yield MadePost(
            person=person + offset,
            name=source.choice(_SURNAMES) + "".join(source.sample(_GIVEN, source.choice((1, 2, 2)))),
            job_role=role,
            title=source.choice(_TITLES[role]),
            progressed=_progressed(source, zeal),
        )


def _progressed(source: random.Random, zeal: str) -> Progressed:
    if zeal == "all":
        return Progressed.COMPLETE
    if zeal == "none":
        return Progressed.UNTOUCHED
    return source.choices([state for state, _ in _MIXED], [weight for _, weight in _MIXED])[0]


def _declared(source: random.Random, posts: tuple[MadePost, ...]) -> dict[JobRole, int]:
    """Most declare what they have, a few more than that, a few nothing."""
    scale_roles = {post.job_role for post in posts}
    if not scale_roles or source.random() < 0.15:  # noqa: PLR2004 - a share
        return {}
    extra = JobRole.KEY_POST if JobRole.KEY_POST in REQUIRED_ROLES[Scale.ABOVE] else JobRole.PRINCIPAL
    short = source.random() < 0.12  # noqa: PLR2004 - a share
    counts = {role: sum(post.job_role is role for post in posts) for role in scale_roles}
    return {role: count + (2 if short and role is extra else 0) for role, count in counts.items()}


def _uscc(number: int, *, self_employed: bool) -> str:
    """Return a code with a right check character whose organisation part says that it is made up."""
    digits, rest = "", number
    for _ in range(5):
        rest, place = divmod(rest, len(ALPHABET))
        digits = ALPHABET[place] + digits
    body = ("92" if self_employed else "91") + "320412" + "DEM0" + digits
    return body + check_character(body)
