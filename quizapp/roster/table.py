"""Enterprises and people in a table, one a row, or both in one row. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from quizapp.directory import uscc
from quizapp.directory.roles import JobRole, Scale
from quizapp.imports.rows import Layout, Line, Refusal, RowReader, find_layout, plain
from quizapp.imports.tables import Problem, Table, UnreadableFile, column_letter
from quizapp.messages import M
from quizapp.roster import headings as h

LONGEST = {h.UNIT: 120, h.NAME: 60, h.TITLE: 60, h.REASON: 200}
LONGEST_WORD = 60
MOST_PEOPLE = 100_000
_PHONE = re.compile(r"1\d{10}")


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitRow:
    """What a row says of an enterprise; None where it says nothing."""

    uscc: str | None = None
    name: str | None = None
    region: str | None = None
    member_unit: str | None = None
    trade: str | None = None
    revenue_wan: Decimal | None = None
    self_employed: bool | None = None
    scale: Scale | None = None
    reason: str | None = None
    declared: dict[JobRole, int] = field(default_factory=dict)

    @property
    def says_more(self) -> bool:
        """Say whether there is more than which enterprise it is."""
        return any(
            value is not None
            for value in (self.region, self.member_unit, self.trade, self.revenue_wan, self.self_employed,
                          self.scale, self.declared or None)
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRow:
    """What a row says of a person's post."""

    name: str
    phone: str
    role: JobRole
    title: str
    left: bool


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row with its place."""

    sheet: str
    row: int
    unit: UnitRow
    person: PersonRow | None
    #: Columns by field, to name the place of a refusal.
    layout: Layout


@dataclass(frozen=True, slots=True)
class ParsedRoster:
    """What a file holds."""

    rows: tuple[RosterRow, ...]
    refused: tuple[Problem, ...]
    repaired: tuple[Problem, ...]


def parse_tables(tables: Iterable[Table]) -> ParsedRoster:
    """Return the enterprises and people in all sheets that have known headings.

    Raises UnreadableFile when no sheet has them, none has a row under them, one has identity numbers.
    """
    rows: list[RosterRow] = []
    refused: list[Problem] = []
    repaired: list[Problem] = []
    known = False
    for table in tables:
        layout = find_layout(table, h.field_of, (h.USCC,)) or find_layout(table, h.field_of, (h.UNIT,))
        if layout is None:
            if any(True for _ in table.numbered()):
                repaired.append(
                    Problem(reason=M("这个工作表没有企业名称或信用代码一栏，已略过。"), sheet=table.sheet)
                )
            continue
        known = True
        _check_layout(table, layout)
        for number, cells in table.numbered():
            if number > layout.heading_row:
                _parse_line(Line(table, layout, number, cells), rows, refused)
    if not known:
        raise UnreadableFile(
            M("没有找到表头：至少要有“统一社会信用代码”或“企业名称”一栏。请对照模板修改后再上传。")
        )
    if not rows and not refused:
        raise UnreadableFile(M("表头下面没有内容。请填写后再上传。"))
    return ParsedRoster(tuple(rows), tuple(refused), tuple(repaired))


def _check_layout(table: Table, layout: Layout) -> None:
    """Refuse the file for a column that must not be there (PIPL, article 6: no more than is needed)."""
    if h.IDENTITY in layout.columns:
        column = column_letter(layout.columns[h.IDENTITY])
        raise UnreadableFile(
            M(
                "工作表“%(sheet)s”的 %(column)s 列是身份证号。本平台不收集身份证号，请删去这一列后再上传。",
                sheet=table.sheet or "CSV",
                column=column,
            )
        )
    place = layout.columns.get(h.REVENUE)
    if place and h.is_in_yuan(table.rows[layout.heading_row - 1][place - 1]):
        raise UnreadableFile(
            M("年主营业务收入一栏的单位是元，应为万元。请换算后再上传。"),
        )


def _parse_line(line: Line, rows: list[RosterRow], refused: list[Problem]) -> None:
    reader = RowReader(line)
    unit, person = _unit(reader), _person(reader)
    if reader.refusals:
        refused.extend(reader.problems())
        return
    rows.append(RosterRow(line.table.sheet, line.number, unit, person, line.layout))


def _unit(reader: RowReader) -> UnitRow:
    code, name = reader.take(_uscc), reader.take(_unit_name)
    if not code and not name and not reader.refusals:
        reader.take(_nothing_named)
    return UnitRow(
        uscc=code,
        name=name or None,
        region=reader.take(_word(h.REGION)),
        member_unit=reader.take(_word(h.MEMBER_UNIT)),
        trade=reader.take(_word(h.TRADE)),
        revenue_wan=reader.take(_revenue),
        self_employed=reader.take(_self_employed),
        scale=reader.take(_scale),
        reason=reader.take(_word(h.REASON, LONGEST[h.REASON])),
        declared=reader.take(_declared) or {},
    )


def _nothing_named(line: Line) -> None:
    raise Refusal(M("统一社会信用代码和企业名称都是空的。"), line.column(h.USCC) or line.column(h.UNIT))


def _word(name: str, longest: int = LONGEST_WORD) -> Callable[[Line], str | None]:
    return lambda line: line.text(name, longest) or None


def _unit_name(line: Line) -> str:
    return _clean(line.text(h.UNIT, LONGEST[h.UNIT]))


def _clean(text: str) -> str:
    """One sign for one meaning: full-width letters and brackets as clerks mix them, no space inside."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("(", "（").replace(")", "）")


