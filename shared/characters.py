r"""Characters without a glyph, as the inside of a regular expression's brackets.

They hide in a text, and forge or reorder what stands beside them. Escapes are Python's: `ecma`
writes those of other languages.
"""

import re
from typing import Final

CONTROL: Final = r"\x00-\x1f\x7f-\x9f"
"""Category Cc."""

FORMAT: Final = (
    r"\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f"
)
"""Format characters, line and paragraph separators: categories Cf, Zl and Zp."""

INVISIBLE: Final = (
    FORMAT + r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2065\u2800\u3164\ufe00-\ufe0f"
    r"\uffa0\ufff0-\ufff8\U00013440-\U00013442\U00016fe4\U0001d159\U000e0000\U000e0002-\U000e001f"
    r"\U000e0080-\U000e0fff"
)
"""FORMAT, every Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), and the fillers
of Braille, Egyptian hieroglyphs, Khitan and music."""

SURROGATE: Final = r"\ud800-\udfff"
"""Halves of surrogate pairs: they have no UTF-8 form."""


def ecma(ranges: str) -> str:
    """The same ranges for JSON Schema (ECMA-262), whose escapes have at most four digits."""
    return re.sub(r"\\U(.{8})", lambda escape: chr(int(escape[1], 16)), ranges)
