"""Which spellings mean one genre, and which names may become one."""

import sys
import unicodedata

import pytest
from hypothesis import strategies as st

from local.sample_data_shape import GENRES
from shared.cache.redis.redis_store import keys_of
from shared.tracks.genres import MAX_GENRE_LENGTH, fold, may_be_spelling, objection, tidy
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

REFUSED = [
    "",
    "all",
    "ALL",
    "\uff21ll{",
    "a{b",
    "a}b",
    "a\nb",
    "a\x00b",
    "a\x7fb",
    "a\x85b",
    "\ud800",
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_these_spellings_are_one_genre(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_these_spellings_are_two_genres(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize("name", REFUSED)
def test_these_names_may_not_become_a_genre(name: str) -> None:
    assert objection(name) is not None


@pytest.mark.parametrize("name", [*dict(GENRES), "Children’s Music", "All Stars", "アニメ", "é"])
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
