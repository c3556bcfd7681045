"""Characters and lengths, as Python and T-SQL can both check them."""

import re
from typing import Final

from shared import characters

UNSTORABLE: Final = re.compile(f"[{characters.CONTROL}{characters.SURROGATE}]")
"""Control characters, and halves of surrogate pairs."""

COMBINING: Final = re.compile(
    "[\u0300-\u036f\u1161-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099-\u309a\ufe20-\ufe2f]"
)
"""Marks, and the vowels and final consonants of Korean syllables: they may not stand in a genre.

T-SQL has no NFC and cannot tell which of them compose with the letter before them.
"""

INVISIBLE: Final = re.compile(f"[{characters.INVISIBLE}]")
VISIBLE: Final = re.compile(rf"[^\s{characters.INVISIBLE}]")


def utf16_length(text: str) -> int:
    """The length as nvarchar counts it: an emoji takes two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
