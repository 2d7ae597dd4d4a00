"""Whatever a file holds, it becomes tables or a sentence, soon, and nothing is imported by reading it (threat 10)."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import ROOT
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.bank.models import Question
from quizapp.directory.models import Enterprise, Post
from quizapp.directory.roles import JobRole
from quizapp.extensions import db
from quizapp.imports import background, sandbox
from quizapp.imports.models import ImportRun
from quizapp.imports.tables import Table, UnreadableFile
from tests import builders
from tests.pages import sign_in, token
from tests.threats import mutants, reading

FILES = 2400
LONGEST_SECONDS = 10


def test_thousands_of_broken_files_are_read_or_refused_with_a_sentence() -> None:
    halves = [(0, FILES // 2), (FILES // 2, FILES)]
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.threats.reading", str(first), str(end)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        for first, end in halves
    ]
    lines = [line for reader in readers for line in reader.communicate(timeout=400)[0].splitlines()]
    outcomes = [json.loads(line) for line in lines]
    kinds = Counter(outcome.split(":")[0] for _, _, outcome in outcomes)

    assert [reader.returncode for reader in readers] == [0, 0]
    assert len(outcomes) == FILES
    assert [(number, outcome) for number, _, outcome in outcomes if outcome.startswith("raised")] == []
    assert max(seconds for _, seconds, _ in outcomes) < LONGEST_SECONDS
    # The corpus tells something only if it reaches every depth.
    assert kinds["refused"] > FILES / 10
    assert kinds["tables"] > FILES / 10
    assert 0 < kinds[reading.DIED] < FILES / 20
    assert sum("ParsedRoster" in outcome for _, _, outcome in outcomes) > 100
    assert sum("ParsedBank" in outcome for _, _, outcome in outcomes) > 100


def roster_with(heading: str, value: str, sheets: tuple[str, ...] = ("名册",)) -> bytes:
    rows = [list(row) for row in mutants.ROSTER]
    rows[1][rows[0].index(heading)] = value
    return mutants.workbook_of(rows, sheets)


def in_sheet(old: bytes, new: bytes) -> Callable[[], bytes]:
    good = mutants.workbook_of(mutants.ROSTER)
    return lambda: mutants.changed(good, "xl/worksheets/sheet1.xml", lambda data: data.replace(old, new, 1))


def in_strings(old: bytes, new: bytes) -> Callable[[], bytes]:
    good = mutants.workbook_of(mutants.ROSTER)
    return lambda: mutants.changed(good, "xl/sharedStrings.xml", lambda data: data.replace(old, new, 1))


def with_member(name: str, data: bytes) -> Callable[[], bytes]:
    return lambda: mutants.packed([*mutants.members_of(mutants.workbook_of(mutants.ROSTER)), (name, data)])


def roster_csv(heading: str, value: str) -> bytes:
    rows = [list(row) for row in mutants.ROSTER]
    rows[1][rows[0].index(heading)] = value
    return mutants.csv_of(rows).encode("utf-8-sig")


HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a cell at the far end": ("a.xlsx", in_sheet(b'r="A2"', b'r="XFD1048576"')),
    "a row at the far end": ("a.xlsx", in_sheet(b'<row r="2"', b'<row r="1048576"')),
    "entities within entities": ("a.xlsx", in_strings(b"<sst", mutants.DTD + b"<sst")),
    "a NUL in a cell": ("a.xlsx", lambda: roster_with("姓名", "甲\x00乙")),
    "an escaped NUL in a cell": ("a.xlsx", in_strings("王建国".encode(), b"_x0000_")),
    "half a surrogate": ("a.xlsx", in_strings("王建国".encode(), b"_xD800_")),
    "control signs": ("a.xlsx", in_strings("王建国".encode(), b"_x0001__x001B__xFFFF_")),
    "a number of thousands of digits": ("a.csv", lambda: roster_csv("关键岗位人数", "9" * 5000)),
    "a revenue beyond all": ("a.csv", lambda: roster_csv("年主营业务收入（万元）", "1e999999999")),
    "a cell of a hundred kilobytes": ("a.csv", lambda: roster_csv("职务", "长" * 40_000)),
    "quotes within quotes": ("a.csv", lambda: roster_csv("职务", '"""' * 9 + '="a"') + b'"'),
    "formulas": ("a.csv", lambda: roster_csv("姓名", "=cmd|' /C calc'!A0")),
    "a formula without a value": ("a.xlsx", in_sheet(b"<v>0</v>", b'<f>WEBSERVICE("http://127.0.0.1/")</f>')),
    "macros": ("a.xlsx", with_member("xl/vbaProject.bin", bytes.fromhex("d0cf11e0a1b11ae1") * 100)),
    "a member that leads elsewhere": ("a.xlsx", with_member("../../../../tmp/quizapp-canary", b"x")),
    "two workbooks in one": ("a.xlsx", with_member("xl/workbook.xml", b"<workbook/>")),
    "a truncated workbook": ("a.xlsx", lambda: mutants.workbook_of(mutants.ROSTER)[:3000]),
    "sheets that no program would name so": (
        "a.xlsx",
        lambda: mutants.changed(
            roster_with("联系电话", "12", ("甲", "乙")), "xl/workbook.xml",
            lambda data: data.replace("甲".encode(), b"[a]:*?/\\b").replace("乙".encode(), b"x" * 300),
        ),
    ),
    "sheets alike in their first signs": (
        "a.xlsx",
        lambda: mutants.changed(
            roster_with("联系电话", "12", ("甲", "乙")), "xl/workbook.xml",
            lambda data: data.replace("甲".encode(), b"x" * 31 + b"1").replace("乙".encode(), b"x" * 31 + b"2"),
        ),
    ),
    "another encoding": ("a.csv", lambda: mutants.csv_of(mutants.ROSTER).encode("utf-16-le")),
    "NULs": ("a.csv", lambda: mutants.csv_of(mutants.ROSTER).encode("utf-8") + bytes(50)),
    "a name with a NUL": ("a\x00.csv", lambda: mutants.csv_of(mutants.ROSTER).encode("utf-8")),
    "a name that leads elsewhere": ("../../" + "长" * 400 + ".csv", lambda: roster_csv("联系电话", "12")),
    "a name like an option": ("--help.csv", lambda: roster_csv("联系电话", "12")),
}  # fmt: skip


