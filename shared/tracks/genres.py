"""Genre names: which spellings mean the same genre, and which names a genre may have.

Only the stored spelling ever becomes part of a cache key, so this module is what stands between
a caller's text and Redis.
"""

import unicodedata
from typing import Final

from shared.tracks.text import utf16_length

MAX_GENRE_LENGTH: Final = 100

ALL: Final = "all"
"""Names the list of the first FEATURES_LIMIT records of all genres; no genre has this name."""


def tidy(name: str) -> str:
    """The name as it is stored: trimmed, NFC."""
    return unicodedata.normalize("NFC", name.strip()).strip()


def fold(name: str) -> str:
    """What two spellings of one genre have in common: `pop `, `Pop`; `Children’s`, `Children's`.

    NFC, trimming, case folding, and U+2019 as U+0027. Case folding may leave text that is not
    NFC, hence the second normalisation (Unicode 16, section 3.13, D145).
    """
    folded = tidy(name).replace("\u2019", "'").casefold()
    return unicodedata.normalize("NFC", folded)


def objection(name: str) -> str | None:
    """Why a tidy name may not become a genre, or None.

    Braces would move the key's hash tag, hence its Redis Cluster slot; `all` is a key of its own.
    """
    if not name:
        return "must not be empty"
    if utf16_length(name) > MAX_GENRE_LENGTH:
        return f"must have at most {MAX_GENRE_LENGTH} characters"
    if fold(name) == ALL:
        return "must not be 'all', which names the list of all genres"
    if "{" in name or "}" in name:
        return "must not contain '{' or '}'"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        return "must not contain control characters"
    return None
