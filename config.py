"""Every setting, read from the environment once, with its default and meaning.

``docs/settings.md`` lists the same names; a test compares the two.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
SHORTEST_SECRET = 32
#: The only hosts that an identity provider may be asked at without TLS.
LOOPBACK = ("127.0.0.1", "localhost")
#: Of 32 random hexadecimal digits, fewer kinds than this occur once in twenty million keys.
FEWEST_SIGNS = 8
#: Words of a key that somebody typed, or left as a template had it.
PLACEHOLDERS = (
    "changeme", "changethis", "replaceme", "replacethis", "placeholder", "secret", "password", "insecure",
    "example",
)  # fmt: skip
#: The example in Flask's own documentation, which everybody knows.
PUBLISHED_SECRETS = frozenset({"192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf"})


class SettingError(ValueError):
    """A setting is missing or unusable; the message names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an installation may change. Names in the environment are the field names in capitals."""

    #: SQLAlchemy address of the database. SQLite by default; ``postgresql://…`` in production.
    database_url: str
    #: Signs cookies and forms, at least 32 random characters. Read from ``SECRET_KEY``, else from
    #: ``var/secret_key``, which ``python -m quizapp.secret`` makes. There is no default.
    secret_key: str = field(repr=False)
    #: Folder for what the installation itself makes: the SQLite file, built assets, the job queue.
    var_dir: Path = ROOT / "var"
    #: Host names that this installation answers to, separated by commas; others get 400.
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    #: How many reverse proxies stand in front and set X-Forwarded-*; 0 trusts none of them.
    trusted_proxies: int = 0
    #: Folder of uploaded pictures, documents and videos, shared by all nodes. Empty: in `var_dir`.
    files_dir: str = ""
    #: Largest upload in bytes.
    upload_limit_bytes: int = 20 * 1024 * 1024
    #: Largest PDF document of study content in bytes.
    document_limit_bytes: int = 20 * 1024 * 1024
    #: Most pages of one.
    document_pages: int = 100
    #: Largest video of study content in bytes.
    video_limit_bytes: int = 300 * 1024 * 1024
    #: argon2id passes over the memory (OWASP's minimum is 2).
    argon2_time_cost: int = 2
    #: argon2id memory in KiB (OWASP's minimum is 19456).
    argon2_memory_kib: int = 19456
    #: Days that a learner's sign-in lasts without use.
    session_days: int = 7
    #: Minutes that a sign-in lasts without use for whoever holds a grant.
    staff_idle_minutes: int = 30
    #: Kinds of grant that count only with a second factor.
    second_factor_for: tuple[str, ...] = ("district_administrator", "auditor")
    #: Of small letters, capitals, digits and other signs, how many kinds a password must have; 0 asks
    #: for none (ASVS 5.0, 6.2.5). 等保2.0 is often read as asking for 3.
    password_classes: int = 0
    #: Days after which staff must set a new password; 0 never asks (ASVS 5.0, 6.2.10).
    password_days: int = 0
    #: Days after somebody's last post, staff work or sign-in until name and number are removed
    #: (Personal Information Protection Law, articles 19 and 47).
    personal_data_days: int = 1095
    #: Days that uploaded files with their rows, and applications, are kept.
    uploaded_file_days: int = 90
    #: Address of the job queue: ``sqlite:///``, ``postgresql://`` or ``redis://``; ``immediate`` runs jobs
    #: in the process that asks. Empty: beside the database.
    jobs_url: str = ""
    #: Largest pool of database connections for one process.
    database_pool_size: int = 8
    #: Address of the OpenID Connect provider by which people may sign in, as it calls itself; empty: none.
    oidc_issuer: str = ""
    #: What the provider knows this installation by.
    oidc_client_id: str = ""
    #: What proves to the provider that it is this installation.
    oidc_client_secret: str = field(default="", repr=False)
    #: What people call the provider; stands on the sign-in page.
    oidc_name: str = "统一身份认证"

    @property
    def files_folder(self) -> Path:
        """Return where uploaded files lie."""
        return Path(self.files_dir) if self.files_dir else self.var_dir / "files"

    @property
    def upload_limit_mb(self) -> int:
        """Return the largest upload in whole megabytes, as people are told."""
        return self.upload_limit_bytes // (1024 * 1024)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; raise SettingError for one that is missing or malformed."""
        var_dir = Path(environment.get("VAR_DIR", ROOT / "var"))
        return cls(
            database_url=environment.get("DATABASE_URL", f"sqlite:///{var_dir / 'quizapp.sqlite3'}"),
            secret_key=_secret_key(environment, var_dir),
            var_dir=var_dir,
            trusted_hosts=_trusted_hosts(environment, cls.trusted_hosts),
            trusted_proxies=_number(environment, "TRUSTED_PROXIES", cls.trusted_proxies, least=0),
            files_dir=environment.get("FILES_DIR", cls.files_dir),
            upload_limit_bytes=_number(environment, "UPLOAD_LIMIT_BYTES", cls.upload_limit_bytes),
            document_limit_bytes=_number(environment, "DOCUMENT_LIMIT_BYTES", cls.document_limit_bytes),
            document_pages=_number(environment, "DOCUMENT_PAGES", cls.document_pages),
            video_limit_bytes=_number(environment, "VIDEO_LIMIT_BYTES", cls.video_limit_bytes),
            argon2_time_cost=_number(environment, "ARGON2_TIME_COST", cls.argon2_time_cost),
            argon2_memory_kib=_number(environment, "ARGON2_MEMORY_KIB", cls.argon2_memory_kib, least=8),
            session_days=_number(environment, "SESSION_DAYS", cls.session_days),
            staff_idle_minutes=_number(environment, "STAFF_IDLE_MINUTES", cls.staff_idle_minutes),
            second_factor_for=_names(environment, "SECOND_FACTOR_FOR", cls.second_factor_for),
            password_classes=_number(environment, "PASSWORD_CLASSES", cls.password_classes, least=0),
            password_days=_number(environment, "PASSWORD_DAYS", cls.password_days, least=0),
            personal_data_days=_number(environment, "PERSONAL_DATA_DAYS", cls.personal_data_days),
            uploaded_file_days=_number(environment, "UPLOADED_FILE_DAYS", cls.uploaded_file_days),
            jobs_url=environment.get("JOBS_URL", cls.jobs_url),
            database_pool_size=_number(environment, "DATABASE_POOL_SIZE", cls.database_pool_size),
            **_identity_provider(environment),
        )


