"""Files of study content on their way in: judged by what they are, within the settings, into the store."""

from __future__ import annotations

import os
from typing import IO

from flask import current_app

from quizapp.audit.actors import Actor
from quizapp.errors import Invalid
from quizapp.files import documents, store, subtitles, videos
from quizapp.messages import M
from quizapp.study.kinds import ModuleKind

#: What the file of a module of a kind is.
MEDIA_TYPES = {ModuleKind.DOCUMENT: documents.MEDIA_TYPE, ModuleKind.VIDEO: videos.MEDIA_TYPE}
#: What a form says besides its file.
FORM_BYTES = 2 * 1024 * 1024


def largest_request() -> int:
    """Return how many bytes a form with a file may have."""
    settings = current_app.config["SETTINGS"]
    return FORM_BYTES + int(max(settings.document_limit_bytes, settings.video_limit_bytes))


def keep_file(actor: Actor, kind: ModuleKind, file: IO[bytes]) -> str:
    """Keep the document or the video of a module and return its digest. Raises Invalid."""
    settings = current_app.config["SETTINGS"]
    if kind is ModuleKind.DOCUMENT:
        _check_size(file, settings.document_limit_bytes)
        content = file.read()
        return store.keep_document(actor, content, documents.read_document(content, settings.document_pages))
    _check_size(file, settings.video_limit_bytes)
    videos.check_mp4(file)
    return store.keep_stream(actor, file, videos.MEDIA_TYPE)


def keep_subtitles(actor: Actor, file: IO[bytes]) -> str:
    """Keep the subtitles of a video and return their digest. Raises Invalid."""
    content = subtitles.read_webvtt(file.read(subtitles.LARGEST_BYTES + 1))
    return store.keep(actor, content, subtitles.MEDIA_TYPE)


def kept_file(kind: ModuleKind, digest: str) -> str | None:
    """Return a digest that a form names if the store has a file under it that such a module may show."""
    return digest if kind in MEDIA_TYPES and store.is_kept(digest, MEDIA_TYPES[kind]) else None


def kept_subtitles(digest: str) -> str | None:
    """Return the same of subtitles."""
    return digest if store.is_kept(digest, subtitles.MEDIA_TYPE) else None


def _check_size(file: IO[bytes], most: int) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size > most:
        raise Invalid(M("文件太大，最大 %(most)s MB。", most=most // 1024 // 1024))
