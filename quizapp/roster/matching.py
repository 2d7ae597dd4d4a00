"""What a roster file changes: which enterprise and which post each row is, who moved, who left. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from quizapp.directory.facts import EnterpriseFacts, decide_scale
from quizapp.directory.roles import JobRole, Scale
from quizapp.directory.trades import TRADES
from quizapp.errors import Invalid
from quizapp.imports.plans import Fate, Plan, PlannedRow, Tick, no_tick
from quizapp.imports.rows import LONGEST_VALUE_SHOWN
from quizapp.imports.tables import Problem, column_letter
from quizapp.messages import M, Message
from quizapp.roster import headings as h
from quizapp.roster.table import ParsedRoster, PersonRow, RosterRow, UnitRow

FIELD_NAMES = {
    "name": M("企业名称"),
    "region_id": M("属地"),
    "member_unit_id": M("成员单位"),
    "trade": M("行业"),
    "revenue_wan": M("年主营业务收入"),
    "self_employed": M("个体工商户"),
    "scale": M("规模"),
    "scale_reason": M("规模理由"),
    "declared": M("底数"),
}
ROLE_NAMES = {
    JobRole.KEY_POST: M("关键岗位人员"),
    JobRole.SAFETY_MANAGER: M("安全管理人员"),
    JobRole.PRINCIPAL: M("主要负责人"),
}


class Missing(StrEnum):
    """What becomes of people whom the roster has and the file has not, in enterprises that it lists."""

    KEEP = "keep"
    END = "end"


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownUnit:
    """An enterprise as it is registered."""

    id: int
    facts: EnterpriseFacts
    declared: Mapping[JobRole, int]
    #: Whether it lies within what the clerk may change.
    is_own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPost:
    """A post that somebody holds."""

    id: int
    enterprise_id: int
    phone: str
    name: str
    role: JobRole
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownRegion:
    """A region; `is_own` says whether the clerk may put enterprises there."""

    id: int
    name: str
    is_own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is there, as far as the file touches it."""

    units: tuple[KnownUnit, ...]
    posts: tuple[KnownPost, ...]
    #: The name of each account, by phone number.
    names: Mapping[str, str]
    regions: tuple[KnownRegion, ...]
    member_units: Mapping[str, int]


class _Refused(Exception):
    def __init__(self, reason: Message, field_name: str) -> None:
        super().__init__(str(reason))
        self.reason, self.field_name = reason, field_name


def plan_roster(parsed: ParsedRoster, known: Known, missing: Missing | None, tick: Tick = no_tick) -> Plan:
    """Say for each row what it changes.

    Without a decision about `missing` people the plan is refused when there are any.
    """
    matcher = _Matcher(known)
    rows: list[PlannedRow] = []
    refused = list(parsed.refused)
    for done, row in enumerate(parsed.rows):
        tick(done, len(parsed.rows))
        try:
            rows.extend(matcher.plan(row))
        except _Refused as refusal:
            refused.append(_problem(row, refusal))
    repaired = list(parsed.repaired)
    absent = matcher.absent()
    if absent and missing is None:
        refused.append(
            Problem(reason=M("名册中有 %(count)s 人不在文件里，请先选择如何处理。", count=len(absent)))
        )
    elif absent and missing is Missing.KEEP:
        repaired.append(Problem(reason=M("名册中有 %(count)s 人不在文件里，保留不变。", count=len(absent))))
    elif absent:
        rows = _with_leavers(rows, absent, known)
    return Plan(tuple(rows), tuple(refused), tuple(repaired))


def _problem(row: RosterRow, refusal: _Refused) -> Problem:
    texts = {
        h.USCC: row.unit.uscc,
        h.UNIT: row.unit.name,
        h.REGION: row.unit.region,
        h.TRADE: row.unit.trade,
        h.MEMBER_UNIT: row.unit.member_unit,
        h.PHONE: row.person.phone if row.person else None,
    }
    return Problem(
        reason=refusal.reason,
        sheet=row.sheet,
        row=row.row,
        column=column_letter(row.layout.columns.get(refusal.field_name, 0)),
        value=(texts.get(refusal.field_name) or "")[:LONGEST_VALUE_SHOWN],
    )


