"""No address that somebody gives makes the application open a connection or a file (threat 11).

Three watchers: Python's own audit events in this process, a listener that every address names, which also
sees child processes and libraries in C, and a file whose content must stand in no answer.
"""

from __future__ import annotations

import ast
import io
import re
import secrets
import socket
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import ROOT
from quizapp.accounts.kinds import GrantKind
from quizapp.bank.models import Question
from quizapp.extensions import db
from quizapp.imports import spreadsheet
from quizapp.imports.tables import UnreadableFile
from tests import builders
from tests.pages import sign_in, token
from tests.threats import mutants, walking
from tests.web import test_authorization as authorization

world = authorization.world
World = authorization.World

EVENTS = frozenset(
    "socket.connect socket.getaddrinfo socket.gethostbyname socket.gethostbyaddr socket.sendto urllib.Request "
    "ftplib.connect smtplib.connect http.client.connect webbrowser.open".split()
)
_watched: list[list[str]] = []


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watched and event in EVENTS:
        _watched[-1].append(f"{event} {arguments[1:]}")


sys.addaudithook(_hook)


@contextmanager
def watching() -> Iterator[list[str]]:
    """Take down what Python code does with sockets, but for the libraries in C that speak to the database."""
    _watched.append([])
    try:
        yield _watched[-1]
    finally:
        _watched.pop()


@dataclass
class Listener:
    """Counts who connects to a port of 127.0.0.1."""

    server: socket.socket
    connections: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def port(self) -> int:
        return int(self.server.getsockname()[1])

    def listen(self) -> None:
        """Take connections until the socket is closed."""
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
            connection.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = socket.create_server(("127.0.0.1", 0))
    watcher = Listener(server)
    thread = threading.Thread(target=watcher.listen)
    thread.start()
    yield watcher
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(timeout=10)


@dataclass(frozen=True)
class Canary:
    """A file with a word that occurs nowhere else."""

    file: Path
    word: str

    def is_in(self, answer: TestResponse) -> bool:
        """Say whether an answer holds the word, also inside a workbook."""
        data = answer.data
        if data.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data += b"".join(archive.read(name) for name in archive.namelist())
        return self.word.encode() in data


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    found = Canary(tmp_path / "canary.txt", f"canary-{secrets.token_hex(8)}")
    found.file.write_text(found.word)
    return found


def addresses(listener: Listener, canary: Canary) -> list[str]:
    """Return addresses of every shape that lead to the listener or the file."""
    there = f"127.0.0.1:{listener.port}"
    return [
        f"http://{there}/a", f"https://{there}/a", f"//{there}/a", f"ftp://{there}/a", f"gopher://{there}/_a", f"http://localhost:{listener.port}/",
        f"http://user:word@{there}/", f"http://2130706433:{listener.port}/", there, f"file://{canary.file}", str(canary.file),
        f"../../../../../../..{canary.file}", f"\\\\127.0.0.1@{listener.port}\\a", f'=WEBSERVICE("http://{there}/")',
        f"![a](http://{there}/a.png)<img src=http://{there}/b>", f"dict://{there}/a", f"ldap://{there}/a", f"redis://{there}/0",
    ]  # fmt: skip


def test_no_code_of_ours_can_speak_to_a_network() -> None:
    clients = set(
        "socket ssl http.client http.server urllib3 urllib.request requests httpx aiohttp ftplib smtplib poplib imaplib telnetlib xmlrpc paramiko asyncio".split()
    )
    found = []
    for file in (ROOT / "quizapp").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else names
            found += [
                f"{file.name}: {name}" for name in names if name in clients or name.split(".")[0] in clients
            ]

    # Only to the identity provider that the operator set.
    assert found == ["oidc.py: requests"]


def test_the_watchers_see_a_connection(listener: Listener) -> None:
    with watching() as seen:
        socket.create_connection(("127.0.0.1", listener.port)).close()
        while not listener.connections:
            pass

    assert any("socket.connect" in line for line in seen)
    assert listener.connections == 1


def test_no_field_of_any_route_makes_the_application_connect(
    app: Flask, world: World, listener: Listener, canary: Canary
) -> None:
    assert {"next", "phone", "text", "format", "purpose", "status"} <= set(walking.field_names())

    with watching() as seen:
        for route, url, answer in walking.answers(app, world, addresses(listener, canary), shares=6):
            with answer:
                assert answer.status_code < 500, (route, url)
                assert not canary.is_in(answer), (route, url)

    assert seen == []
    assert listener.connections == 0


def rows_with(url: str) -> list[list[str]]:
    """Return a bank whose every cell, where a text may stand, is an address."""
    rows = [list(row) for row in mutants.BANK]
    for row in rows[1:]:
        row[2], row[7], row[9] = f"{row[2]}{url}", url, url[:40]
    rows[1][3] = url
    return rows


