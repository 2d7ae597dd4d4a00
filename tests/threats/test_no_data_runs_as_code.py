"""What comes in as data stays data: nothing in the source could run it, nothing in the queue does (threat 10)."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from huey.serializer import SignedSerializer

from config import ROOT, Settings
from quizapp.accounts.kinds import GrantKind
from quizapp.audit.actors import Actor
from quizapp.extensions import db
from quizapp.factory import JOBS
from quizapp.imports import background, pipeline
from quizapp.imports.models import ImportRun, ImportState
from quizapp.jobs import progress, queue
from quizapp.jobs.messages import SignedJson
from tests import builders, servers

SOURCES = ("config.py", "wsgi.py", "quizapp", "deploy")
#: Functions that run a text, or load what may be code.
RUNNERS = frozenset("eval exec compile __import__ import_module run_path run_module".split())
#: Those that run a text as a shell's command or as a template, under whatever name a module is known.
DANGEROUS_METHODS = frozenset(
    "system popen getoutput getstatusoutput read_pickle to_pickle from_string render_template_string "
    "stream_template_string".split()
)
FORBIDDEN_MODULES = frozenset(
    "pickle cPickle _pickle marshal shelve dill cloudpickle joblib jsonpickle yaml code codeop".split()
)


def faults_in(source: str) -> Iterator[str]:
    """Yield each place of a module that could run data as code."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = [alias.name for alias in names if alias.name.split(".")[0] in FORBIDDEN_MODULES]
            case ast.ImportFrom(module=str(module), names=names):
                forbidden = RUNNERS | DANGEROUS_METHODS
                found = [module] if module.split(".")[0] in FORBIDDEN_MODULES else []
                found += [alias.name for alias in names if alias.name in forbidden - {"compile"}]
            case ast.Call(func=ast.Name(id=name)):
                found = [name] if name in RUNNERS | DANGEROUS_METHODS | {"Template"} else []
            case ast.Call(func=ast.Attribute(attr=name, value=value)):
                of_builtins = isinstance(value, ast.Name) and value.id in {"builtins", "importlib", "runpy"}
                risky = name in DANGEROUS_METHODS or (of_builtins and name in RUNNERS)
                found = [name] if risky or name == "Template" else []
            case ast.keyword(arg="shell", value=value) if not _is(value, wanted=False):
                found = ["shell="]
            case ast.keyword(arg="allow_pickle"):
                found = ["allow_pickle="]
            case _:
                found = []
        yield from (f"line {getattr(node, 'lineno', 0)}: {what}" for what in found)


