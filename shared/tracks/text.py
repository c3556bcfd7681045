"""Characters and lengths, as Python and T-SQL can both check them."""

import re
from typing import Final

UNSTORABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs."""

COMBINING: Final = re.compile(
    "[\u0300-\u036f\u1161-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099-\u309a\ufe20-\ufe2f]"
)
"""Marks, and the vowels and final consonants of Korean syllables: they may not stand in a genre.

T-SQL has no NFC and cannot tell which of them compose with the letter before them.
"""

INVISIBLE_RANGES: Final = (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    r"\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    r"\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U00013442\U00016fe4\U0001bca0-\U0001bca3"
    r"\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters without a glyph, as the inside of a regular expression's brackets.

They are the categories Cf, Zl and Zp, every Default_Ignorable_Code_Point (Unicode,
DerivedCoreProperties.txt), and the fillers of Braille, Egyptian hieroglyphs, Khitan and music.
"""

INVISIBLE: Final = re.compile(f"[{INVISIBLE_RANGES}]")
VISIBLE: Final = re.compile(rf"[^\s{INVISIBLE_RANGES}]")


def utf16_length(text: str) -> int:
    """The length as nvarchar counts it: an emoji takes two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
