"""Walks over all routes with a value in every field that some view or form reads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from config import ROOT
from quizapp.coverage.forms import FILTERS
from quizapp.office.forms import AUDIT_NAMES
from tests.pages import sign_in, token
from tests.web import test_authorization as authorization

#: Routes after which somebody has to sign in again.
ENDING = ("accounts.end_everywhere", "accounts.sign_out")


#: gunicorn takes a request line of 4094 bytes.
LONGEST_IN_ADDRESS = 4000


def field_names() -> list[str]:
    """Return the name of every field that some view or form reads, and some that none should."""
    names = {
        *FILTERS,
        *AUDIT_NAMES,
        "url",
        "redirect",
        "callback",
        "path",
        "template",
        "sequence-0",
        "answer-0",
    }
    for file in (ROOT / "quizapp").rglob("*.py"):
        source = file.read_text()
        names |= set(re.findall(r"(?:args|form|files|fields)\.(?:get|getlist)\(\"(\w+)\"", source))
        names |= set(re.findall(r"^    (\w+)(?:: \w+)? = \w*Field\(", source, re.MULTILINE))
    return sorted(names)


def answers(
    app: Flask, world: authorization.World, values: list[str], shares: int = 1
) -> Iterator[tuple[str, str, TestResponse]]:
    """Yield route, value and answer for each route, by somebody who may open it, with each value everywhere.

    Of several `shares` each route gets one in turn.
    """
    people = {endpoint: who - {"nobody", "disabled"} for endpoint, who in authorization.EXPECTED.items()}
    rules = [rule for rule in app.url_map.iter_rules() if people.get(rule.endpoint)]
    clients = {who: sign_in(app, account) for who, account in world.people.items() if account}
    names = field_names()
    for place, rule in enumerate(sorted(rules, key=lambda rule: (rule.endpoint in ENDING, rule.endpoint))):
        client = clients[min(people[rule.endpoint])]
        for value in values[place % shares :: shares]:
            for path in _paths(rule, world.here, value):
                for answer in _asked(client, rule, path, dict.fromkeys(names, value)):
                    yield rule.endpoint, value, answer


def _paths(rule: Rule, parts: authorization.Values, value: str) -> Iterator[str]:
    """Yield a route's address with true parts, and with the value in place of each text."""
    texts = rule.arguments & {"slug", "token"}
    for replaced in ({}, dict.fromkeys(texts, value)) if texts else ({},):
        yield authorization.address_of(rule, {**parts, **replaced})


def _asked(client: FlaskClient, rule: Rule, path: str, fields: dict[str, str]) -> Iterator[TestResponse]:
    """Ask with every field saying the same, in the address, in a form, in JSON, in XML and in headers."""
    value = fields["url"]
    in_address = fields if len(value) < LONGEST_IN_ADDRESS else {}
    headers = {"Accept-Language": value, "X-Original-URL": value, "X-Callback": value, "User-Agent": value}
    headers = {name: text for name, text in headers.items() if text.isprintable()}
    methods = rule.methods or set()
    if "GET" in methods:
        yield client.get(path, query_string=in_address, headers=headers)
    if "POST" in methods:
        page = client.get("/me")
        form_token = token((page if page.status_code == 200 else client.get("/sign-in")).text)
        headers["X-CSRFToken"] = form_token
        yield client.post(
            path, data={**fields, "csrf_token": form_token}, query_string=in_address, headers=headers
        )
        if rule.endpoint in authorization.BODIES:
            body = dict.fromkeys(("place", "sequence", "choice", "visible_ms", "at_end"), value)
            yield client.post(path, json=fields, headers=headers)
            yield client.post(path, json=body, headers=headers)
            xml = f'<!DOCTYPE a [<!ENTITY b SYSTEM "{value}">]><a>&b;</a>'
            yield client.post(path, data=xml, content_type="application/xml", headers=headers)
