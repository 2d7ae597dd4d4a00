"""Hashing and checking passwords with argon2id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

#: zxcvbn's scores go from 0 (too guessable) to 4; 2 stands 10**6 guesses and more.
LEAST_SCORE = 2
LONGEST_ESTIMATED = 72


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


def kinds_of_signs(password: str) -> int:
    """Return how many of small letters, capitals, digits and other signs occur."""
    return len({_kind_of(sign) for sign in password})


def _kind_of(sign: str) -> str:
    if sign.isdecimal():
        return "digit"
    if sign.isupper():
        return "capital"
    return "small" if sign.islower() else "other"


def is_easily_guessed(password: str, own_words: Sequence[str]) -> bool:
    """Say whether a password is common or made of the person's own data, by zxcvbn's estimate."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its word lists are loaded where a password is set

    score = zxcvbn(password[:LONGEST_ESTIMATED], user_inputs=[word for word in own_words if word])["score"]
    return bool(score < LEAST_SCORE)
