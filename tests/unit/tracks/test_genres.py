"""Which spellings mean one genre, and which names may become one."""

import sys
import unicodedata

import pytest
from hypothesis import strategies as st

from local.sample_data_shape import GENRES
from shared.cache.redis.redis_store import keys_of
from shared.tracks.genres import (
    MAX_GENRE_LENGTH,
    fold,
    is_composed,
    may_be_spelling,
    objection,
    tidy,
)
from shared.tracks.text import utf16_length
from tests.examples import given

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

SAME = [
    ("Pop", "pop"),
    ("Pop", " POP\t"),
    ("Children's Music", "Children’s Music"),
    ("Children’s Music", "CHILDREN'S MUSIC"),
    ("R&B", "r&b"),
    ("Straße", "STRASSE"),
    ("Musikk é", "musikk e\u0301"),
    ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    ("\u212b", "å"),
]

OTHER = [
    ("Hip-Hop", "Hip Hop"),
    ("Pop", "P\u00f3p"),
    ("A Capella", "A  Capella"),
    ("Pop", "\uff30op"),
]

EMPTY = "must not be empty"
IS_ALL = "must not be 'all', which names the list of all genres"
BRACES = "must not contain '{' or '}'"
CONTROL = "must not contain control characters"
UNSEEN = "must not contain invisible characters"
UNKNOWN = "must not contain unassigned or private-use characters"

REFUSED = [
    ("", EMPTY),
    ("all", IS_ALL),
    ("ALL", IS_ALL),
    ("\uff21ll{", BRACES),
    ("a{b", BRACES),
    ("a}b", BRACES),
    ("a\nb", CONTROL),
    ("a\x00b", CONTROL),
    ("a\x7fb", CONTROL),
    ("a\x85b", CONTROL),
    ("\ud800", CONTROL),
    ("al\u00adl", UNSEEN),
    ("\ufeffgenre", UNSEEN),
    ("\u200b", UNSEEN),
    ("Po\u200dp", UNSEEN),
    ("\u2764\ufe0f", UNSEEN),
    ("Po\u2028p", UNSEEN),
    ("Pop\u034f", UNSEEN),
    ("Pop\u3164", UNSEEN),
    ("Pop\U000e0061", UNSEEN),
    ("Pop\u2800", UNSEEN),
    ("Pop\ue000", UNKNOWN),
    ("Pop\ufdd0", UNKNOWN),
    ("Pop\U0010fffd", UNKNOWN),
    ("Pop\u0378", UNKNOWN),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_spellings_are_one_genre(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_these_spellings_are_two_genres(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("name", "why"), REFUSED)
def test_these_names_may_not_become_a_genre(name: str, why: str) -> None:
    assert objection(name) == why


@pytest.mark.parametrize(
    "name",
    [
        *dict(GENRES),
        "Children’s Music",
        "All Stars",
        "アニメ",
        "é",
        "Straße",
        "\uff41\uff4c\uff4c",
        "\U0001f3a7",
        "हिन्दी",
        "\U00010414",
    ],
)
def test_these_names_may_become_a_genre(name: str) -> None:
    assert objection(tidy(name)) is None


def test_a_name_may_be_as_long_as_the_column_and_no_longer() -> None:
    assert objection("é" * MAX_GENRE_LENGTH) is None
    assert objection("é" * (MAX_GENRE_LENGTH + 1)) is not None


def test_no_spelling_of_a_genre_is_longer_than_what_is_looked_up() -> None:
    """Each character of a name in its longest spelling: folded or not, composed or not."""
    for name in filter(None, map(tidy, map(chr, range(sys.maxunicode + 1)))):
        for cased in (name, name.casefold(), name.upper(), name.lower(), name.title()):
            spelling = unicodedata.normalize("NFD", cased)
            longest = spelling * (MAX_GENRE_LENGTH // utf16_length(name))
            assert may_be_spelling(f"  {longest}  ")


@given(TEXT)
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@given(TEXT)
def test_tidying_a_tidy_name_changes_nothing(name: str) -> None:
    assert tidy(tidy(name)) == tidy(name)
    assert unicodedata.is_normalized("NFC", tidy(name))


@given(TEXT)
def test_a_name_and_what_is_stored_of_it_are_one_genre(name: str) -> None:
    assert fold(tidy(name)) == fold(name)


@given(TEXT)
def test_every_spelling_that_unicode_calls_equal_is_one_genre(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(name)


@given(TEXT)
def test_no_genre_leaves_its_keys_hash_tag(name: str) -> None:
    if objection(tidy(name)) is None:
        keys = keys_of(tidy(name))
        assert keys.version[1 : keys.version.index("}")] == keys.list


@pytest.mark.parametrize("name", ["Straße", "\u1fb3", "\u01f0", "İstanbul", "İ\u0653", "ﬁ", "ग़ज़ल"])
def test_t_sql_folds_these_names_letter_by_letter(name: str) -> None:
    assert is_composed(name)
    assert "".join(map(fold, name)) == fold(name)


@pytest.mark.parametrize("name", ["e\u0301", "\u212b", "क\u094d\u093c", "İ\u094d", "\u1112\u1161"])
def test_t_sql_cannot_fold_these_names(name: str) -> None:
    assert not is_composed(name)


@given(TEXT)
def test_a_composed_name_is_folded_letter_by_letter(name: str) -> None:
    if is_composed(name):
        assert "".join(fold(letter) or letter for letter in name).strip() == fold(name)
