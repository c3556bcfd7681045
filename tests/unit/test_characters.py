"""Which characters have no glyph, and how other languages write them."""

import re
import sys
import unicodedata

import pytest

from shared.characters import CONTROL, FORMAT, INVISIBLE, SURROGATE, ecma

CHARACTERS = "".join(map(chr, range(sys.maxunicode + 1)))


@pytest.mark.parametrize(
    ("ranges", "categories"),
    [(CONTROL, {"Cc"}), (FORMAT, {"Cf", "Zl", "Zp"}), (SURROGATE, {"Cs"})],
    ids=["control", "format", "surrogate"],
)
def test_the_ranges_are_these_categories(ranges: str, categories: set[str]) -> None:
    of_categories = {one for one in CHARACTERS if unicodedata.category(one) in categories}
    assert set(re.findall(f"[{ranges}]", CHARACTERS)) == of_categories


def test_ecma_writes_the_same_characters_with_short_escapes() -> None:
    assert "\\U" in INVISIBLE
    assert "\\U" not in ecma(INVISIBLE)
    assert re.findall(f"[{ecma(INVISIBLE)}]", CHARACTERS) == re.findall(
        f"[{INVISIBLE}]", CHARACTERS
    )
