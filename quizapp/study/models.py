"""What there is to study, and how much of it an account has been credited with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.database import BigKey, Document, Moment, choice
from quizapp.extensions import Model
from quizapp.study.kinds import ModuleKind


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
    #: Learners see it from then on; None: not published.
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    #: Where a link leads.
    address: Mapped[str] = mapped_column(String(500), default="")
    #: The document or the video, and the video's subtitles.
    file_digest: Mapped[str | None] = mapped_column(ForeignKey("stored_files.digest"))
    subtitles_digest: Mapped[str | None] = mapped_column(ForeignKey("stored_files.digest"))
    #: Counts the changes of any kind.
    version: Mapped[int] = mapped_column(default=1)
    #: Counts the versions for which everybody had to look again: only progress of this edition counts.
    edition: Mapped[int] = mapped_column(default=1)


class ModuleVersion(Model):
    """A module as one change left it, and what the change asks of those who had done it. Append-only."""

    __tablename__ = "module_versions"
    __table_args__ = (
        UniqueConstraint("module_id", "number"),
        CheckConstraint("NOT look_again OR reason <> ''", "reason_to_look_again"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(240))
    body: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(String(500))
    file_digest: Mapped[str | None] = mapped_column(ForeignKey("stored_files.digest"))
    subtitles_digest: Mapped[str | None] = mapped_column(ForeignKey("stored_files.digest"))
    sources: Mapped[list[str]] = mapped_column(Document)
    min_seconds: Mapped[int]
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    #: In which tracks it stood before and after the change, in words; empty where that did not change.
    tracks_before: Mapped[str] = mapped_column(Text)
    tracks_after: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    #: Whether those who had done it must do it again, and why.
    look_again: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(200))


class TrackModule(Model):
    """A module stands in a track at a place."""

    __tablename__ = "track_modules"
    __table_args__ = (UniqueConstraint("track_id", "position"),)

    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id"), primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), primary_key=True, index=True)
    position: Mapped[int]
    #: From when on the track asks for it, once it is published; None: from the beginning.
    required_since: Mapped[datetime | None] = mapped_column(Moment)


class Progress(Model):
    """What one account has been credited with in one edition of a module, by the server's clock."""

    __tablename__ = "progress"
    __table_args__ = (
        UniqueConstraint("account_id", "module_id", "edition"),
        CheckConstraint("credited_ms >= 0", "credit_not_negative"),
        CheckConstraint("done_at IS NULL OR end_reached_at IS NOT NULL", "done_after_end"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), index=True)
    #: The module's edition at the first heartbeat.
    edition: Mapped[int] = mapped_column(default=1)
    credited_ms: Mapped[int] = mapped_column(default=0)
    first_beat_at: Mapped[datetime] = mapped_column(Moment)
    last_beat_at: Mapped[datetime] = mapped_column(Moment)
    end_reached_at: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
