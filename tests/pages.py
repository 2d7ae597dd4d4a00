"""Going through the pages as a browser without scripts does."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from quizapp.accounts.models import Account
from tests import builders


def token(page: str) -> str:
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
        r'data-token="([^"]+)"', page
    )
    assert match
    return match[1]


def sign_in(app: Flask, account: Account) -> FlaskClient:
    client = app.test_client()
    page = client.get("/sign-in").text
    answer = client.post(
        "/sign-in", data={"phone": account.phone, "password": builders.PASSWORD, "csrf_token": token(page)}
    )
    assert answer.status_code == 302
    return client


def begin_quiz(client: FlaskClient, track_id: int) -> str:
    """Press the button on the page of rules; return the address of the paper."""
    form = {"csrf_token": token(client.get(f"/tracks/{track_id}/quiz").text)}
    return client.post(f"/tracks/{track_id}/attempts", data=form).location
