"""Names of genres: which spellings mean the same genre, and which names are allowed.

Only the stored spelling of a genre becomes part of a key in Redis, so these rules keep a caller's
text out of the keys.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

from shared.tracks.text import COMBINING, INVISIBLE, utf16_length

MAX_GENRE_LENGTH: Final = 100

MAX_SPELLING_LENGTH: Final = 12 * MAX_GENRE_LENGTH
"""Characters of a trimmed spelling: case folding makes up to three characters of one, and each may
be written as up to four that NFC composes. Normalising takes the square of the length."""

ALL: Final = "all"
"""Names the list of the first FEATURES_LIMIT records of all genres."""

LISTS: Final[Mapping[str, str]] = {
    ALL: "the list of all genres",
}
"""The lists that are not a genre's, and what each one is. No genre may have such a name."""


def tidy(name: str) -> str:
    """The name as it is stored: trimmed, NFC."""
    return unicodedata.normalize("NFC", name.strip()).strip()


def fold(name: str) -> str:
    """The same text for all spellings of a genre: `pop `, `Pop`; `Children’s`, `Children's`.

    Trimmed, in NFC, case-folded, and with U+2019 as U+0027. Case folding may produce text that is
    not NFC, hence the second normalisation (Unicode 16, section 3.13, D145).
    """
    folded = tidy(name).replace("\u2019", "'").casefold()
    return unicodedata.normalize("NFC", folded)


def may_be_spelling(text: str) -> bool:
    """Whether a caller's text is short enough to be a spelling of a genre: `fold` may take it."""
    return len(text.strip()) <= MAX_SPELLING_LENGTH


def is_composed(name: str) -> bool:
    """Whether T-SQL, which has no NFC, folds a trimmed name as `fold` does: letter by letter.

    NFC must leave the name as it is, and its folded letters where they are: `İ` becomes an `i` and
    a mark, which may trade places with the next mark.
    """
    return (
        COMBINING.search(name) is None
        and unicodedata.is_normalized("NFC", name)
        and ("İ" not in name or "".join(fold(c) or c for c in name) == fold(name))
    )


def objection(name: str) -> str | None:
    """Why a tidy name may not become a genre, or None if it may."""
    if not name:
        return "must not be empty"
    if utf16_length(name) > MAX_GENRE_LENGTH:
        return f"must have at most {MAX_GENRE_LENGTH} characters"
    if what := LISTS.get(fold(name)):
        return f"must not be '{fold(name)}', which names {what}"
    return _objection_to_a_character(name)


def _objection_to_a_character(name: str) -> str | None:
    """Why a genre may not have one of these characters.

    Braces would change the key's hash tag and thus its Redis Cluster slot. What is unassigned may
    get another case in a later Unicode; what is assigned never does (Unicode Character Encoding
    Stability Policies, "Case Folding Stability").
    """
    categories = set(map(unicodedata.category, name))
    if "{" in name or "}" in name:
        return "must not contain '{' or '}'"
    if categories & {"Cc", "Cs"}:
        return "must not contain control characters"
    if INVISIBLE.search(name):
        return "must not contain invisible characters"
    if categories & {"Cn", "Co"}:
        return "must not contain unassigned or private-use characters"
    return None