def _uscc(line: Line) -> str | None:
    column = line.column(h.USCC)
    code = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", line.at(column))).upper()
    if not code:
        return None
    if line.oddity(h.USCC) or "E+" in code:
        raise Refusal(M("信用代码被当作数字保存，末几位已丢失。请把这一列设为文本后重填。"), column)
    if len(code) != uscc.LENGTH:
        raise Refusal(M("统一社会信用代码应为 18 位，这里是 %(length)s 位。", length=len(code)), column)
    if not uscc.is_valid(code):
        raise Refusal(M("统一社会信用代码不正确：校验码不符，请与营业执照核对。"), column)
    return code


def _revenue(line: Line) -> Decimal | None:
    column = line.column(h.REVENUE)
    text = unicodedata.normalize("NFKC", line.at(column)).replace(",", "").removesuffix("万元").strip()
    if not text:
        return None
    try:
        revenue = Decimal(text)
    except InvalidOperation as error:
        raise Refusal(M("年主营业务收入应为数字，单位万元。"), column) from error
    if not revenue.is_finite() or not 0 <= revenue < Decimal(10) ** 9:
        raise Refusal(M("年主营业务收入应为数字，单位万元。"), column)
    return revenue.quantize(Decimal("0.01"))


def _self_employed(line: Line) -> bool | None:
    word = plain(line.at(line.column(h.SELF_EMPLOYED)))
    if not word:
        return None
    if word in h.YES:
        return True
    if word in h.NO:
        return False
    raise Refusal(M("只能填“是”或“否”。"), line.column(h.SELF_EMPLOYED))


def _scale(line: Line) -> Scale | None:
    word = plain(line.at(line.column(h.SCALE)))
    if not word:
        return None
    if word not in h.SCALE_WORDS:
        raise Refusal(M("规模只能填“规上”或“规下”。"), line.column(h.SCALE))
    return Scale(h.SCALE_WORDS[word])


def _declared(line: Line) -> dict[JobRole, int]:
    found = {}
    for role, name in h.DECLARED.items():
        text = unicodedata.normalize("NFKC", line.at(line.column(name))).removesuffix("人").strip()
        if not text:
            continue
        # Python refuses to read a number of thousands of digits.
        is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_PEOPLE))
        if not is_number or int(text) > MOST_PEOPLE:
            raise Refusal(M("人数应为不小于 0 的整数。"), line.column(name))
        found[role] = int(text)
    return found


def _person(reader: RowReader) -> PersonRow | None:
    """Return the row's person; None when the row has none of name, number and role, or a fault."""
    line = reader.line
    if not any(line.at(line.column(name)) for name in (h.NAME, h.PHONE, h.ROLE)):
        return None
    name, phone, role = reader.take(_name), reader.take(_phone), reader.take(_role)
    title, left = reader.take(_word(h.TITLE, LONGEST[h.TITLE])), reader.take(_left)
    if name is None or phone is None or role is None or left is None:
        return None
    return PersonRow(name=name, phone=phone, role=role, title=title or "", left=left)


def _name(line: Line) -> str:
    name = _clean(line.text(h.NAME, LONGEST[h.NAME]))
    if not name:
        raise Refusal(M("姓名是空的。"), line.column(h.NAME))
    return name


def _phone(line: Line) -> str:
    column = line.column(h.PHONE)
    text = re.sub(r"[\s-]+", "", unicodedata.normalize("NFKC", line.at(column))).removeprefix("+86")
    if not text:
        raise Refusal(M("手机号是空的，登录要用手机号。"), column)
    if line.oddity(h.PHONE) or not _PHONE.fullmatch(text):
        raise Refusal(M("手机号应为 1 开头的 11 位数字。"), column)
    return text


def _role(line: Line) -> JobRole:
    column = line.column(h.ROLE)
    word = plain(line.at(column))
    if word not in h.ROLE_WORDS:
        raise Refusal(M("岗位类别只能填：关键岗位人员、安全管理人员、主要负责人。"), column)
    return JobRole(h.ROLE_WORDS[word])


def _left(line: Line) -> bool:
    word = plain(line.at(line.column(h.STATE)))
    if word and word not in h.LEFT_WORDS | h.STAYED_WORDS:
        raise Refusal(M("状态只能填“在职”或“离职”。"), line.column(h.STATE))
    return word in h.LEFT_WORDS
