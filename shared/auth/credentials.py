"""E-mail addresses and passwords: how they are written, and which are refused at sign-up.

Passwords follow OWASP ASVS 5.0, section 6.2: no rules of composition (6.2.5), no change of the
characters (6.2.8), room for a sentence (6.2.9). A list of forbidden passwords (6.2.4) is set in the
Firebase project's password policy.
"""

import unicodedata
from typing import Final

MAX_EMAIL_LENGTH: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""

MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
"""In code points."""

_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zs", "Zl", "Zp"})


def normalised_email(email: str) -> str:
    """Trimmed, NFC, lower case: Firebase ignores case on both sides of the `@`."""
    return unicodedata.normalize("NFC", email.strip()).lower()


def email_objection(email: str) -> str | None:
    """Why a normalised text cannot be an address, or None; Firebase checks the rest."""
    if len(email) > MAX_EMAIL_LENGTH:
        return f"must have at most {MAX_EMAIL_LENGTH} characters"
    name, _, domain = email.rpartition("@")
    if not name or not domain:
        return "must be an e-mail address"
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in email):
        return "must not contain spaces or control characters"
    return None


def password_objection(password: str) -> str | None:
    """Why this cannot become a password, or None."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"must have at least {MIN_PASSWORD_LENGTH} characters"
    if len(password) > MAX_PASSWORD_LENGTH:
        return f"must have at most {MAX_PASSWORD_LENGTH} characters"
    if not _has_utf8_form(password):
        return "must be Unicode text"
    return None


def _has_utf8_form(text: str) -> bool:
    """False for a text with a lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
