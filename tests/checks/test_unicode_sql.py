"""What the procedures know of Unicode is what Python knows."""

import re
import sys
import unicodedata
from pathlib import Path

import pytest

from checks.unicode_sql import procedures
from shared.tracks.genres import fold

CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1)]


@pytest.mark.parametrize("path", procedures(), ids=lambda path: path.name)
def test_the_procedures_are_what_python_writes(path: Path) -> None:
    """If Python is newer: see checks/unicode_sql.py."""
    assert path.read_text("utf-8") == procedures()[path]


def test_a_fold_is_stored_in_as_many_units_as_the_tables_have() -> None:
    """Three for each of a genre's 100: `folded nvarchar(3)` and `nvarchar(300)`."""
    widths = {
        len(fold(letter).encode("utf-16-le")) / len(letter.encode("utf-16-le"))
        for letter in CHARACTERS
        if unicodedata.category(letter) != "Cs"
    }
    assert max(widths) == 3


def test_a_dotted_capital_i_alone_folds_to_a_letter_and_a_mark() -> None:
    """`genres.is_composed` and read_words.sql know of no other: NFC could move the mark."""
    with_marks = {
        letter
        for letter in CHARACTERS
        if not unicodedata.combining(letter)
        and unicodedata.normalize("NFC", letter) == letter
        and any(map(unicodedata.combining, fold(letter)))
    }
    assert with_marks == {"\u0130"}


def test_the_dot_of_that_letter_has_the_class_that_the_procedure_names() -> None:
    words = next(iter(procedures())).with_name("0003_read_words.sql").read_text("utf-8")
    found = re.search(r"class BETWEEN 1 AND (\d+) AND s\.previous = (\d+)", words)
    assert found is not None
    last, code = map(int, found.groups())
    assert (chr(code), last + 1) == ("\u0130", unicodedata.combining(fold("\u0130")[-1]))
