"""Which passwords are accepted: OWASP ASVS 5.0, section 6.2.

No rules of composition (6.2.5), no change of the characters (6.2.8), room for a sentence (6.2.9).
A list of forbidden passwords (6.2.4) is the Firebase project's to set, in its password policy.
"""

from typing import Final

MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
"""In code points."""


def objection(password: str) -> str | None:
    """Why this may not become a password, or None."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"must have at least {MIN_PASSWORD_LENGTH} characters"
    if len(password) > MAX_PASSWORD_LENGTH:
        return f"must have at most {MAX_PASSWORD_LENGTH} characters"
    if not _is_text(password):
        return "must be Unicode text"
    return None


def _is_text(value: str) -> bool:
    """Whether it has a UTF-8 form: lone surrogates have none."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