@dataclass
class _Unit:
    """An enterprise of the file: as it is, and as its first row wants it."""

    key: str
    name: str
    held: KnownUnit | None
    said: UnitRow
    row: RosterRow


@dataclass
class _Matcher:
    known: Known
    by_uscc: dict[str, KnownUnit] = field(default_factory=dict)
    by_name: dict[str, list[KnownUnit]] = field(default_factory=lambda: defaultdict(list))
    #: Enterprises of the file by code.
    seen: dict[str, _Unit] = field(default_factory=dict)
    #: Codes of the file by name: a later row may give the name alone.
    codes: dict[str, str] = field(default_factory=dict)
    #: Posts held by enterprise and phone number.
    posts: dict[tuple[int, str], list[KnownPost]] = field(default_factory=lambda: defaultdict(list))
    #: People of the file: phone number to name; (code, phone number, role) to its row.
    people: dict[str, str] = field(default_factory=dict)
    placed: dict[tuple[str, str, JobRole], RosterRow] = field(default_factory=dict)
    #: Posts that the file speaks of, and enterprises whose people it lists.
    mentioned: set[int] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for unit in self.known.units:
            self.by_uscc[unit.facts.uscc] = unit
            self.by_name[unit.facts.name].append(unit)
        for post in self.known.posts:
            self.posts[post.enterprise_id, post.phone].append(post)

    def plan(self, row: RosterRow) -> Iterable[PlannedRow]:
        """Return what a row changes: in its enterprise, in its person's posts."""
        unit, planned = self._unit(row)
        if row.person is not None:
            planned.append(self._person(row, row.person, unit))
        return planned

    def _unit(self, row: RosterRow) -> tuple[_Unit, list[PlannedRow]]:
        held = self._held(row.unit)
        code = held.facts.uscc if held else row.unit.uscc or self.codes.get(row.unit.name or "")
        if code is None:
            raise _Refused(M("名册中没有这个企业，请填写统一社会信用代码。"), h.UNIT)
        if held is not None and not held.is_own:
            raise _Refused(M("这个企业不在您的管理范围内。"), h.USCC if row.unit.uscc else h.UNIT)
        first = self.seen.get(code)
        if first is not None:
            return first, self._again(row, first)
        facts = self._facts(row.unit, held, code)
        self.codes[facts.name] = code
        unit = self.seen[code] = _Unit(code, facts.name, held, row.unit, row)
        planned = self._compared(row, held, facts)
        is_news = planned.fate is not Fate.SAME or row.person is None
        return unit, [planned] if is_news else []

    def _held(self, said: UnitRow) -> KnownUnit | None:
        if said.uscc is not None:
            return self.by_uscc.get(said.uscc)
        alike = self.by_name.get(said.name or "", [])
        if len(alike) > 1:
            raise _Refused(M("名册中有同名企业，请填写统一社会信用代码。"), h.UNIT)
        if alike:
            return alike[0]
        return None

    def _again(self, row: RosterRow, first: _Unit) -> list[PlannedRow]:
        """A later row of the same enterprise may say less than the first, but nothing else."""
        for name in UnitRow.__dataclass_fields__:
            said = getattr(row.unit, name)
            if said and said != getattr(first.said, name) and not (name == "name" and said == first.name):
                field_name = {"revenue_wan": h.REVENUE, "name": h.UNIT}.get(name, name)
                raise _Refused(M("与第 %(row)s 行的同一企业填写不一致。", row=first.row.row), field_name)
        if row.person is None:
            return [_planned(row, Fate.DUPLICATE, first.name, {"what": "enterprise", "uscc": first.key},
                             M("与第 %(row)s 行重复，已略过。", row=first.row.row))]  # fmt: skip
        return []

    def _facts(self, said: UnitRow, held: KnownUnit | None, code: str) -> EnterpriseFacts:
        before = held.facts if held else None
        name = said.name or (before.name if before else "")
        if not name:
            raise _Refused(M("这是名册中没有的企业，请填写企业名称。"), h.UNIT)
        region_id = self._region(said, before)
        self_employed = (
            before.self_employed if before and said.self_employed is None else bool(said.self_employed)
        )
        revenue = before.revenue_wan if before and said.revenue_wan is None else said.revenue_wan
        if before and (said.scale, said.revenue_wan, said.self_employed) == (None, None, None):
            scale, reason = before.scale, before.scale_reason
        else:
            scale, reason = _scale(said, revenue, self_employed=self_employed)
        return EnterpriseFacts(
            uscc=code,
            name=name,
            region_id=region_id,
            member_unit_id=self._member_unit(said, before),
            trade=_trade(said.trade) if said.trade else (before.trade if before else None),
            revenue_wan=revenue,
            self_employed=self_employed,
            scale=scale,
            scale_reason=reason,
        )

    def _region(self, said: UnitRow, before: EnterpriseFacts | None) -> int:
        if said.region is None:
            if before is None:
                raise _Refused(M("这是名册中没有的企业，请填写属地。"), h.REGION)
            return before.region_id
        found = [r for r in self.known.regions if r.name == said.region] or [
            r for r in self.known.regions if r.name.startswith(said.region)
        ]
        if len(found) != 1:
            raise _Refused(M("没有这个属地，请填写镇、街道或开发区的全称。"), h.REGION)
        if not found[0].is_own:
            raise _Refused(M("这个属地不在您的管理范围内。"), h.REGION)
        return found[0].id

    def _member_unit(self, said: UnitRow, before: EnterpriseFacts | None) -> int | None:
        if said.member_unit is None:
            return before.member_unit_id if before else None
        if said.member_unit not in self.known.member_units:
            raise _Refused(M("没有这个成员单位，请填写全称。"), h.MEMBER_UNIT)
        return self.known.member_units[said.member_unit]

    def _compared(self, row: RosterRow, held: KnownUnit | None, facts: EnterpriseFacts) -> PlannedRow:
        document = {
            "what": "enterprise",
            "id": held.id if held else None,
            "facts": facts_document(facts),
            "declared": {role.value: people for role, people in row.unit.declared.items()},
            "uscc": facts.uscc,
            "region": next(region.name for region in self.known.regions if region.id == facts.region_id),
        }
        if held is None:
            return _planned(row, Fate.NEW, facts.name, document)
        before, after = asdict(held.facts), asdict(facts)
        changed = [name for name in after if after[name] != before[name]]
        if {**held.declared, **row.unit.declared} != dict(held.declared):
            changed.append("declared")
        if not changed:
            return _planned(row, Fate.SAME, facts.name, document)
        names = [FIELD_NAMES[name] for name in changed]
        fate = Fate.MOVED if "region_id" in changed else Fate.CHANGED
        return _planned(row, fate, facts.name, document, M("改动：%(fields)s", fields=names))

    def _person(self, row: RosterRow, person: PersonRow, unit: _Unit) -> PlannedRow:
        self._check_name(person)
        held = self.posts.get((unit.held.id, person.phone), []) if unit.held else []
        if unit.held:
            self.listed.add(unit.held.id)
        document = {
            "what": "person",
            "uscc": unit.key,
            "enterprise": unit.name,
            "phone": person.phone,
            "name": person.name,
            "role": person.role.value,
            "title": person.title,
        }
        same = next((post for post in held if post.role is person.role), None)
        if same is not None:
            self.mentioned.add(same.id)
        first = self.placed.setdefault((unit.key, person.phone, person.role), row)
        if first is not row:
            return _planned(
                row, Fate.DUPLICATE, person.name, document, M("与第 %(row)s 行重复，已略过。", row=first.row)
            )
        if person.left:
            if same is None:
                return _planned(row, Fate.SAME, person.name, document, M("名册中已没有此人。"))
            return _planned(row, Fate.LEFT, person.name, {**document, "ends": [same.id]})
        return self._held_or_new(row, person, held, same, document)

    def _held_or_new(
        self,
        row: RosterRow,
        person: PersonRow,
        held: list[KnownPost],
        same: KnownPost | None,
        document: dict[str, Any],
    ) -> PlannedRow:
        if same is not None:
            if not person.title or person.title == same.title:
                return _planned(row, Fate.SAME, person.name, document)
            return _planned(
                row,
                Fate.CHANGED,
                person.name,
                {**document, "post": same.id},
                M("改动：%(fields)s", fields=[M("职务")]),
            )
        if len(held) == 1 and held[0].id not in self.mentioned:
            self.mentioned.add(held[0].id)
            note = M(
                "岗位类别由%(old)s改为%(new)s。",
                old=[ROLE_NAMES[held[0].role]],
                new=[ROLE_NAMES[person.role]],
            )
            return _planned(row, Fate.CHANGED, person.name, {**document, "ends": [held[0].id]}, note)
        return _planned(row, Fate.NEW, person.name, document)

    def _check_name(self, person: PersonRow) -> None:
        if self.known.names.get(person.phone, person.name) != person.name:
            raise _Refused(M("这个手机号在名册中登记的是另一个姓名，请核对。"), h.PHONE)
        if self.people.setdefault(person.phone, person.name) != person.name:
            raise _Refused(M("这个手机号在文件中对应两个姓名，请核对。"), h.PHONE)

    def absent(self) -> list[KnownPost]:
        """Return the posts in the listed enterprises that no row speaks of."""
        return [
            post for post in self.known.posts
            if post.enterprise_id in self.listed and post.id not in self.mentioned
        ]  # fmt: skip


