"""What was uploaded and is kept under its digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
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