def _secret_key(environment: Mapping[str, str], var_dir: Path) -> str:
    key = environment.get("SECRET_KEY", "")
    file = var_dir / "secret_key"
    remedy = f"set it, or run `python -m quizapp.secret {file}` to make one"
    if not key and file.exists():
        if file.stat().st_mode & stat.S_IRWXO:
            raise SettingError(
                f"SECRET_KEY stands in {file}, which is open to everybody: run `chmod 600 {file}`"
            )
        key, remedy = file.read_text().strip(), f"remove {file} and run `python -m quizapp.secret {file}`"
    if len(key) < SHORTEST_SECRET:
        raise SettingError(f"SECRET_KEY must have at least {SHORTEST_SECRET} characters; {remedy}")
    if _is_easily_guessed(key):
        raise SettingError(f"SECRET_KEY is a placeholder or too regular, so it can be guessed; {remedy}")
    return key


def _identity_provider(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of the OpenID Connect provider that are given: all of them or none."""
    needed = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    given = {name: environment[name] for name in (*needed, "OIDC_NAME") if environment.get(name)}
    missing = [name for name in needed if name not in given]
    if given and missing:
        raise SettingError(f"{', '.join(sorted(given))} without {', '.join(missing)}: set all, or none")
    issuer = given.get("OIDC_ISSUER", "")
    if issuer and not (is_safe_address(issuer) and set(issuer).isdisjoint("?#")):
        raise SettingError(
            f"OIDC_ISSUER must be an https:// address without query, or http:// on {' or '.join(LOOPBACK)}, "
            f"not {issuer!r}"
        )
    return {name.lower(): value for name, value in given.items()}


def is_safe_address(address: str) -> bool:
    """Say whether an identity provider may be asked at an address: TLS, or this machine itself."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.username is not None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _is_easily_guessed(key: str) -> bool:
    """Say whether a key is known, typed by somebody, or a short piece said again and again."""
    letters = "".join(filter(str.isalnum, key)).lower()
    repeats = any(key == (key[:size] * len(key))[: len(key)] for size in range(1, len(key) // 2 + 1))
    return (
        key in PUBLISHED_SECRETS
        or repeats
        or len(set(key)) < FEWEST_SIGNS
        or any(word in letters for word in PLACEHOLDERS)
    )


def _trusted_hosts(environment: Mapping[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    names = _names(environment, "TRUSTED_HOSTS", default)
    if not names:  # Flask would take that for any
        raise SettingError("TRUSTED_HOSTS must name at least one host, separated by commas")
    return names


def _names(environment: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if name not in environment:
        return default
    return tuple(part.strip() for part in environment[name].split(",") if part.strip())


def _number(environment: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal() or int(text) < least:
        raise SettingError(f"{name} must be a whole number of at least {least}, not {text!r}")
    return int(text)
