"""The unified social credit code (统一社会信用代码), GB 32100-2015: 18 characters, the last one a check."""

from __future__ import annotations

#: Clause 5: digits and capital letters without I, O, S, V, Z; a character's place is its value.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_character(body: str) -> str:
    """Return the check character for the first 17 characters (weights 3**i mod 31, modulus 31).

    Raises ValueError when `body` has another length or a character outside the alphabet.
    """
    if len(body) != LENGTH - 1:
        raise ValueError(f"17 characters are needed, not {len(body)}")
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Say whether `code` has the right length, characters and check character."""
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return False
    return check_character(code[:-1]) == code[-1]