def _is(node: ast.expr, *, wanted: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is wanted


def test_nothing_in_the_source_could_run_data_as_code() -> None:
    files = [
        file
        for name in SOURCES
        for file in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
    ]
    assert len(files) > 100

    faults = [f"{file.relative_to(ROOT)}, {fault}" for file in files for fault in faults_in(file.read_text())]

    # The child that reads files is told which reader by the process that starts it.
    assert [fault for fault in faults if not fault.startswith("quizapp/imports/sandbox.py")] == []
    assert len(faults) == 1


@pytest.mark.parametrize(
    "source",
    [
        "eval(cell)",
        "exec(cell)",
        "compile(cell, '', 'eval')",
        "__import__(name)",
        "import builtins; builtins.eval(cell)",
        "import importlib; importlib.import_module(name)",
        "from importlib import import_module",
        "import pickle",
        "from pickle import loads",
        "import yaml.loader",
        "from builtins import eval as calculate",
        "import os; os.system(name)",
        "from os import popen",
        "subprocess.run(command, shell=True)",
        "subprocess.Popen(command, shell=wanted)",
        "render_template_string(text)",
        "from flask import render_template_string as show",
        "environment.from_string(text)",
        "jinja2.Template(text)",
        "pd.read_pickle(file)",
    ],
)
def test_the_walk_over_the_source_finds_what_it_looks_for(source: str) -> None:
    assert list(faults_in(source))


@pytest.mark.parametrize(
    "source", ["import re; re.compile('a')", "run(command, shell=False)", "s.execute(q)"]
)
def test_the_walk_over_the_source_leaves_the_rest_alone(source: str) -> None:
    assert list(faults_in(source)) == []


class Bomb:
    """Writes a file as soon as it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.canary),)


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def jobs_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'jobs.sqlite3'}"
    elif request.param == "redis":
        if shutil.which("redis-server") is None:
            if os.environ.get("CI"):
                pytest.fail("Redis is not installed")
            pytest.skip("Redis is not installed")
        with servers.redis() as url:
            yield url
    else:
        app: Flask = request.getfixturevalue("real_time_app")
        url = app.config["SETTINGS"].database_url
        if not url.startswith("postgresql"):
            pytest.skip("once is enough: with the application on PostgreSQL")
        yield url


def bombs(settings: Settings, canary: Path) -> list[bytes]:
    """Pickles as anybody could put them there, and one that carries our signature."""
    plain = pickle.dumps(Bomb(canary))
    signed: bytes = SignedSerializer(secret=settings.secret_key, salt="jobs").serialize(Bomb(canary))
    forged: bytes = SignedSerializer(secret="somebody else's", salt="jobs").serialize(Bomb(canary))
    json: bytes = SignedJson(secret="somebody else's", salt="jobs").serialize(["reading", 1, 2, 0.0])
    return [plain, pickle.dumps(Bomb(canary), 0), signed, forged, json, b'{"value": []}', b"", b"\x00:"]


def test_a_bomb_is_a_bomb(app: Flask, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for bomb in bombs(app.config["SETTINGS"], canary)[:2]:
        pickle.loads(bomb)  # noqa: S301 - to see that it goes off
        canary.rmdir()


def test_a_pickle_in_the_queue_is_thrown_away_unread_and_the_next_job_done(
    real_time_app: Flask, jobs_url: str, tmp_path: Path
) -> None:
    settings: Settings = real_time_app.config["SETTINGS"]
    canary = tmp_path / "canary"
    bank = builders.make_bank()
    clerk = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    actor = Actor(clerk.id, "127.0.0.1")
    run = pipeline.take("bank", bank.slug, actor, "题型,题干\n判断题,对吗\n".encode(), "题库.csv")
    db.session.commit()
    queue.bind(real_time_app, replace(settings, jobs_url=jobs_url), JOBS)
    try:
        for bomb in bombs(settings, canary):
            queue.queue().storage.enqueue(bomb)
            queue.queue().storage.put_data(f"progress:import:{run.id}", bomb)
            assert progress.read(f"import:{run.id}") is None
        background.ask(actor, run)
        environment = {
            "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
            "VAR_DIR": str(settings.var_dir), "JOBS_URL": jobs_url,
        }  # fmt: skip
        with servers.worker(environment) as process:
            deadline = time.monotonic() + 60
            while state_of(run.id) is ImportState.PLANNING:
                assert time.monotonic() < deadline, "the worker never came to the job"
                assert process.poll() is None
                time.sleep(0.05)
        left = queue.queue().pending_count()
    finally:
        queue.queue().storage.close()
        queue.bind(real_time_app, settings, JOBS)

    assert left == 0
    assert not canary.exists()


def state_of(run_id: int) -> ImportState:
    db.session.rollback()
    state: ImportState = db.session.scalars(db.select(ImportRun.state).where(ImportRun.id == run_id)).one()
    db.session.rollback()
    return state


def test_a_job_holds_plain_values_only(app: Flask, tmp_path: Path) -> None:
    settings = replace(app.config["SETTINGS"], jobs_url=f"sqlite:///{tmp_path / 'jobs.sqlite3'}")
    queue.bind(app, settings, JOBS)
    try:
        queue.enqueue(background.PLAN, run_id=1, account_id=None, address="::1")
        kept = queue.queue().storage.dequeue()
        with pytest.raises(TypeError, match="JSON"):
            queue.enqueue(background.PLAN, run_id=Path("/"))
    finally:
        queue.queue().storage.close()
        queue.bind(app, app.config["SETTINGS"], JOBS)

    assert kept.startswith(b'{"job": {')
