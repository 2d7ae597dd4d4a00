"""A real Chromium in front of a real gunicorn, on the database of the test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests import servers

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def app(real_time_app: Flask) -> Flask:
    """Gunicorn has the clock of the machine, so the test has it too."""
    return real_time_app


@pytest.fixture
def environment(app: Flask) -> dict[str, str]:
    """What a process must know to work on the test's database."""
    return servers.environment_of(app.config["SETTINGS"])


@pytest.fixture
def site(environment: dict[str, str]) -> Iterator[str]:
    """The address of a gunicorn that serves the test's database."""
    with servers.gunicorn(environment) as address:
        yield address


class Visitor:
    """Somebody with a browser of their own; what the pages complain about fails the test."""

    def __init__(self, browser: Browser, site: str, **device: Any) -> None:
        self._context = browser.new_context(base_url=site, locale="zh-CN", **device)
        self.complaints: list[str] = []
        self.page = self._open()

    def _open(self) -> Page:
        page = self._context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._take_down)
        return page

    def _take_down(self, line: ConsoleMessage) -> None:
        """A page that says no is no fault; one that misses a part of itself is."""
        is_refusal = line.location["url"] == self.page.url and "with a status of 4" in line.text
        if line.type == "error" and not is_refusal:
            self.complaints.append(line.text)

    def give_password(self, phone: str, password: str) -> Page:
        self.page.goto("/sign-in")
        self.page.get_by_label("手机号").fill(phone)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录").click()
        return self.page

    def sign_in(self, phone: str, password: str) -> Page:
        self.give_password(phone, password)
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        return self.page

    def close_and_come_back(self) -> Page:
        """Close the page, as a phone does under a call, and open a new one with the same cookies."""
        self.page.close()
        self.page = self._open()
        return self.page

    def leave(self) -> None:
        self._context.close()
        assert self.complaints == []
