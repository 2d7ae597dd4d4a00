"""What there is to study, and how much of it an account has been credited with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model


class ModuleKind(StrEnum):
    """How a module is shown."""

    ARTICLE = "article"


class Module(Model):
    """One piece of study content."""

    __tablename__ = "modules"
    __table_args__ = (CheckConstraint("min_seconds >= 1", "min_seconds_at_least_one"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(240))
    kind: Mapped[ModuleKind] = mapped_column(choice(ModuleKind, "kind"))
    #: Markdown.
    body: Mapped[str] = mapped_column(Text)
    #: The laws and articles that the content rests on.
    sources: Mapped[list[str]] = mapped_column(Document)
    #: Credit that is needed before the module is done.
    min_seconds: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(Moment)


class TrackModule(Model):
    """A module stands in a track at a place."""

    __tablename__ = "track_modules"
    __table_args__ = (UniqueConstraint("track_id", "position"),)

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), primary_key=True, index=True)
    position: Mapped[int]


class Progress(Model):
    """What one account has been credited with in one module, by the server's clock."""

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("account_id", "module_id"),
        CheckConstraint("credited_ms >= 0", "credit_not_negative"),
        CheckConstraint("done_at IS NULL OR end_reached_at IS NOT NULL", "done_after_end"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), index=True)
    credited_ms: Mapped[int] = mapped_column(default=0)
    first_beat_at: Mapped[datetime] = mapped_column(Moment)
    last_beat_at: Mapped[datetime] = mapped_column(Moment)
    end_reached_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
