"""Hashing and checking passwords with argon2id."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app


@lru_cache(maxsize=4)
def _hasher(time_cost: int, memory_kib: int) -> tuple[PasswordHasher, str]:
    hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
    return hasher, hasher.hash("nobody has this password")


def _current() -> tuple[PasswordHasher, str]:
    settings = current_app.config["SETTINGS"]
    return _hasher(settings.argon2_time_cost, settings.argon2_memory_kib)


def hash_password(password: str) -> str:
    """Return the argon2id hash, parameters and salt included."""
    return _current()[0].hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Say whether the password fits. Without a hash it takes the same time and says no."""
    hasher, decoy = _current()
    try:
        hasher.verify(password_hash or decoy, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
