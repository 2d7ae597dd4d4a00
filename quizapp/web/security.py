"""What every answer tells the browser to guard."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response

from quizapp import clock

#: Nothing from another site, nothing inline; Bootstrap's own pictures are data: addresses.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

#: Files that anyone may fetch and any cache may keep, served by Flask itself.
FILE_ENDPOINTS = frozenset({"static", "bootstrap.static"})

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Sessions(SecureCookieSessionInterface):
    """Session cookies: Secure whenever the request came by HTTPS, signed anew once a day of use."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie when something changed, or when the last was signed on another day.

        Never with a file: a cache would hand the cookie to whoever asks for the file next.
        """
        if request.endpoint in FILE_ENDPOINTS:
            return
        if session.permanent and session.get("day") != (today := clock.now().date().isoformat()):
            session["day"] = today
        super().save_session(app, session, response)  # type: ignore[arg-type]  # Flask's own subclass

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002 - Flask's signature
        """Return what Set-Cookie says about Secure."""
        return request.is_secure


def guard(response: Response) -> Response:
    """Add the headers; keep every page that is made for somebody out of caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in FILE_ENDPOINTS or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
