"""E-mail addresses as Firebase keeps them."""

import unicodedata
from typing import Final

MAX_EMAIL_LENGTH: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""

_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp"})


def normalised(email: str) -> str:
    """Trimmed, NFC, lower case: Firebase ignores case on both sides of the `@`."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def objection(email: str) -> str | None:
    """Why a normalised text cannot be an address, or None; the rest is Firebase's to judge."""
    if len(email) > MAX_EMAIL_LENGTH:
        return f"must have at most {MAX_EMAIL_LENGTH} characters"
    name, _, domain = email.rpartition("@")
    if not name or not domain:
        return "must be an e-mail address"
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in email):
        return "must not contain spaces or control characters"
    return None
