"""A clerk brings in a bank through the pages: preview, whole or nothing, the same file again changes nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.bank.models import Bank, Question, QuestionRevision
from quizapp.extensions import db
from quizapp.imports.models import ImportRun
from tests import builders
from tests.pages import sign_in, token

HEADINGS = ("编号", "题型", "题干", "选项A", "选项B", "选项C", "答案")
GOOD = ("AB-1", "单选题", "发现隐患怎么办？", "立即报告", "不管", "等等", "A")
OTHER = ("AB-2", "判断题", "可以带病上岗。", "", "", "", "错")
BAD = ("AB-3", "单选题", "答案指向哪里？", "甲", "乙", "丙", "F")


def file_of(*rows: Sequence[str], encoding: str = "utf-8-sig") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    return text.getvalue().encode(encoding)


@pytest.fixture
def bank(app: Flask) -> Bank:
    bank = builders.make_bank()
    db.session.commit()
    return bank


@pytest.fixture
def administrator(app: Flask, bank: Bank) -> Account:
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    return account


@pytest.fixture
def clerk(app: Flask, administrator: Account) -> FlaskClient:
    return sign_in(app, administrator)


def upload(client: FlaskClient, bank: Bank, content: bytes, name: str = "题库.csv") -> TestResponse:
    form = client.get(f"/banks/{bank.slug}/import").text
    data = {"csrf_token": token(form), "file": (io.BytesIO(content), name)}
    return client.post(f"/banks/{bank.slug}/import", data=data, content_type="multipart/form-data")


def confirm(client: FlaskClient, preview: str) -> TestResponse:
    page = client.get(preview).text
    return client.post(f"{preview}/apply", data={"csrf_token": token(page)})


def stems(bank: Bank) -> list[str]:
    query = (
        select(QuestionRevision.stem)
        .join(Question, Question.id == QuestionRevision.question_id)
        .where(Question.bank_id == bank.id, QuestionRevision.number == Question.revision)
        .order_by(Question.id)
    )
    return list(db.session.scalars(query))


def rows_of(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_file_is_previewed_before_anything_is_written(clerk: FlaskClient, bank: Bank) -> None:
    answer = upload(clerk, bank, file_of(GOOD, OTHER))

    assert answer.status_code == 302
    assert "将新增 2 题，修改 0 题" in clerk.get(answer.location).text
    assert stems(bank) == []
    assert confirm(clerk, answer.location).status_code == 302
    assert stems(bank) == ["发现隐患怎么办？", "可以带病上岗。"]


def test_the_same_file_again_changes_nothing(clerk: FlaskClient, bank: Bank) -> None:
    confirm(clerk, upload(clerk, bank, file_of(GOOD, OTHER)).location)
    revisions = rows_of(QuestionRevision)

    page = clerk.get(upload(clerk, bank, file_of(GOOD, OTHER)).location).text

    assert "没有需要写入的内容" in page
    assert rows_of(QuestionRevision) == revisions


def test_one_bad_row_keeps_the_whole_file_out_and_is_named(clerk: FlaskClient, bank: Bank) -> None:
    preview = upload(clerk, bank, file_of(GOOD, BAD)).location
    page = clerk.get(preview).text

    assert "有 1 行不合格，整个文件没有导入" in page
    assert "答案里的 F 没有对应的选项" in page
    assert "确认导入" not in page
    refused = clerk.post(f"{preview}/apply", data={"csrf_token": token(page)})
    assert refused.status_code == 409
    assert stems(bank) == []


def test_a_changed_stem_under_the_same_number_makes_the_next_revision(clerk: FlaskClient, bank: Bank) -> None:
    confirm(clerk, upload(clerk, bank, file_of(GOOD)).location)
    changed = (*GOOD[:2], "看到隐患怎么办？", *GOOD[3:])

    preview = upload(clerk, bank, file_of(changed)).location
    assert "改动：题干" in clerk.get(preview).text
    clerk.post("/language", data={"language": "en", "csrf_token": token(clerk.get("/me").text)})
    assert "Changed: Stem" in clerk.get(preview).text
    confirm(clerk, preview)

    assert stems(bank) == ["看到隐患怎么办？"]
    assert rows_of(QuestionRevision) == 2


def test_a_plan_that_the_bank_has_left_behind_is_refused(clerk: FlaskClient, bank: Bank) -> None:
    first = upload(clerk, bank, file_of(GOOD)).location
    second = upload(clerk, bank, file_of((*GOOD[:2], "另一种写法？", *GOOD[3:]))).location
    confirm(clerk, second)

    page = clerk.get(confirm(clerk, first).location).text

    assert "预览之后数据已有变化" in page
    assert stems(bank) == ["另一种写法？"]


def test_confirming_twice_imports_once(clerk: FlaskClient, bank: Bank) -> None:
    preview = upload(clerk, bank, file_of(GOOD)).location
    form = {"csrf_token": token(clerk.get(preview).text)}
    assert clerk.post(f"{preview}/apply", data=form).status_code == 302

    again = clerk.post(f"{preview}/apply", data=form)

    assert again.status_code == 409
    assert rows_of(QuestionRevision) == 1


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "题库.xlsx", "文件是空的"),
        (b"%PDF-1.7", "题库.pdf", "不支持这种文件"),
        (b"not a workbook", "题库.xlsx", "不是 .xlsx"),
        ("甲,乙\n丙,丁\n".encode(), "题库.csv", "没有找到表头"),
        (file_of(), "题库.csv", "表头下面没有题目"),
    ],
)
def test_a_file_that_is_no_bank_gets_a_sentence_and_leaves_nothing(
    clerk: FlaskClient, bank: Bank, content: bytes, name: str, reason: str
) -> None:
    preview = upload(clerk, bank, content, name).location
    page = clerk.get(preview).text

    assert reason in page
    assert "确认导入" not in page
    assert confirm(clerk, preview).status_code == 409
    assert rows_of(Question) == 0
    assert db.session.scalars(select(ImportRun.content)).all() == [b""]


def test_a_file_over_the_limit_gets_a_sentence_and_leaves_nothing(
    app: Flask, clerk: FlaskClient, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert app.config["MAX_CONTENT_LENGTH"] == app.config["SETTINGS"].upload_limit_bytes
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 100_000)
    answer = upload(clerk, bank, b"x" * 100_000, "题库.xlsx")

    assert answer.status_code == 413
    assert "文件太大：最大 20 MB" in answer.text
    assert rows_of(ImportRun) == 0


def test_no_file_at_all_is_asked_for(clerk: FlaskClient, bank: Bank) -> None:
    form = {"csrf_token": token(clerk.get(f"/banks/{bank.slug}/import").text)}
    answer = clerk.post(f"/banks/{bank.slug}/import", data=form)

    assert answer.status_code == 422
    assert "请选择要导入的文件" in answer.text


def test_an_auditor_sees_banks_and_brings_nothing_in(app: Flask, bank: Bank) -> None:
    account = builders.make_staff(GrantKind.AUDITOR)
    db.session.commit()
    client = sign_in(app, account)

    assert client.get("/banks").status_code == 200
    assert client.get(f"/banks/{bank.slug}/import").status_code == 403
    data = {"csrf_token": token(client.get("/me").text), "file": (io.BytesIO(file_of(GOOD)), "题库.csv")}
    assert client.post(f"/banks/{bank.slug}/import", data=data).status_code == 403
    assert rows_of(ImportRun) == 0


def test_the_blank_template_is_taken_by_the_importer(clerk: FlaskClient, bank: Bank) -> None:
    template = clerk.get("/banks/template.xlsx")
    preview = upload(clerk, bank, template.data, "题库模板.xlsx").location

    assert template.status_code == 200
    assert "表头下面没有题目" in clerk.get(preview).text


@pytest.mark.parametrize(
    ("rows", "options", "status", "new", "stored"),
    [
        ((GOOD, OTHER), [], 0, 2, 2),
        ((GOOD, OTHER), ["--dry-run"], 0, 2, 0),
        ((GOOD, BAD), [], 1, 1, 0),
    ],
)
def test_the_command_says_what_it_did_in_one_object(
    app: Flask,
    bank: Bank,
    tmp_path: Path,
    rows: tuple[Sequence[str], ...],
    options: list[str],
    status: int,
    new: int,
    stored: int,
) -> None:
    file = tmp_path / "bank.csv"
    file.write_bytes(file_of(*rows, encoding="gb18030"))
    slug, bank_id = bank.slug, bank.id
    db.session.rollback()

    result = app.test_cli_runner().invoke(
        args=["bank", "import", str(file), "--bank", slug, "--json", *options]
    )

    assert result.exit_code == status
    report = json.loads(result.output)
    assert report["new"] == new
    assert [(row["row"], row["column"]) for row in report["refused"]] == ([(3, "G")] if status else [])
    assert len(stems(db.session.get_one(Bank, bank_id))) == stored


def test_a_wrong_call_of_the_command_is_told_apart(app: Flask) -> None:
    assert app.test_cli_runner().invoke(args=["bank", "import", "nowhere.csv"]).exit_code == 2


def test_the_refused_rows_come_back_under_the_clerks_own_headings(clerk: FlaskClient, bank: Bank) -> None:
    import openpyxl

    preview = upload(
        clerk, bank, file_of(GOOD, BAD, ("AB-4", "单选题", "=1+1？", "甲", "甲", "", ""))
    ).location
    link = f"{preview}/refused.xlsx"
    assert link in clerk.get(preview).text

    sheet = openpyxl.load_workbook(io.BytesIO(clerk.get(link).data)).active

    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == (*HEADINGS, "错误原因")
    assert [row[0] for row in rows[1:]] == ["AB-3", "AB-4"]
    assert "G列：答案里的 F 没有对应的选项" in rows[1][-1]
    assert "E列" in rows[2][-1]
    assert "G列：答案是空的" in rows[2][-1]
    assert sheet["C3"].data_type == "s"


def test_what_is_refused_in_a_file_without_rows_comes_as_a_list(clerk: FlaskClient, bank: Bank) -> None:
    content = json.dumps({"format": "quizapp-bank", "version": 1, "questions": [{"stem": "只有\n题干"}]})
    preview = upload(clerk, bank, content.encode(), "题库.json").location
    page = clerk.get(preview).text
    assert f"{preview}/refused.txt" in page
    assert "refused.xlsx" not in page

    answer = clerk.get(f"{preview}/refused.txt")

    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines()[1].split("\t") == ["", "1", "", "只有 题干", "题目的内容不完整或不认识。"]
    assert clerk.get(f"{preview}/refused.xlsx").status_code == 404
