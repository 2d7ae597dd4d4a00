"""One-time codes as they are printed on slips and typed in on phones. Pure."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata

#: No sign that could be taken for another: without 0 O 1 I L S 5.
ALPHABET = "2346789ABCDEFGHJKMNPQRTUVWXYZ"
LENGTH = 8


def make_code() -> str:
    """Return a fresh code, about 39 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def printed(code: str) -> str:
    """Return a code in two groups: 7K4M-Q9TX."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def typed(text: str) -> str:
    """Return what somebody meant to type: full-width and small letters, blanks and dashes do not matter."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in folded if sign in ALPHABET)


def digest(secret: str, account_id: int, code: str) -> str:
    """Return what is kept of a code (HMAC-SHA256, hex): without the server's secret it says nothing."""
    return hmac.new(secret.encode(), f"{account_id}:{code}".encode(), hashlib.sha256).hexdigest()
