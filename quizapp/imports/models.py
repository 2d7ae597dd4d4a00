"""Uploaded files with the plan that was shown for them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model
from quizapp.imports.plans import Fate


class ImportState(StrEnum):
    """Where an import stands."""

    #: Uploaded; a job reads and compares it.
    PLANNING = "planning"
    PLANNED = "planned"
    #: Confirmed; a job writes it.
    APPLYING = "applying"
    APPLIED = "applied"
    #: The file as a whole cannot be used.
    UNREADABLE = "unreadable"


class ImportRun(Model):
    """One file on its way in: kept as uploaded, so that applying reads the very same bytes."""

    __tablename__ = "import_runs"
    __table_args__ = (
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", "applied_at_when_applied"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: Which importer reads it, such as ``bank``.
    kind: Mapped[str] = mapped_column(String(24))
    #: What it goes into, such as a bank's slug.
    target: Mapped[str] = mapped_column(String(60))
    filename: Mapped[str] = mapped_column(String(255))
    #: SHA-256 of the file, hex.
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    #: What stands above the planned rows: counts, what was repaired, the plan's digest; {} before.
    plan: Mapped[dict[str, Any]] = mapped_column(Document)
    #: Why the last job did not do what it should, as a catalogue text with its values.
    failure: Mapped[list[Any] | None] = mapped_column(Document)
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "state"))
    #: The clerk's choice: what is refused is left out and the rest is written.
    good_only: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)


class ImportRow(Model):
    """One row of a file with the fate that was shown for it."""

    __tablename__ = "import_rows"
    __table_args__ = (Index("ix_import_rows_run_id_fate_position", "run_id", "fate", "position"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fate: Mapped[Fate] = mapped_column(choice(Fate, "fate"))
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    #: See `quizapp.imports.plans.Flag`.
    flag: Mapped[str] = mapped_column(String(12), default="")
    #: The clerk's choice: this row is not written.
    skipped: Mapped[bool] = mapped_column(default=False)
