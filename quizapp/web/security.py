"""What every answer tells the browser to guard."""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, abort, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response

from quizapp import clock
from quizapp.errors import NotAllowed
from quizapp.messages import M

#: Nothing from another site, nothing inline; Bootstrap's own pictures are data: addresses.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
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


#: What a browser says of a request that no other site has caused.
OWN_SITES = frozenset({"same-origin", "none"})


class CrossSite(NotAllowed):
    """Another site's page has sent the request."""

    def __init__(self) -> None:
        super().__init__(M("这个请求来自其他网站，没有执行。请回到本平台的页面上操作。"))


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


def refuse_cross_site() -> None:
    """Before every request that may change something: raise CrossSite if the browser names another site.

    A second lock beside the token: Sec-Fetch-Site, which browsers send by HTTPS, else Origin, else Referer.
    The host is the one that TRUSTED_HOSTS and TRUSTED_PROXIES let through; who names nothing is no browser.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    site, source = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin") or request.referrer
    if site is not None:
        is_own = site in OWN_SITES
    else:
        is_own = source is None or source.partition("://")[2].partition("/")[0] == request.host
    if not is_own:
        raise CrossSite


def refuse_nul() -> None:
    """Before every request: answer 400 to a NUL in the address or a field, which no text column holds."""
    fields = request.values.items(multi=True)
    if "\x00" in request.path or any("\x00" in name or "\x00" in value for name, value in fields):
        abort(400)


def guard(response: Response) -> Response:
    """Add the headers; keep every page that is made for somebody out of caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in FILE_ENDPOINTS or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers.setdefault("Cache-Control", "no-store")
    return response
