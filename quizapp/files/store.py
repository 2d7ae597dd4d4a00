"""The folder of files: each under its digest, written whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import select

from quizapp import clock
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks, insert_unless_there
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.files import documents
from quizapp.files.documents import PageOfDocument
from quizapp.files.models import DocumentPage, StoredFile
from quizapp.files.pictures import Picture

#: Files are read and written by so much at a time.
PIECE_BYTES = 1024 * 1024


def keep(actor: Actor, content: bytes, media_type: str) -> str:
    """Keep a checked file and return its digest; the same content again is the same file."""
    return keep_stream(actor, io.BytesIO(content), media_type)


def keep_stream(actor: Actor, file: IO[bytes], media_type: str) -> str:
    """Keep the same from an open file, a piece at a time: it may be larger than the memory."""
    digest, size = _digest_and_size(file)
    _write(path_of(digest), file)
    row = {
        "digest": digest,
        "media_type": media_type,
        "size": size,
        "stored_at": clock.now(),
        "stored_by": actor.account_id,
    }
    db.session.execute(insert_unless_there(db.session, StoredFile), [row])
    return digest


def keep_document(actor: Actor, content: bytes, pages: Iterable[PageOfDocument]) -> str:
    """Keep a document with its pages and return its digest."""
    digest = keep(actor, content, documents.MEDIA_TYPE)
    rows = [
        {
            "document_digest": digest,
            "number": number,
            "picture_digest": keep(actor, page.picture.content, page.picture.media_type),
            "text": page.text,
        }
        for number, page in enumerate(pages, start=1)
    ]
    db.session.execute(insert_unless_there(db.session, DocumentPage), rows)
    return digest


def pages_of(digest: str | None) -> list[DocumentPage]:
    """Return the pages of a document in their order."""
    wanted = select(DocumentPage).where(DocumentPage.document_digest == digest)
    return list(db.session.scalars(wanted.order_by(DocumentPage.number)))


def is_kept(digest: str, media_type: str) -> bool:
    """Say whether the store has a file of this type under this digest."""
    found = db.session.get(StoredFile, digest) if _is_digest(digest) else None
    return found is not None and found.media_type == media_type


def keep_pictures(actor: Actor, pictures: Iterable[Picture]) -> None:
    """Keep pictures of our own making."""
    for picture in pictures:
        keep(actor, picture.content, picture.media_type)


def get_file(digest: str) -> StoredFile:
    """Return a stored file or raise NotFound."""
    found = db.session.get(StoredFile, digest)
    if found is None or not path_of(digest).exists():
        raise NotFound
    return found


def read_pictures(digests: Iterable[str]) -> dict[str, Picture]:
    """Return those of these pictures that are in the store."""
    found: dict[str, Picture] = {}
    for chunk in in_chunks(digests):
        rows = db.session.execute(
            select(StoredFile.digest, StoredFile.media_type).where(StoredFile.digest.in_(chunk))
        )
        for row in rows:
            found[row.digest] = Picture(path_of(row.digest).read_bytes(), row.media_type)
    return found


def path_of(digest: str) -> Path:
    """Return where a file lies; a digest is checked to be one, so that no path can be made of it."""
    if not _is_digest(digest):
        raise NotFound
    return Path(current_app.config["SETTINGS"].files_folder) / digest[:2] / digest


def _is_digest(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None  # SHA-256, hex


def _digest_and_size(file: IO[bytes]) -> tuple[str, int]:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE_BYTES):
        digest.update(piece)
    size = file.tell()
    file.seek(0)
    return digest.hexdigest(), size


def _write(path: Path, content: IO[bytes]) -> None:
    """Write a file so that it is there whole, also after a power cut, before anything refers to it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with draft.open("xb") as file:
        shutil.copyfileobj(content, file, PIECE_BYTES)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
