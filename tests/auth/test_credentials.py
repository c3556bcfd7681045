"""What e-mails, names and passwords may hold."""

import sys
import unicodedata

import pytest

from shared.auth.credentials import (
    display_name_objection,
    email_objection,
    password_objection,
)

ALL_CHARACTERS = "".join(map(chr, range(sys.maxunicode + 1)))


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Zoë Müller-O’Brien",
        "Đặng Thị Hương",
        "山田 太郎",
        "ﾔﾏﾀﾞ\u3000ﾀﾛｳ",
        "\u05d3\u05d5\u05d3",
        "Ada \U0001f3a7 \u2764\ufe0f",
        "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        "\u0d28\u0d4d\u200d\u0d30",
        "\u0915\u094d\u200c\u0937",
        "<b>&amp;\\x1b",
    ],
    ids=ascii,
)
def test_a_name_may_be_written_in_any_script(name: str) -> None:
    assert display_name_objection(name) is None


@pytest.mark.parametrize(
    "unseen",
    ["\n", "\r", "\t", "\0", "\x1b", "\x7f", "\x85", "\x9b", "\xad", "\u061c", "\u200b", "\u200c",
     "\u200d", "\u200e", "\u2028", "\u2029", "\u202e", "\u2060", "\u2066", "\ufeff", "\ufffb",
     "\U000e0041", "\ud800"],
    ids=ascii,
)  # fmt: skip
def test_what_is_not_seen_is_refused_in_a_name_and_in_an_email(unseen: str) -> None:
    for name in (f"Ada{unseen}Lovelace", f"{unseen}Ada", f"Ada{unseen}", unseen):
        assert display_name_objection(name)
    assert email_objection(f"ada{unseen}@example.org")
    assert email_objection(f"ada@example{unseen}.org")


@pytest.mark.parametrize("space", [" ", "\xa0", "\u3000"])
def test_spaces_are_refused_in_an_email_alone(space: str) -> None:
    assert email_objection(f"a{space}da@example.org")
    assert display_name_objection(f"A{space}da") is None


def test_a_password_may_hold_any_character_but_half_a_surrogate_pair() -> None:
    for start in range(0, len(ALL_CHARACTERS), 100):
        password = ALL_CHARACTERS[start : start + 100]
        surrogates = any(unicodedata.category(one) == "Cs" for one in password)
        assert bool(password_objection(password)) == surrogates