@pytest.mark.parametrize("what", [what for what in HOSTILE if not what.startswith("a name")])
def test_the_child_process_reads_a_hostile_file_or_gives_a_sentence(what: str) -> None:
    name, make = HOSTILE[what]
    content, begun = make(), time.monotonic()

    try:
        tables: list[Table] = sandbox.read_tables(content, name)
        said = ""
    except UnreadableFile as refusal:
        tables, said = [], str(refusal)

    assert tables or said.endswith("。")
    assert time.monotonic() - begun < sandbox.PROCESSOR_SECONDS


@pytest.fixture
def clerk(app: Flask) -> FlaskClient:
    campaign = builders.make_campaign()
    for role in JobRole:
        builders.make_track(campaign, role)
    builders.make_region("wujin/hutang").name = "湖塘镇"
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    builders.make_bank().slug = "work-safety"
    db.session.commit()
    return sign_in(app, db.session.get_one(Account, account.id))


def imported() -> list[int]:
    db.session.rollback()
    found = [
        db.session.scalar(db.select(db.func.count()).select_from(model)) or 0
        for model in (Enterprise, Post, Question)
    ]
    db.session.rollback()
    return found


def test_hostile_files_over_http_get_a_page_and_import_nothing(clerk: FlaskClient) -> None:
    form_token = token(clerk.get("/me").text)
    for what, (name, make) in HOSTILE.items():
        for address in ("/roster/import", "/banks/work-safety/import"):
            form = {"csrf_token": form_token, "missing": "keep", "file": (io.BytesIO(make()), name)}
            answer = clerk.post(address, data=form, content_type="multipart/form-data")
            assert answer.status_code in {302, 422}, (what, address)
            if answer.status_code == 302:
                page = clerk.get(answer.location)
                assert page.status_code == 200, (what, address)
                assert str(background.BROKEN) not in page.text, (what, address)
                if "refused.xlsx" in page.text:
                    with clerk.get(f"{answer.location}/refused.xlsx") as workbook:
                        assert workbook.status_code == 200, what
                        assert workbook.data[:2] == b"PK"

    assert imported() == [0, 0, 0]
    assert (db.session.scalar(db.select(db.func.count(ImportRun.id))) or 0) > len(HOSTILE)
