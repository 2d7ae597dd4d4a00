"""Stored files on their way out."""

from __future__ import annotations

from flask import Blueprint, Response, send_file

from quizapp.accounts.policy import Action, requires
from quizapp.files import store

blueprint = Blueprint("files", __name__)

YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/files/<digest>")
@requires(Action.SEE_FILES)
def show(digest: str) -> Response:
    """Give a file, or the part of it that a player asks for (Range, RFC 9110); its content never changes."""
    file = store.get_file(digest)
    response = send_file(
        store.path_of(digest), mimetype=file.media_type, etag=digest, conditional=True, max_age=YEAR_SECONDS
    )
    response.headers["Cache-Control"] = f"private, max-age={YEAR_SECONDS}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
