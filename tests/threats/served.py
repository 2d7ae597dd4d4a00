"""The application under a real gunicorn, and requests to it byte by byte, as no browser would send them."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask

from config import Settings

SECONDS = 15


def environment_of(app: Flask, **more: str) -> dict[str, str]:
    """Return what a gunicorn needs to serve the test's database."""
    settings: Settings = app.config["SETTINGS"]
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "VAR_DIR": str(settings.var_dir),
        "ARGON2_TIME_COST": str(settings.argon2_time_cost),
        "ARGON2_MEMORY_KIB": str(settings.argon2_memory_kib),
        "SECOND_FACTOR_FOR": "",
        "JOBS_URL": settings.jobs_url,
        **more,
    }


@dataclass(frozen=True)
class Answer:
    """What came back; the names of headers in small letters."""

    status: int
    headers: dict[str, str]
    body: str


def send(site: str, request: bytes) -> Answer:
    """Send bytes to a server and read its answer; status 0 when it closes without one."""
    place = urlsplit(site)
    with socket.create_connection((place.hostname, place.port), timeout=SECONDS) as connection:
        connection.sendall(request)
        received = http.client.HTTPResponse(connection, method=request.split(b" ", 1)[0].decode("latin-1"))
        try:
            received.begin()
        except http.client.BadStatusLine:
            return Answer(0, {}, "")
        headers = {name.lower(): value for name, value in received.getheaders()}
        return Answer(received.status, headers, received.read().decode("utf-8", "replace"))


def request_of(
    target: str, *headers: str, method: str = "GET", body: str = "", version: str = "1.1"
) -> bytes:
    """Return a request's bytes, with just these headers."""
    lines = [f"{method} {target} HTTP/{version}", *headers, "Connection: close"]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode("utf-8")
