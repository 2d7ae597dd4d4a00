"""Somebody who comes over the network, with a cookie jar, and sees every header."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from tests import builders
from tests.pages import token

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode(errors="replace")

    def header(self, name: str) -> str:
        """Return a header, "" without it."""
        return ", ".join(value for key, value in self.headers if key == name)


class Visitor:
    """A browser without scripts that follows no redirect."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._page = ""
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._exchange("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form."""
        return self._exchange("POST", path, urlencode(form))

    def sign_in(self, phone: str, password: str = builders.PASSWORD) -> Answer:
        """Fill in the form of the sign-in page."""
        form = {"csrf_token": token(self.get("/sign-in").text), "phone": phone, "password": password}
        return self.post("/sign-in", form)

    def _exchange(self, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self._page:
            headers["Referer"] = f"http://{self._host}{self._page}"
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._page = path if method == "GET" else self._page
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            kept = tuple((name.lower(), value) for name, value in response.getheaders())
            answer = Answer(response.status, kept, response.read())
        finally:
            connection.close()
        for name, value in answer.headers:
            if name == "set-cookie":
                self.cookies.update({key: morsel.value for key, morsel in SimpleCookie(value).items()})
        return answer
