"""Texts from outside as they are shown: on one line, in order, and without control characters."""

import sys
import unicodedata

import pytest

from shared.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Zoë, 山田 \U0001f3a7\xa0x\u3000y", "Zoë, 山田 \U0001f3a7\xa0x\u3000y"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202edrowssap\u2066", r"\u202edrowssap\u2066"),
        ("a\u2028b\u200bc\ufeff", r"a\u2028b\u200bc\ufeff"),
        ("\udcff\U000e0041", r"\udcff\U000e0041"),
    ],
)
def test_what_is_not_printable_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_character_of_unicode_is_obeyed_by_a_terminal_or_hidden() -> None:
    for code in range(sys.maxunicode + 1):
        for character in printable(chr(code)):
            assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
