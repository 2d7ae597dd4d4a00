"""Bad files made from good ones, the same for the same seed; and a check that nothing outside a file is touched."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator

from quizapp.bank.formats.parsed import ParsedBank
from quizapp.imports.tables import UnreadableFile


def broken(good: bytes, source: random.Random) -> bytes:
    """Return a file with one or several of the usual faults."""
    content = bytearray(good)
    for _ in range(source.randint(1, 3)):
        source.choice(_FAULTS)(content, source)
    return bytes(content)


def _flip(content: bytearray, source: random.Random) -> None:
    for _ in range(source.randint(1, 8)):
        if content:
            content[source.randrange(len(content))] = source.randrange(256)


def _cut(content: bytearray, source: random.Random) -> None:
    del content[source.randrange(len(content) + 1) :]


def _drop(content: bytearray, source: random.Random) -> None:
    start = source.randrange(len(content) + 1)
    del content[start : start + source.randint(1, 400)]


def _repeat(content: bytearray, source: random.Random) -> None:
    start = source.randrange(len(content) + 1)
    content[start:start] = content[start : start + source.randint(1, 400)] * source.randint(1, 4)


def _strew(content: bytearray, source: random.Random) -> None:
    bits = (
        b"\0",
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<![CDATA[",
        b"{",
        b"}",
        b"\\",
        b"~",
        b"#",
        b"\xff\xfe",
        b"&#0;",
        b"1e999999999",
    )
    place = source.randrange(len(content) + 1)
    content[place:place] = source.choice(bits) * source.randint(1, 50)


def _recode(content: bytearray, source: random.Random) -> None:
    with contextlib.suppress(UnicodeError):
        text = content.decode()
        content[:] = text.encode(source.choice(["utf-16", "gb18030", "utf-8-sig", "utf-32"]))


_FAULTS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _cut,
    _drop,
    _repeat,
    _strew,
    _recode,
)


def outcome(read: Callable[[bytes], ParsedBank], content: bytes) -> str:
    """Read a file; any exception but a refusal is the test's failure."""
    try:
        parsed = read(content)
    except UnreadableFile as error:
        return str(error)
    assert parsed.questions or parsed.refused
    return ""


@contextlib.contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """Listen on a free port of this machine; the list gathers whoever connects."""
    met: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, address = server.accept()
                    met.append(address)
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], met
        finally:
            done.set()
            thread.join(5)