def with_links(url: str) -> bytes:
    """Return a workbook with hyperlinks, formulas that fetch, and names that lead elsewhere."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows_with(url):
        sheet.append([None if cell.startswith("=") else cell for cell in row])
    sheet["C2"].hyperlink = url
    sheet["H2"] = f'=WEBSERVICE("{url}")'
    sheet["H3"] = f"='[{url}]Sheet1'!A1"
    sheet["H4"] = f'=HYPERLINK("{url}","a")'
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_entities(url: str, member: str) -> bytes:
    """Return a workbook of which one member declares entities that stand elsewhere, and names them."""
    dtd = f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}"> %p; <!ENTITY e SYSTEM "{url}"><!ENTITY f PUBLIC "a" "{url}">]>'

    def change(data: bytes) -> bytes:
        declared = re.sub(rb"(<\?xml[^>]*\?>)?", lambda found: found[0] + dtd.encode(), data, count=1)
        return declared.replace("发现隐患怎么办？".encode(), b"&e;&f;").replace(b"<sheets>", b"<sheets>&e;")

    return mutants.changed(mutants.workbook_of(mutants.BANK), member, change)


def with_relations(url: str) -> bytes:
    """Return a workbook with parts outside of it: a picture, a linked book, a template, a sheet."""
    relations = "".join(
        f'<Relationship Id="x{number}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
        f'Target="{url}" TargetMode="External"/>'
        for number, kind in enumerate(
            ("image", "externalLinkPath", "attachedTemplate", "worksheet", "sharedStrings", "oleObject")
        )
    )

    def change(data: bytes) -> bytes:
        return data.replace(b"</Relationships>", relations.encode() + b"</Relationships>")

    book = mutants.changed(mutants.workbook_of(mutants.BANK), "xl/_rels/workbook.xml.rels", change)
    link = f'<externalLink xmlns:r="r"><externalBook r:id="x1"/><oleLink progId="{url}"/></externalLink>'
    return mutants.packed([*mutants.members_of(book), ("xl/externalLinks/externalLink1.xml", link.encode())])


def files_with(url: str) -> dict[str, tuple[str, bytes]]:
    """Return files that name an address in every way that a file can."""
    bare = url.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    members = (
        "xl/sharedStrings.xml",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "[Content_Types].xml",
        "xl/styles.xml",
    )
    return {
        "cells": ("a.csv", mutants.csv_of(rows_with(url)).encode("utf-8-sig")),
        "links": ("a.xlsx", with_links(url)),
        "relations": ("a.xlsx", with_relations(bare)),
        **{f"entities in {member}": ("a.xlsx", with_entities(bare, member)) for member in members},
    }


def test_no_file_makes_the_importer_connect_or_read_another_file(
    app: Flask, listener: Listener, canary: Canary
) -> None:
    builders.make_bank().slug = "work-safety"
    account = builders.make_staff(GrantKind.DISTRICT_ADMINISTRATOR)
    db.session.commit()
    client = sign_in(app, account)
    there = [f"http://127.0.0.1:{listener.port}/a", f"file://{canary.file}"]
    pages: list[TestResponse] = []

    with watching() as seen:
        for url in there:
            for name, content in files_with(url).values():
                pages += imported(client, name, content)
        pages += [client.get(path) for path in ("/banks", "/banks/work-safety", "/me", "/audit")]
        for url in addresses(listener, canary):
            for name, content in files_with(url).values():
                read_here(content, name, canary)

    assert seen == []
    assert listener.connections == 0
    assert not any(canary.is_in(page) for page in pages)
    assert all(page.status_code < 500 for page in pages)
    assert db.session.scalar(db.select(db.func.count(Question.id))), "some were imported, addresses and all"
    assert any(there[0] in page.text for page in pages)


def imported(client: FlaskClient, name: str, content: bytes) -> list[TestResponse]:
    """Upload a file, which a child process reads, and confirm what can be confirmed."""
    form_token = token(client.get("/me").text)
    form = {"csrf_token": form_token, "file": (io.BytesIO(content), name)}
    answer = client.post("/banks/work-safety/import", data=form, content_type="multipart/form-data")
    preview = client.get(answer.location)
    if "确认导入" not in preview.text:
        return [answer, preview]
    applied = client.post(f"{answer.location}/apply", data={"csrf_token": form_token})
    return [answer, preview, applied, client.get(answer.location)]


def read_here(content: bytes, name: str, canary: Canary) -> None:
    """Read a file in this process, where Python's audit events are seen."""
    read: Callable[[bytes, str], object] = spreadsheet.read_tables
    with suppress(UnreadableFile):
        assert canary.word not in repr(read(content, name))
