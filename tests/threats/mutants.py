"""Broken and hostile spreadsheets, made from good ones by chance; the same number gives the same file."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections.abc import Callable, Sequence

import xlsxwriter

from quizapp.directory.uscc import check_character

Members = list[tuple[str, bytes]]
UNIT = "91320412TEX000001"
ROSTER = [
    ("统一社会信用代码", "企业名称", "所在镇街", "年主营业务收入（万元）", "规模", "个体工商户", "关键岗位人数",
     "姓名", "联系电话", "人员类别", "职务", "状态"),
    (UNIT + check_character(UNIT), "甲厂", "湖塘镇", "3000", "规上", "否", "12", "王建国", "13800000001", "关键岗位人员",
     "班组长", "在职"),
    (UNIT + check_character(UNIT), "甲厂", "湖塘镇", "3000", "", "", "", "李秀英", "13800000002", "主要负责人", "", ""),
]  # fmt: skip
BANK = [
    ("编号", "题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "难度", "标签", "岗位"),
    ("AB-1", "单选题", "发现隐患怎么办？", "立即报告", "不管", "等等", "A", "第五十六条", "易", "隐患", "关键岗位人员"),
    ("AB-2", "判断题", "可以带病上岗。", "", "", "", "错", "", "", "", ""),
    ("AB-3", "多选题", "三违是指？", "违章指挥", "违章作业", "按章操作", "AB", "", "难", "三违", ""),
]  # fmt: skip
TABLES: Sequence[Sequence[Sequence[str]]] = (ROSTER, BANK)
#: What stands in one cell in place of what belongs there.
CELLS = (
    "9" * 5000, "９" * 5000, "٣" * 50, "²", "-1", "-0", "1e999999", "1E-999999", "0E999999999", "NaN", "sNaN", "Infinity", "1_000",
    "0x1F", "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://127.0.0.1:9/","x")', "@SUM(1)", "+86 13800000001", "\x00", "a\x00b",
    "_x0000_", "_x000D_", "_xD800_", "\ud7ff\ue000", "\uffff", "\U0010ffff", "\u202e\u0645", "é" * 300, "ﷺ" * 3000, "x" * 140_000,
    '"', '""', '"""a""",b"', "'", "\\", "%(x)s", "%s%n", "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "\r\n\t", "\x0b\x0c\x1b",
    "\ufeff", "１３８００００００００１", "2026-13-45", "1900-02-29", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "Ａ、Ｂ", "İı", "ß" * 70, "true", "NULL", "",
)  # fmt: skip
ENCODINGS = (
    "utf-8", "utf-8-sig", "gb18030", "gbk", "big5", "shift_jis", "euc_kr", "utf-16", "utf-16-le", "utf-16-be", "utf-32",
    "utf-7", "latin-1", "cp037", "hz", "iso2022_jp",
)  # fmt: skip
DTD = (
    b'<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">'
    b'<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
)


def mutant(number: int) -> tuple[str, bytes]:
    """Return the name and the content of the file with this number."""
    chance = random.Random(number)
    rows = [list(row) for row in chance.choice(TABLES)]
    for _ in range(chance.randrange(5)):
        # A table without its headings is refused at once, so they are mostly left.
        row = chance.choice(rows if chance.random() < 0.1 else rows[1:])
        row[chance.randrange(len(row))] = chance.choice(CELLS)
    if number % 2:
        content, name = _csv(rows, chance), "名册.csv"
    else:
        content, name = _workbook(rows, chance), "名册.xlsx"
    for _ in range(chance.choice((0, 0, 1, 2))):
        content = chance.choice(ON_BYTES)(content, chance)
    if chance.random() < 0.03:
        name = chance.choice(
            ("名册.xlsx", "名册.csv", "名册.txt", "名册", "a.b.XLSX", ".csv", "名册.xls", "x\x00.csv")
        )
    return name, content


def csv_of(rows: Sequence[Sequence[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Return a table as a spreadsheet program writes it."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
    return text.getvalue()


def workbook_of(rows: Sequence[Sequence[str]], names: Sequence[str] = ("名册",)) -> bytes:
    """Return a table as a workbook, the same on each sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name in names:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    sheet.write_string(number, column, text[:32_767])
    return file.getvalue()


