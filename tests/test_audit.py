"""The audit log tells when somebody laid hands on it, and the database refuses them beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from quizapp.audit import log
from quizapp.audit.actors import COMMAND_LINE
from quizapp.audit.queries import broken_links
from quizapp.extensions import db
from tests import builders
from tests.conftest import triggers_set_aside


@pytest.fixture
def entries(app: Flask) -> None:
    for number in range(1, 6):
        log.record(COMMAND_LINE, "account.create", f"account:{number}", {"number": number})
    db.session.commit()


@pytest.fixture
def without_triggers(entries: None) -> Iterator[None]:
    """Somebody with the database's own rights sets the triggers aside."""
    with triggers_set_aside():
        yield


def sentences() -> list[str]:
    db.session.expire_all()
    return [str(message) for message in broken_links()]


def test_an_untouched_log_has_no_faults(entries: None) -> None:
    assert sentences() == []


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE audit_entries SET subject = 'account:9' WHERE sequence = 3", "第 3 条记录被改动。"),
        ("UPDATE audit_entries SET detail = '{}' WHERE sequence = 3", "第 3 条记录被改动。"),
        ("UPDATE audit_entries SET address = '10.0.0.1' WHERE sequence = 3", "第 3 条记录被改动。"),
        ("DELETE FROM audit_entries WHERE sequence = 3", "第 3 条记录缺失。"),
        ("DELETE FROM audit_entries WHERE sequence = 5", "日志末尾与记录的终点不一致，可能被截断。"),
        ("UPDATE audit_head SET sequence = 4", "日志末尾与记录的终点不一致，可能被截断。"),
        (
            "UPDATE audit_entries SET previous_hash = hash WHERE sequence = 4",
            "第 4 条记录与前一条不衔接。",
        ),
    ],
)
def test_each_kind_of_tampering_is_named(without_triggers: None, tampering: str, fault: str) -> None:
    db.session.execute(text(tampering))

    assert fault in sentences()


@pytest.mark.parametrize("table", ["audit_entries", "question_revisions"])
@pytest.mark.parametrize("act", ["DELETE FROM {table}", "UPDATE {table} SET {column} = {column}"])
def test_the_database_itself_refuses_to_change_what_is_append_only(
    entries: None, table: str, act: str
) -> None:
    if table == "question_revisions":
        builders.make_question(builders.make_bank())
        db.session.commit()
    column = {"audit_entries": "subject", "question_revisions": "stem"}[table]

    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text(act.format(table=table, column=column)))
    db.session.rollback()