def _with_leavers(rows: list[PlannedRow], absent: list[KnownPost], known: Known) -> list[PlannedRow]:
    """Add those who left; who turns up in another enterprise of the file has moved there."""
    units = {unit.id: unit.facts for unit in known.units}
    leavers: dict[tuple[str, JobRole], list[KnownPost]] = defaultdict(list)
    for post in absent:
        leavers[post.phone, post.role].append(post)
    planned = [_moved(row, leavers, units) for row in rows]
    for post in (post for posts in leavers.values() for post in posts):
        unit = units[post.enterprise_id]
        planned.append(
            PlannedRow(
                fate=Fate.LEFT,
                sheet="",
                row=0,
                title=post.name,
                content={"what": "person", "uscc": unit.uscc, "enterprise": unit.name, "phone": post.phone,
                         "name": post.name, "role": post.role.value, "title": post.title, "ends": [post.id]},
            )
        )  # fmt: skip
    return planned


def _moved(
    row: PlannedRow,
    leavers: Mapping[tuple[str, JobRole], list[KnownPost]],
    units: Mapping[int, EnterpriseFacts],
) -> PlannedRow:
    """Return a new person's row as a move when they left the same role elsewhere, else as it is."""
    if row.fate is not Fate.NEW or row.content["what"] != "person":
        return row
    left = leavers.get((row.content["phone"], JobRole(row.content["role"])))
    if not left:
        return row
    post = left.pop(0)
    note = M("由%(old)s转来。", old=units[post.enterprise_id].name)
    content = {**row.content, "ends": [post.id]}
    return replace(row, fate=Fate.MOVED, content=content, note=[note.text, note.values])


