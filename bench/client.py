"""A small HTTP/1.1 client on a kept connection: the driver shares the machine with what it measures."""

from __future__ import annotations

import socket
from dataclasses import dataclass

RECEIVE_BYTES = 65536
TIMEOUT_SECONDS = 60


class Broken(Exception):
    """The server closed the connection or answered with something that is no HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, Location ("" without one) and body."""

    status: int
    location: str
    body: bytes


class Client:
    """One browser: a connection and the session cookie."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._cookie = ""

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._exchange("GET", path, b"", "")

    def post_form(self, path: str, body: str) -> Answer:
        """Send a form, already encoded."""
        return self._exchange(
            "POST", path, body.encode(), "Content-Type: application/x-www-form-urlencoded\r\n"
        )

    def post_json(self, path: str, body: str, token: str) -> Answer:
        """Send JSON as a page's script does."""
        headers = f"Content-Type: application/json\r\nX-CSRFToken: {token}\r\n"
        return self._exchange("POST", path, body.encode(), headers)

    def close(self) -> None:
        """End the connection."""
        if self._socket:
            self._socket.close()
            self._socket = None

    def _exchange(self, method: str, path: str, body: bytes, headers: str) -> Answer:
        cookie = f"Cookie: {self._cookie}\r\n" if self._cookie else ""
        length = f"Content-Length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}{headers}{length}\r\n"
        was_open = self._socket is not None
        try:
            return self._send(head.encode() + body)
        except (Broken, ConnectionError):
            # A kept connection that the server ended while we were away says nothing about the request.
            self.close()
            if not was_open:
                raise
            return self._send(head.encode() + body)

    def _send(self, request: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        return self._receive(self._socket)

    def _receive(self, connection: socket.socket) -> Answer:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += _more(connection)
        lines = data[:end].decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        length = int(headers.get("content-length", "0"))
        body = data[end + 4 :]
        while len(body) < length:
            body += _more(connection)
        for line in lines[1:]:
            if line.lower().startswith("set-cookie: session="):
                self._cookie = line.split(": ", 1)[1].split(";", 1)[0]
        if headers.get("connection") == "close":
            self.close()
        location = next(
            (line.split(": ", 1)[1] for line in lines if line.lower().startswith("location: ")), ""
        )
        return Answer(int(lines[0].split(" ")[1]), location, body)


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(RECEIVE_BYTES)
    if not part:
        raise Broken("the server closed the connection")
    return part
