"""Nobody can sign cookies with a key that everybody knows: the server does not start with one (threat 35)."""

from __future__ import annotations

import os
import re
import secrets
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from config import ROOT, SettingError, Settings
from tests import servers

SERVERS = {
    "gunicorn": [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"],
    "flask": [sys.executable, "-m", "flask", "--app", "wsgi", "run"],
}
WEAK = {
    "none": "",
    "short": secrets.token_hex(15),
    "one sign": "x" * 48,
    "two signs": "ab" * 24,
    "placeholder repeated": "changeme" * 6,
    "placeholder of a template": "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
    "placeholder in words": "please-change-this-before-you-deploy-41",
    "typed": "my-super-secret-key-0123456789-abc",
    "password": "Password1234567890!Password1234567890!",
    "digits in a row": "01234567890123456789012345678901",
    "a piece and a half": "k3Jf9-qLw2xZ" * 3 + "k3Jf9-",
    "an unsafe default": "django-insecure-k3Jf9qLw2xZ0aB7vN1mQ8rT",
    "Flask's example": "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
}


def started(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a server that should refuse to; one that starts after all is ended and fails the test."""
    clean = {name: value for name, value in os.environ.items() if name not in {"SECRET_KEY", "VAR_DIR"}}
    return subprocess.run(
        command, cwd=ROOT, env={**clean, "BIND": f"127.0.0.1:{servers.free_port()}", **environment},
        capture_output=True, text=True, timeout=40, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("what", ["none", "short", "placeholder repeated"])
def test_no_server_starts_without_a_key_of_its_own(tmp_path: Path, server: str, what: str) -> None:
    ended = started(SERVERS[server], {"SECRET_KEY": WEAK[what], "VAR_DIR": str(tmp_path)})

    assert ended.returncode != 0
    assert "SettingError: SECRET_KEY" in ended.stderr
    assert f"python -m quizapp.secret {tmp_path / 'secret_key'}" in ended.stderr


@pytest.mark.parametrize("server", SERVERS)
def test_no_server_starts_with_a_key_that_everybody_may_read(tmp_path: Path, server: str) -> None:
    file = tmp_path / "secret_key"
    file.write_text(secrets.token_urlsafe(48))
    file.chmod(0o644)

    ended = started(SERVERS[server], {"VAR_DIR": str(tmp_path)})

    assert ended.returncode != 0
    assert f"SECRET_KEY stands in {file}" in ended.stderr
    assert f"chmod 600 {file}" in ended.stderr


@pytest.mark.parametrize("what", WEAK)
@pytest.mark.parametrize("place", ["environment", "file"])
def test_a_key_that_can_be_guessed_is_refused_wherever_it_stands(
    tmp_path: Path, what: str, place: str
) -> None:
    environment = {"VAR_DIR": str(tmp_path)}
    if place == "environment":
        environment["SECRET_KEY"] = WEAK[what]
    else:
        file = tmp_path / "secret_key"
        file.write_text(WEAK[what] + "\n")
        file.chmod(0o600)

    with pytest.raises(SettingError, match=r"SECRET_KEY .*python -m quizapp.secret") as refusal:
        Settings.from_environment(environment)

    assert not WEAK[what] or WEAK[what] not in str(refusal.value)


def test_there_is_no_key_by_default(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SECRET_KEY must have at least 32 characters"):
        Settings.from_environment({"VAR_DIR": str(tmp_path)})


def test_random_keys_of_every_usual_make_are_taken(tmp_path: Path) -> None:
    for _ in range(2000):
        for key in (secrets.token_hex(16), secrets.token_hex(32), secrets.token_urlsafe(48)):
            assert Settings.from_environment({"SECRET_KEY": key, "VAR_DIR": str(tmp_path)}).secret_key == key


def make_key(file: Path) -> None:
    """As `make run` does, by somebody whose new files are open to everybody."""
    subprocess.run([sys.executable, "-m", "quizapp.secret", file], cwd=ROOT, check=True, umask=0)


def test_each_installation_gets_a_key_of_its_own_that_its_owner_alone_reads(tmp_path: Path) -> None:
    files = [tmp_path / name / "secret_key" for name in ("one", "other")]
    for file in files:
        make_key(file)
    keys = [Settings.from_environment({"VAR_DIR": str(file.parent)}).secret_key for file in files]

    assert keys[0] != keys[1]
    assert all(len(key) >= 64 for key in keys)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_key_that_is_there_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    make_key(file)
    before = file.read_text()

    make_key(file)

    assert file.read_text() == before


def test_make_run_makes_the_key_before_anything_needs_it() -> None:
    recipe = re.search(r"^run:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert recipe
    assert recipe[1].splitlines()[0] == "\t$(BIN)/python -m quizapp.secret $(VAR_DIR)/secret_key"
