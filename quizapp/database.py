"""The database's own rules: base class, column types, SQLite's settings, names of constraints."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn, TypeVar, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeDecorator

from quizapp.writers import WriterQueue

Value = TypeVar("Value")

#: The WAL-reset corruption is in the SQLite library from 3.7.0 to 3.51.2.
SOUND_SQLITE = (3, 51, 3)
BUSY_TIMEOUT_MS = 30_000
PING_AFTER_SECONDS = 5

#: Integer keys: 64 bits everywhere; SQLite only numbers an INTEGER by itself.
BigKey = BigInteger().with_variant(Integer, "sqlite")
#: JSON documents: binary on PostgreSQL, text on SQLite.
Document = JSON().with_variant(postgresql.JSONB(), "postgresql")

_read_only: ContextVar[bool] = ContextVar("read_only", default=False)


class Base(DeclarativeBase):
    """The base of every table; constraints get names, so that a clash can be told by name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC. SQLite keeps it without a zone and gets it back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the driver gets."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Return what the application gets."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def choice(kind: type[Any], name: str) -> Enum:
    """Return a column type that keeps a StrEnum's values as text, held by a CHECK of that name."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


def table_of(model: type[Base]) -> Table:
    """Return the table of a model."""
    return cast(Table, model.__table__)


def columns(model: type[Base]) -> ReadOnlyColumnCollection[str, Any]:
    """Return the columns of a model's table.

    Statements on them give plain rows, at half the cost of asking by the model's attributes: what
    every request asks is asked like this.
    """
    return table_of(model).c


@contextmanager
def reading() -> Iterator[None]:
    """Within, transactions only read: on SQLite they take no write lock."""
    token = _read_only.set(True)
    try:
        yield
    finally:
        _read_only.reset(token)


@contextmanager
def reading_apart(session: Any) -> Iterator[None]:
    """Within, read before anything is written, on SQLite in a transaction that is over at the end.

    So the write lock is not held while an account is looked up or a password is hashed. Inside a
    transaction that is under way, and on PostgreSQL, where readers lock nobody out, it does nothing.
    """
    if _read_only.get() or session.in_transaction() or session.get_bind().dialect.name != "sqlite":
        yield
        return
    with reading():
        yield
        session.commit()


@contextmanager
def writing_apart(session: Any) -> Iterator[None]:
    """Within, write in a transaction of its own, also where a request only reads.

    What was under way in the session is over first; nothing may wait in it to be written.
    """
    session.rollback()
    token = _read_only.set(False)
    try:
        yield
        session.commit()
    finally:
        _read_only.reset(token)


def begin_reading() -> object:
    """Mark this context as reading; hand the result to `end_reading`."""
    return _read_only.set(True)


def end_reading(token: Any) -> None:
    """Undo `begin_reading`."""
    _read_only.reset(token)


def engine_options(url: str, pool_size: int) -> dict[str, Any]:
    """Return what create_engine needs for this database. Errors, which logs keep, quote no values."""
    if url.startswith("sqlite"):
        from pysqlite3 import dbapi2  # noqa: PLC0415 - only where SQLite is used

        return {
            "module": dbapi2,
            "connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000},
            "hide_parameters": True,
        }
    return {"pool_size": pool_size, "max_overflow": pool_size, "hide_parameters": True}


def prepare_engine(engine: Engine) -> None:
    """Give an SQLite engine WAL, full durability, foreign keys and writes begun as writes, in a queue.

    On PostgreSQL a pooled connection that may be dead is asked whether it is alive.
    Raises RuntimeError on an SQLite library with the known WAL corruption.
    """
    if engine.dialect.name != "sqlite":
        _ping_when_in_doubt(engine)
        return
    library = engine.dialect.dbapi
    version = getattr(library, "sqlite_version_info", (0,))
    if version < SOUND_SQLITE:
        raise RuntimeError(f"SQLite {version} can corrupt a WAL database; {SOUND_SQLITE} or newer is needed")

    _prepare_connections(engine)
    _begin_in_turn(engine, WriterQueue(str(engine.url.database)))


def _prepare_connections(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.close()


def _begin_in_turn(engine: Engine, queue: WriterQueue) -> None:
    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A transaction that reads first and writes later fails as "locked" under load unless it
        # takes the write lock at its beginning.
        if _read_only.get():
            connection.exec_driver_sql("BEGIN")
            return
        if not connection.info.get("has_turn"):
            connection.info["has_turn"] = queue.enter()
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: Any) -> None:
        # A session gives its connection back with the end of each transaction; one that is kept for
        # several, as by a migration, keeps its turn.
        if record.info.pop("has_turn", False):
            queue.leave()


def _ping_when_in_doubt(engine: Engine) -> None:
    """Ask a pooled connection whether it is alive when it has rested or the server has spoken meanwhile.

    A server that stops or ends a connection says so on the wire, which costs a look and no round trip;
    a wire that was cut in silence is found by asking after a rest.
    """

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        rested = time.monotonic() - record.info.get("rests_since", time.monotonic())
        if rested < PING_AFTER_SECONDS and not _has_spoken(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def _has_spoken(connection: Any) -> bool:
    """Return whether something unread waits on an idle PostgreSQL connection, or its end."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def in_chunks(values: Iterable[Value], size: int = 10_000) -> Iterator[list[Value]]:
    """Yield values in lists that fit into one statement's parameters on both databases."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def lock_for_transaction(session: Any, name: str) -> None:
    """Let nobody else past the same call until this transaction ends.

    On SQLite a transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})


def share_for_transaction(session: Any, name: str) -> None:
    """Wait for who holds `lock_for_transaction`, and keep it out until this one ends; many may share."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext(:name))"), {"name": name})


def refresh_statistics(session: Any) -> None:
    """After a bulk write, let PostgreSQL see how large its tables have become before it plans on.

    Without that it goes on as if they were empty, and joins of 100,000 rows take minutes.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


def insert_unless_there(session: Any, model: type[Base]) -> Any:
    """Return an INSERT that does nothing where a unique key is taken already."""
    dialect = session.get_bind().dialect.name
    return (sqlite if dialect == "sqlite" else postgresql).insert(table_of(model)).on_conflict_do_nothing()


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint that a write clashed with, "" if it cannot be told."""
    diagnostics = getattr(error.orig, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name or "")
    text = str(error.orig)
    if match := re.match(r"CHECK constraint failed: (\w+)", text):
        return match[1]
    if match := re.match(r"UNIQUE constraint failed: (.+)", text):
        return _unique_by_columns(frozenset(match[1].split(", ")))
    return ""


def _unique_by_columns(columns: frozenset[str]) -> str:
    """SQLite names the columns of a unique clash, not the constraint."""
    for table in Base.metadata.tables.values():
        uniques: list[UniqueConstraint | Index] = [
            c for c in table.constraints if isinstance(c, UniqueConstraint)
        ]
        uniques += [index for index in table.indexes if index.unique]
        for unique in uniques:
            if columns == frozenset(f"{table.name}.{column.name}" for column in unique.columns):
                return str(unique.name)
    return ""


def refuse(error: IntegrityError, refusals: dict[str, Exception]) -> NoReturn:
    """Raise the refusal named for the constraint, or the error itself if none is."""
    raise refusals.get(constraint_of(error), error) from error
