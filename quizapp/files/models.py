"""What was uploaded and is kept under its digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from quizapp.database import BigKey, Moment
from quizapp.extensions import Model


class StoredFile(Model):
    """A file in the store; its content lies in the folder of files under its digest."""

    __tablename__ = "stored_files"

    #: SHA-256 of the content, hex.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: By what the content is, never by what it was called.
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int] = mapped_column(BigKey)
    stored_at: Mapped[datetime] = mapped_column(Moment)
    stored_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


class DocumentPage(Model):
    """A page of a stored document: the picture that is shown, and what stands on it."""

    __tablename__ = "document_pages"

    document_digest: Mapped[str] = mapped_column(ForeignKey("stored_files.digest"), primary_key=True)
    #: From 1.
    number: Mapped[int] = mapped_column(primary_key=True)
    picture_digest: Mapped[str] = mapped_column(ForeignKey("stored_files.digest"))
    text: Mapped[str] = mapped_column(Text)