def members_of(content: bytes) -> Members:
    """Return what is packed into a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(member.filename, archive.read(member)) for member in archive.infolist()]


def packed(members: Members) -> bytes:
    """Pack a workbook, as it is: the same name twice, or one that leads elsewhere, is no fault."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(_Repeatable(name), data, compress_type=zipfile.ZIP_DEFLATED)
            archive.NameToInfo.clear()  # zipfile would warn of a second one
    return file.getvalue()


class _Repeatable(zipfile.ZipInfo):
    """A member whose name is written as it was given."""

    def __init__(self, name: str) -> None:
        super().__init__("x")
        self.filename = name


def changed(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a workbook with one member changed."""
    return packed([(name, change(data) if name == member else data) for name, data in members_of(content)])


def _csv(rows: list[list[str]], chance: random.Random) -> bytes:
    text = csv_of(rows, chance.choice(",,,;\t|"), chance.choice(("\r\n", "\n", "\r", "\n\r")))
    text = chance.choice(ON_TEXT)(text, chance)
    usual = chance.random() < 0.6
    encoding = chance.choice(("utf-8-sig", "gb18030") if usual else ENCODINGS)
    return text.encode(encoding, chance.choice(("ignore", "replace")))


ON_TEXT: Sequence[Callable[[str, random.Random], str]] = (
    lambda text, _chance: text,
    lambda text, chance: text + '"' * chance.randrange(1, 4),
    lambda text, chance: text.replace(",", ',"', chance.randrange(1, 5)),
    lambda text, chance: text.replace("\n", '"\n', 1) * chance.randrange(1, 3),
    lambda text, chance: text + "," * chance.randrange(1, 3000),
    lambda text, chance: "\n" * chance.randrange(1, 3000) + text,
    lambda text, chance: text + text * chance.randrange(1, 200),
    lambda text, chance: text.replace("甲", chance.choice(CELLS)),
    lambda text, _chance: '"' + text.replace('"', '""') + '"',
    lambda text, _chance: "sep=,\n" + text,
)


def _workbook(rows: list[list[str]], chance: random.Random) -> bytes:
    members = members_of(workbook_of(rows, chance.choice((("名册",), ("单选题", "a'b"), ("x" * 31, "甲")))))
    for _ in range(chance.choice((0, 1, 1, 2))):
        members = chance.choice(ON_MEMBERS)(members, chance)
    return packed(members)


def _renamed(members: Members, chance: random.Random) -> Members:
    names = (
        "../../../tmp/x",
        "/etc/passwd",
        "C:\\x",
        "xl\\workbook.xml",
        "",
        "a\x00b",
        "XL/WORKBOOK.XML",
        "xl/vbaProject.bin",
    )
    place = chance.randrange(len(members))
    return [
        (chance.choice(names) if place == number else name, data)
        for number, (name, data) in enumerate(members)
    ]


def _added(members: Members, chance: random.Random) -> Members:
    extra = (
        ("xl/vbaProject.bin", bytes.fromhex("d0cf11e0a1b11ae1") + chance.randbytes(2000)),
        ("xl/externalLinks/externalLink1.xml", b'<externalLink><externalBook r:id="rId1"/></externalLink>'),
        ("EncryptedPackage", chance.randbytes(500)),
        ("xl/embeddings/oleObject1.bin", chance.randbytes(500)),
    )
    return [*members, chance.choice(extra)]


def _on_xml(pattern: bytes, texts: Sequence[bytes]) -> Callable[[Members, random.Random], Members]:
    """Return what puts one of the texts in place of what a pattern finds in the sheets or beside them."""

    def change(members: Members, chance: random.Random) -> Members:
        text = chance.choice(texts)
        return [
            (name, re.sub(pattern, lambda _found: text, data, count=chance.randrange(1, 4)))
            for name, data in members
        ]

    return change


def _member_bytes(members: Members, chance: random.Random) -> Members:
    place = chance.randrange(len(members))
    change = chance.choice(ON_BYTES)
    return [
        (name, change(data, chance) if place == number else data)
        for number, (name, data) in enumerate(members)
    ]


ON_MEMBERS: Sequence[Callable[[Members, random.Random], Members]] = (
    _renamed,
    _added,
    _member_bytes,
    _member_bytes,
    lambda members, chance: members + [chance.choice(members)] * chance.randrange(1, 3),
    lambda members, chance: [one for one in members if one is not chance.choice(members)],
    lambda members, chance: chance.sample(members, len(members)),
    _on_xml(rb"<\?xml[^>]*\?>", (DTD, b'<?xml version="1.1" encoding="utf-16"?>', b'<?xml encoding="x"?>' + DTD, b"")),
    _on_xml(rb'<dimension ref="[^"]*"', (b'<dimension ref="A1:XFD1048576"', b'<dimension ref="ZZZ0:A-1"', b"<dimension")),
    _on_xml(rb'<c r="[A-Z]+\d+"', (b'<c r="XFD1048576"', b'<c r="ZZZZZZZ9"', b'<c r="A99999999999999999999"', b'<c r="1A"', b"<c")),
    _on_xml(rb'<row r="\d+"', (b'<row r="1048576"', b'<row r="0"', b'<row r="-1"', b'<row r="4294967297"', b"<row")),
    _on_xml(rb't="s"><v>\d+', (b't="s"><v>99999', b't="s"><v>-1', b't="s"><v>' + b"9" * 50, b't="s"><v>')),
    _on_xml(rb't="s"', (b't="n"', b't="b"', b't="e"', b't="d"', b't="str"', b't="inlineStr"', b't="zzz"', b't="n" s="9999"', b"")),
    _on_xml(rb"<v>\d+</v>", (b"<f>1+1</f>", b"<f>WEBSERVICE(&quot;http://127.0.0.1/&quot;)</f><v>1</v>", b"<v>1e308</v>",
                             b"<v>NaN</v>", b"<v>1e-320</v>", b"<v/>", b"<v>#REF!</v>", b"<v>" + b"9" * 400 + b"</v>")),
    _on_xml(rb"<t[^>]*>", (b"<t>&#0;", b"<t>&#x0;", b"<t>&undefined;", b"<t>_x0000_", b"<t>_xD800_", b"<t><![CDATA[", b"<t>&f;")),
    _on_xml(rb'sheetId="\d+"', (b'sheetId="-1"', b'sheetId=""', b'sheetId="1" state="veryHidden"')),
    _on_xml(rb'Target="[^"]*"', (b'Target="http://127.0.0.1:9/x"', b'Target="file:///etc/passwd"', b'Target="../../x"', b'Target=""')),
    _on_xml(rb'sheet name="[^"]*"', (b'sheet name="[a]:*?/\\"', b'sheet name=""', b'sheet name="&#x1;"', b'sheet name="%(x)s' + b"x" * 400 + b'"')),
    _on_xml(rb"</sheetData>", (b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', b"", b"<row>" * 5000)),
    _on_xml(rb"<sheetData>", (b"<sheetData>" + b'<row r="7"><c r="A7"><v>4</v></c></row>' * 3000, b"<sheetData/>")),
)  # fmt: skip


def _flipped(content: bytes, chance: random.Random) -> bytes:
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 3, 30)) if made else 0):
        made[chance.randrange(len(made))] ^= 1 << chance.randrange(8)
    return bytes(made)


def _spliced(content: bytes, chance: random.Random) -> bytes:
    place, length = chance.randrange(len(content) + 1), chance.randrange(1, 300)
    return (
        content[:place]
        + chance.choice((bytes(length), chance.randbytes(length), b'"' * length))
        + content[place:]
    )


ON_BYTES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _flipped,
    _flipped,
    _spliced,
    lambda content, chance: content[: chance.randrange(len(content) + 1)],
    lambda content, chance: content[chance.randrange(len(content) + 1) :],
    lambda content, chance: content[: (half := chance.randrange(len(content) + 1))] + content[half // 2 :],
    lambda content, chance: content.replace(b"PK\x01\x02", b"PK\x01\x03", chance.randrange(1, 3)),
    lambda content, _chance: b"PK\x03\x04" + content,
    lambda content, _chance: content + content,
)
