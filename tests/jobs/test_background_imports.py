"""Imports in the background: by a real worker, through its death, and two at once one after the other."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import SettingError, Settings
from quizapp.accounts.kinds import GrantKind
from quizapp.accounts.models import Account
from quizapp.audit import queries as audit_queries
from quizapp.audit.actors import Actor
from quizapp.audit.models import AuditEntry
from quizapp.campaigns.models import Enrolment
from quizapp.directory.models import Enterprise, Post
from quizapp.directory.roles import JobRole
from quizapp.directory.uscc import check_character
from quizapp.extensions import db
from quizapp.factory import JOBS
from quizapp.imports import background, pipeline
from quizapp.imports.models import ImportRun, ImportState
from quizapp.jobs import progress, queue
from quizapp.jobs.progress import Progress, Step
from tests import builders, servers
from tests.pages import sign_in, token

WAIT_SECONDS = 60
HEADINGS = (
    "企业名称",
    "统一社会信用代码",
    "所在镇街",
    "年主营业务收入（万元）",
    "姓名",
    "联系电话",
    "人员类别",
)


def file_of(units: int, people: int, role: str = "关键岗位人员") -> bytes:
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(HEADINGS)
    for unit in range(units):
        body = f"91320412TEX{unit:06d}"
        for person in range(people):
            phone = f"138{unit * people + person:08d}"
            lines.writerow(
                [f"甲{unit}厂", body + check_character(body), "湖塘镇", "3000", f"工人{person}", phone, role]
            )
    return text.getvalue().encode("utf-8-sig")


@pytest.fixture
def app(real_time_app: Flask) -> Flask:
    """A worker has the clock of the machine, so the test has it too."""
    return real_time_app


@pytest.fixture
def clerk(app: Flask) -> Account:
    campaign = builders.make_campaign()
    for role in JobRole:
        builders.make_track(campaign, role)
    builders.make_region("wujin/hutang").name = "湖塘镇"
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    return account


@pytest.fixture(params=["beside the database", "redis"])
def jobs_url(request: pytest.FixtureRequest, app: Flask, tmp_path: Path) -> Iterator[str]:
    if request.param == "redis":
        if shutil.which("redis-server") is None:
            if os.environ.get("CI"):
                pytest.fail("Redis is not installed")
            pytest.skip("Redis is not installed")
        with servers.redis() as url:
            yield url
    elif db.engine.dialect.name == "postgresql":
        yield app.config["SETTINGS"].database_url
    else:
        yield f"sqlite:///{tmp_path / 'jobs.sqlite3'}"


@contextmanager
def queued(app: Flask, jobs_url: str) -> Iterator[dict[str, str]]:
    """Put jobs into a real queue; yield the environment of a worker for it."""
    settings: Settings = app.config["SETTINGS"]
    queue.bind(app, replace(settings, jobs_url=jobs_url), JOBS)
    try:
        yield {
            "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
            "VAR_DIR": str(settings.var_dir), "JOBS_URL": jobs_url,
        }  # fmt: skip
    finally:
        queue.queue().storage.close()
        queue.bind(app, settings, JOBS)


def upload(client: FlaskClient, content: bytes) -> str:
    form = {
        "csrf_token": token(client.get("/roster/import").text), "missing": "keep",
        "file": (io.BytesIO(content), "名册.csv"),
    }  # fmt: skip
    location: str = client.post("/roster/import", data=form, content_type="multipart/form-data").location
    return location


def confirm(client: FlaskClient, preview: str) -> None:
    client.post(f"{preview}/apply", data={"csrf_token": token(client.get(preview).text)})


def until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)


def state() -> ImportState:
    db.session.rollback()
    found: ImportState = db.session.scalars(db.select(ImportRun.state)).one()
    db.session.rollback()  # an open transaction would keep the worker waiting
    return found


def held_posts() -> int:
    db.session.rollback()
    return db.session.scalar(db.select(db.func.count(Post.id)).where(Post.ended_at.is_(None))) or 0


def test_a_worker_plans_and_applies_while_the_page_is_closed(
    app: Flask, clerk: Account, jobs_url: str
) -> None:
    client = sign_in(app, clerk)
    with queued(app, jobs_url) as environment:
        preview = upload(client, file_of(2, 3))
        waiting = client.get(preview).text
        assert "可以关闭本页" in waiting
        assert "排队等待" in waiting
        assert client.get(f"{preview}/progress").json == {
            "state": "planning", "step": "waiting", "percent": 0, "silent": False,
        }  # fmt: skip
        with servers.worker(environment):
            until(lambda: state() is ImportState.PLANNED)
            assert "将新增 8 项" in client.get(preview).text
            assert held_posts() == 0
            confirm(client, preview)
            until(lambda: state() is ImportState.APPLIED)
        assert held_posts() == 6
        assert "导入完成" in client.get(preview).text


def test_a_worker_killed_while_writing_leaves_nothing_half_done(
    app: Flask, clerk: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, content = sign_in(app, clerk), file_of(100, 30)
    with queued(app, f"sqlite:///{tmp_path / 'jobs.sqlite3'}") as environment:
        with servers.worker(environment) as process:
            preview = upload(client, content)
            until(lambda: state() is ImportState.PLANNED)
            key = f"import:{preview.rsplit('/', 1)[1]}"
            confirm(client, preview)
            until(lambda: (now := progress.read(key)) is not None and now.step is Step.WRITING)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert state() is ImportState.APPLYING
        assert held_posts() == 0

        form = {"csrf_token": token(client.get("/me").text)}
        client.post(f"{preview}/again", data=form)
        assert queue.queue().pending_count() == 0, "the job may still be at work"
        monkeypatch.setattr(progress, "SILENT_SECONDS", 0)
        assert "重新开始" in client.get(preview).text
        client.post(f"{preview}/again", data=form)
        with servers.worker(environment):
            until(lambda: state() is ImportState.APPLIED)
    assert held_posts() == 3000
    assert db.session.scalar(db.select(db.func.count(Enrolment.id))) == 3000
    assert list(audit_queries.broken_links()) == []


def test_two_imports_at_once_go_one_after_the_other(app: Flask, clerk: Account) -> None:
    actor = Actor(clerk.id, "127.0.0.1")
    runs = []
    for role in ("关键岗位人员", "安全管理人员"):
        run = pipeline.take("roster", "keep", actor, file_of(20, 10, role), "名册.csv")
        db.session.commit()
        background.ask(actor, run)
        pipeline.confirm(run.id, "roster")
        db.session.commit()
        runs.append(run.id)
    together = threading.Barrier(len(runs))

    def apply(run_id: int) -> None:
        together.wait()
        background.apply_import(run_id=run_id, account_id=actor.account_id or 0, address=actor.address)

    def in_context(run_id: int) -> None:
        with app.app_context():
            apply(run_id)

    threads = [threading.Thread(target=in_context, args=(run_id,)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    states = db.session.scalars(db.select(ImportRun.state)).all()
    failures = [failure[0] for failure in db.session.scalars(db.select(ImportRun.failure)) if failure]
    assert sorted(states) == [ImportState.APPLIED, ImportState.PLANNED]
    assert failures == ["预览之后数据已有变化，没有导入。请重新上传并核对预览。"]
    roles = set(db.session.scalars(db.select(Post.job_role).where(Post.ended_at.is_(None))))
    assert len(roles) == 1
    assert held_posts() == 200
    assert db.session.scalar(db.select(db.func.count(Enterprise.id))) == 20
    assert db.session.scalar(db.select(db.func.count(Enrolment.id))) == 200
    imports = db.select(db.func.count(AuditEntry.sequence)).where(AuditEntry.action == "roster.import")
    assert db.session.scalar(imports) == 1


def test_a_grant_withdrawn_between_upload_and_confirmation_counts(app: Flask, clerk: Account) -> None:
    from quizapp.accounts import grants, queries

    actor = Actor(clerk.id, "127.0.0.1")
    run = pipeline.take("roster", "keep", actor, file_of(1, 1), "名册.csv")
    db.session.commit()
    background.ask(actor, run)
    pipeline.confirm(run.id, "roster")
    (held,) = queries.grants_in_force()
    grants.withdraw(actor, held.grant)
    db.session.commit()

    background.apply_import(run_id=run.id, account_id=clerk.id, address="127.0.0.1")

    assert state() is ImportState.PLANNED
    assert held_posts() == 0


def test_an_error_of_ours_says_so_and_imports_nothing(
    app: Flask, clerk: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(pipeline, "plan_run", fail)
    client = sign_in(app, clerk)

    page = client.get(upload(client, file_of(1, 1))).text

    assert "系统出错了，什么也没有导入" in page
    assert "secret detail" not in page


def test_the_refused_rows_come_back_as_a_workbook_with_the_reason(app: Flask, clerk: Account) -> None:
    import openpyxl

    client = sign_in(app, clerk)
    content = file_of(1, 3).decode("utf-8-sig").replace("13800000001", "12").encode("utf-8-sig")
    preview = upload(client, content)
    page = client.get(preview).text
    assert "有 1 行不合格" in page
    link = re.search(r'href="([^"]+refused\.xlsx)"', page)
    assert link

    sheet = openpyxl.load_workbook(io.BytesIO(client.get(link[1]).data)).active

    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][: len(HEADINGS)] == HEADINGS
    assert rows[0][len(HEADINGS)] == "错误原因"
    assert len(rows) == 2
    assert rows[1][5] == "12"
    assert "手机号" in str(rows[1][len(HEADINGS)])


def test_progress_grows_from_step_to_step() -> None:
    steps = [
        Progress(Step.WAITING, 0, 0, 0).percent, Progress(Step.READING, 0, 0, 0).percent,
        Progress(Step.COMPARING, 0, 10, 0).percent, Progress(Step.COMPARING, 5, 10, 0).percent,
        Progress(Step.KEEPING, 0, 0, 0).percent, Progress(Step.KEEPING, 10, 10, 0).percent,
    ]  # fmt: skip

    assert steps == sorted(steps)
    assert steps[-1] < 100


def test_an_address_that_is_no_queue_is_named(app: Flask) -> None:
    settings = replace(app.config["SETTINGS"], jobs_url="amqp://127.0.0.1")
    with pytest.raises(SettingError, match="JOBS_URL"):
        queue.bind(app, settings, JOBS)
