"""Which passwords are accepted: OWASP ASVS 5.0, section 6.2.

No rules of composition (6.2.5), no change of the characters (6.2.8), room for a sentence (6.2.9),
and none of the passwords that are tried first (6.2.4).
"""

from itertools import islice
from typing import Final

MIN_PASSWORD_LENGTH: Final = 8
MAX_PASSWORD_LENGTH: Final = 128
"""In code points."""

COMMON_PASSWORDS: Final = 3000
"""As many of the most used ones as ASVS 6.2.4 asks for, shorter ones not counted."""


def objection(password: str) -> str | None:
    """Why this may not become a password, or None. The first call takes 40 ms."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"must have at least {MIN_PASSWORD_LENGTH} characters"
    if len(password) > MAX_PASSWORD_LENGTH:
        return f"must have at most {MAX_PASSWORD_LENGTH} characters"
    if not is_text(password):
        return "must be Unicode text"
    if is_common(password):
        return "is among the most used passwords of all, which are tried first"
    return None


def is_text(value: str) -> bool:
    """Whether it has a UTF-8 form: lone surrogates have none."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_common(password: str) -> bool:
    """Whether it is one of the most used passwords of the allowed length, in any case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 1 MB of words

    ranked = (word for word in FREQUENCY_LISTS["passwords"] if len(word) >= MIN_PASSWORD_LENGTH)
    return password.lower() in islice(ranked, COMMON_PASSWORDS)
