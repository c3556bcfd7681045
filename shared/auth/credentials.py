"""E-mail addresses, names and passwords: how they are written, and which are refused at sign-up.

Passwords follow OWASP ASVS 5.0, section 6.2: no rules of composition (6.2.5), no change of the
characters (6.2.8), room for a sentence (6.2.9). A list of forbidden passwords (6.2.4) is set in the
Firebase project's password policy.
"""

import re
import unicodedata
from typing import Final

from shared.characters import CONTROL, FORMAT, SURROGATE

MAX_EMAIL_LENGTH: Final = 254
"""RFC 5321, section 4.5.3.1.3, less the angle brackets."""

MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
"""In code points."""

_UNSEEN: Final = re.compile(f"[{CONTROL}{FORMAT}{SURROGATE}]")
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_VIRAMA: Final = 9
"""The combining class of marks that join two letters of Indic scripts."""


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
    if _UNSEEN.search(email) or any(map(str.isspace, email)):
        return "must not contain spaces or control characters"
    return None


def display_name_objection(name: str) -> str | None:
    """Why this cannot become a user's name, or None."""
    if _UNSEEN.search(_without_joiners(name)):
        return "must not contain control characters or invisible ones"
    return None


def _without_joiners(name: str) -> str:
    """The name without the invisible characters that shape letters of Indic and Arabic scripts."""
    return "".join(
        character for place, character in enumerate(name) if not _shapes_letters(name, place)
    )


def _shapes_letters(name: str, place: int) -> bool:
    """RFC 5892, appendices A.1 and A.2, with "an Arabic letter" for the exact joining type."""
    if name[place] not in {_ZWNJ, _ZWJ} or not 0 < place < len(name) - 1:
        return False
    before, after = name[place - 1], name[place + 1]
    if unicodedata.combining(before) == _VIRAMA:
        return True
    arabic = unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    return name[place] == _ZWNJ and arabic


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