def _scale(said: UnitRow, revenue: Decimal | None, *, self_employed: bool) -> tuple[Scale, str | None]:
    try:
        return decide_scale(
            revenue, self_employed=self_employed, by_hand=said.scale, reason=said.reason or ""
        )
    except Invalid as error:
        raise _Refused(error.message, h.REASON if said.scale else h.REVENUE) from error


def _trade(text: str) -> str:
    """Return the trade that a code (C33, 33) or a name stands for."""
    word = text.upper()
    found = [code for code, name in TRADES.items() if word in {code, code[1:]} or name.text == text]
    if not found:
        raise _Refused(M("没有这个行业，请填写国民经济行业分类的大类代码（如 C33）或名称。"), h.TRADE)
    return found[0]


def facts_document(facts: EnterpriseFacts) -> dict[str, Any]:
    """Return facts as plain JSON values."""
    values = asdict(facts)
    return {**values, "revenue_wan": None if facts.revenue_wan is None else str(facts.revenue_wan)}


def facts_from(document: Mapping[str, Any]) -> EnterpriseFacts:
    """Return the facts that `facts_document` wrote down."""
    revenue = document["revenue_wan"]
    values = {
        **document,
        "revenue_wan": None if revenue is None else Decimal(revenue),
        "scale": Scale(document["scale"]),
    }
    return EnterpriseFacts(**values)


def _planned(
    row: RosterRow, fate: Fate, title: str, content: dict[str, Any], note: Message | None = None
) -> PlannedRow:
    return PlannedRow(
        fate=fate,
        sheet=row.sheet,
        row=row.row,
        title=title,
        content=content,
        note=[note.text, note.values] if note else None,
    )
