"""What an identity provider's claims say about somebody (OpenID Connect Core 1.0, 5.1), read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PHONE_DIGITS = 11
COUNTRY = "+86"
#: OpenID Connect Core 1.0, section 2: at most 255 ASCII characters.
LONGEST_SUBJECT = 255
LONGEST_LABEL = 60


@dataclass(frozen=True, slots=True)
class Proved:
    """Who somebody is, as a provider has just proved."""

    issuer: str
    #: What the issuer calls the person by, for ever.
    subject: str
    #: The mobile number that the provider has verified.
    phone: str | None
    #: What the provider calls the person on screen; shown to nobody else, and proof of nothing.
    label: str


def subject(claims: Mapping[str, object]) -> str:
    """Return what the provider calls the person by. Raises ValueError when there is nothing usable."""
    value = claims["sub"]
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_SUBJECT:
        raise ValueError("the subject is no text of 1 to 255 characters")
    if not (value.isascii() and value.isprintable()):
        raise ValueError("the subject holds other than ASCII characters")
    return value


def verified_phone(claims: Mapping[str, object]) -> str | None:
    """Return the 11 digits of a Chinese mobile number that the provider says it has verified.

    Anything but the JSON value ``true`` counts as not verified, the text "true" too.
    """
    number = claims.get("phone_number")
    if claims.get("phone_number_verified") is not True or not isinstance(number, str):
        return None
    digits = number.replace(" ", "").replace("-", "").removeprefix(COUNTRY)
    return digits if len(digits) == PHONE_DIGITS and digits.isascii() and digits.isdecimal() else None


def label(claims: Mapping[str, object]) -> str:
    """Return what to call the person on screen."""
    names = (claims.get(claim) for claim in ("name", "preferred_username", "sub"))
    return next(name for name in names if isinstance(name, str) and name)[:LONGEST_LABEL]
