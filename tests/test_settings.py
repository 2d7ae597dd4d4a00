"""Settings are read once, refuse what cannot be used, and are all written down."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from config import ROOT, SettingError, Settings

KEY = {"SECRET_KEY": "yE4-nothing-is-signed-with-this-one"}
PAGE = (ROOT / "docs" / "settings.md").read_text()


def documented(part: str) -> dict[str, str]:
    return dict(re.findall(r"^\| `([A-Z_0-9]+)` \| (.+?) \|", part, re.MULTILINE))


def test_the_page_lists_every_setting_with_its_default() -> None:
    rows = documented(PAGE.split("## Serving")[0])
    settings = Settings.from_environment(KEY)

    assert list(rows) == [field.name.upper() for field in fields(Settings)]
    for name, default in rows.items():
        value = getattr(settings, name.lower())
        if isinstance(value, int):
            assert default == f"`{value}`"
        if isinstance(value, tuple):
            assert default == f"`{','.join(value)}`"


def test_the_page_lists_what_the_server_reads() -> None:
    read = re.findall(r'environ\.get\("([A-Z_]+)", "(.+?)"\)', (ROOT / "deploy/gunicorn.conf.py").read_text())

    assert documented(PAGE.split("## Serving")[1]) == {name: f"`{default}`" for name, default in read}


def test_the_key_never_shows_in_a_trace() -> None:
    assert KEY["SECRET_KEY"] not in repr(Settings.from_environment(KEY))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_DAYS", "0"),
        ("SESSION_DAYS", "-1"),
        ("STAFF_IDLE_MINUTES", "0"),
        ("PASSWORD_CLASSES", "many"),
        ("UPLOAD_LIMIT_BYTES", "20MB"),
        ("ARGON2_MEMORY_KIB", "7"),
    ],
)
def test_a_number_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name} must be a whole number .*{value}"):
        Settings.from_environment({**KEY, name: value})
