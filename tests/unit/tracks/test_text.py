"""Which characters show something."""

import re
import sys
import unicodedata

import pytest

from shared.tracks.text import INVISIBLE, VISIBLE

CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1)]
WITHOUT_GLYPH = re.compile(
    r"FILLER$|FULL BLANK$|HALF BLANK$|PATTERN BLANK$|VARIATION SELECTOR|VOWEL INHERENT"
    r"|GRAPHEME JOINER$|NULL NOTEHEAD$|MIRROR HORIZONTALLY$"
)


@pytest.mark.parametrize("category", ["Cf", "Zl", "Zp"])
def test_formats_and_separators_are_invisible(category: str) -> None:
    of_category = [c for c in CHARACTERS if unicodedata.category(c) == category]
    assert of_category
    assert [c for c in of_category if not INVISIBLE.match(c)] == []


def test_no_other_assigned_character_is_invisible_but_those_whose_name_says_so() -> None:
    others = [
        unicodedata.name(c)
        for c in CHARACTERS
        if INVISIBLE.match(c) and unicodedata.category(c) not in {"Cf", "Zl", "Zp", "Cn"}
    ]
    assert len(others) > 260
    assert [name for name in others if not WITHOUT_GLYPH.search(name)] == []


def test_a_character_is_visible_unless_it_is_a_blank_or_invisible() -> None:
    for character in CHARACTERS:
        shows_nothing = character.isspace() or INVISIBLE.match(character) is not None
        assert (VISIBLE.match(character) is None) == shows_nothing


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ufeff \u3000", "\u3164", "\U000e0067\u200d"])
def test_these_texts_show_nothing(text: str) -> None:
    assert VISIBLE.search(text) is None


@pytest.mark.parametrize("text", ["a", "\u200ba", "\u0301", "\u2764\ufe0f", "\ue000", "\U0001f3a7"])
def test_these_texts_show_something(text: str) -> None:
    assert VISIBLE.search(text) is not None
