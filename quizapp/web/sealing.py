"""What somebody searched for, in an address that names nobody: addresses end up in logs and histories."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from flask import current_app

LONGEST_TEXT = 60


def seal(text: str) -> str:
    """Return what stands for a text in an address; the same for the same text (AES-SIV, RFC 5297)."""
    sealed = _cipher().encrypt(text[:LONGEST_TEXT].encode(), None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unseal(sealed: str) -> str:
    """Return the text behind it, "" for what this installation has not sealed."""
    try:
        content = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        return _cipher().decrypt(content, None).decode()
    except (InvalidTag, ValueError, binascii.Error):
        return ""


def _cipher() -> AESSIV:
    secret = current_app.config["SECRET_KEY"].encode()
    return AESSIV(hmac.new(secret, b"texts in addresses", hashlib.sha256).digest())
