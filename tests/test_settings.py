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
        if name == "OIDC_NAME":
            assert default == f"`{value}`"


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


PROVIDER = {
    "OIDC_ISSUER": "https://login.example.cn/realms/district",
    "OIDC_CLIENT_ID": "quizapp",
    "OIDC_CLIENT_SECRET": "known to two",
}


def test_an_identity_provider_is_set_whole_or_not_at_all() -> None:
    assert Settings.from_environment(KEY).oidc_issuer == ""
    assert Settings.from_environment({**KEY, **PROVIDER}).oidc_issuer == PROVIDER["OIDC_ISSUER"]
    for name in PROVIDER:
        for rest in ({**PROVIDER, name: ""}, {other: PROVIDER[other] for other in PROVIDER if other != name}):
            with pytest.raises(SettingError, match=f"without {name}: set all, or none"):
                Settings.from_environment({**KEY, **rest})
    with pytest.raises(
        SettingError, match="OIDC_NAME without OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET"
    ):
        Settings.from_environment({**KEY, "OIDC_NAME": "统一身份认证"})


@pytest.mark.parametrize(
    "issuer",
    [
        "http://login.example.cn", "login.example.cn", "ftp://127.0.0.1", "https://", "http://127.0.0.1.example.cn",
        "http://127.0.0.1@login.example.cn", "https://user:secret@login.example.cn", "https://login.example.cn/?a=b", "https://[login",
    ],
)  # fmt: skip
def test_an_identity_provider_is_asked_over_tls_only(issuer: str) -> None:
    with pytest.raises(SettingError, match="OIDC_ISSUER must be an https:// address"):
        Settings.from_environment({**KEY, **PROVIDER, "OIDC_ISSUER": issuer})


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9400", "http://localhost:9400/realm"])
def test_an_identity_provider_on_this_machine_needs_no_tls(issuer: str) -> None:
    assert Settings.from_environment({**KEY, **PROVIDER, "OIDC_ISSUER": issuer}).oidc_issuer == issuer


def test_the_providers_secret_never_shows_in_a_trace() -> None:
    assert PROVIDER["OIDC_CLIENT_SECRET"] not in repr(Settings.from_environment({**KEY, **PROVIDER}))
