"""The folder of files: each under its digest, written whole or not at all, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from quizapp import clock
from quizapp.audit.actors import Actor
from quizapp.database import in_chunks, insert_unless_there
from quizapp.errors import NotFound
from quizapp.extensions import db
from quizapp.files.models import StoredFile
from quizapp.files.pictures import Picture


def keep(actor: Actor, content: bytes, media_type: str) -> str:
    """Keep a checked file and return its digest; the same content again is the same file."""
    digest = hashlib.sha256(content).hexdigest()
    _write(path_of(digest), content)
    row = {
        "digest": digest,
        "media_type": media_type,
        "size": len(content),
        "stored_at": clock.now(),
        "stored_by": actor.account_id,
    }
    db.session.execute(insert_unless_there(db.session, StoredFile), [row])
    return digest


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
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):  # noqa: PLR2004 - SHA-256, hex
        raise NotFound
    return Path(current_app.config["SETTINGS"].files_folder) / digest[:2] / digest


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole, also after a power cut, before anything refers to it."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{secrets.token_hex(8)}")
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
