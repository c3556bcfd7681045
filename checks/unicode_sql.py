"""Writes what T-SQL must know of Unicode into two procedures, from Python's own tables.

`python -m checks.unicode_sql` writes the files, and a test compares them with Python: a newer
Python knows more characters. A released revision never changes, so a newer one then creates the
procedures again from files of its own: `REVISION` names it.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import batched, groupby
from pathlib import Path
from textwrap import fill
from typing import Final

from shared.repository import migrations
from shared.tracks.genres import fold
from shared.tracks.text import COMBINING, INVISIBLE, VISIBLE, utf16_length

REVISION: Final = "0003"
FOLDER: Final = Path(migrations.__path__[0]) / "versions"

type Row = tuple[int | str, ...]

_NOT_NFC, _CONTROL, _INVISIBLE, _UNKNOWN = 1, 2, 3, 4
_FAULTS: Final = {"Cc": _CONTROL, "Cs": _CONTROL, "Cn": _UNKNOWN, "Co": _UNKNOWN}
_CHARACTERS: Final = tuple(map(chr, range(sys.maxunicode + 1)))
_LETTERS_IN_A_ROW: Final = 40

_PROCEDURE: Final = """\
-- Written by `python -m checks.unicode_sql` from Unicode {version}: do not edit.
{about}CREATE PROCEDURE spotify.{name}
AS
BEGIN
    SET NOCOUNT ON;
{body}END
"""
_ABOUT_CHARACTERS: Final = f"""\
-- #fault_range: characters that may not stand in a genre: NFC may change them ({_NOT_NFC}), control
-- characters ({_CONTROL}), invisible ones ({_INVISIBLE}), unassigned and private ones ({_UNKNOWN}).
-- #blank_range: characters that show nothing. #class_range: marks, and their canonical combining
-- classes. #pair: characters that NFC composes.
"""
_ABOUT_FOLDS: Final = """\
-- #fold: letters that folding changes. Those that are one UTF-16 unit before and after stand in
-- pairs of strings, for each of which #place has the places.
"""
_LETTERS: Final = """\
    INSERT INTO #fold
    SELECT SUBSTRING(row.letters, p.place, 1), SUBSTRING(row.folded, p.place, 1) FROM (VALUES
{rows}
    ) AS row (letters, folded) JOIN #place AS p ON p.place <= LEN(row.letters);
"""


def procedures() -> Mapping[Path, str]:
    """The files and their texts."""
    return dict(
        (
            _procedure("read_characters", _ABOUT_CHARACTERS, _characters()),
            _procedure("read_folds", _ABOUT_FOLDS, _folds()),
        )
    )


def _procedure(name: str, about: str, body: Iterable[str]) -> tuple[Path, str]:
    version = unicodedata.unidata_version
    text = _PROCEDURE.format(version=version, about=about, name=name, body="".join(body))
    return FOLDER / f"{REVISION}_{name}.sql", text


def _characters() -> Iterator[str]:
    yield _insert("#fault_range", _ranges(_fault))
    yield _insert("#blank_range", (row[:2] for row in _ranges(_shows_nothing)))
    yield _insert("#class_range", _ranges(_class))
    yield _insert("#pair", _pairs())


def _folds() -> Iterator[str]:
    """Blanks are no letters: `fold` would trim them."""
    folds = {
        letter: folded
        for letter in _CHARACTERS
        if not letter.isspace() and not _fault(letter) and (folded := fold(letter)) != letter
    }
    short = [row for row in folds.items() if all(utf16_length(text) == 1 for text in row)]
    rows = (
        tuple(map("".join, zip(*row, strict=True)))
        for row in batched(short, _LETTERS_IN_A_ROW, strict=False)
    )
    yield _LETTERS.format(rows=_values(rows))
    yield _insert("#fold", (row for row in folds.items() if row not in short))


def _insert(table: str, rows: Iterable[Row]) -> str:
    return f"    INSERT INTO {table} VALUES\n{_values(rows)};\n"


def _values(rows: Iterable[Row]) -> str:
    """Lines of rows; a no-break space keeps `fill` from breaking within a row."""
    values = ", ".join(f"({',\xa0'.join(map(_literal, row))})" for row in rows)
    indent = " " * 8
    lines = fill(
        values, 100, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    return lines.replace("\xa0", " ")


def _literal(value: int | str) -> str:
    if isinstance(value, int):
        return str(value)
    quoted = value.replace("'", "''")
    return f"N'{quoted}'"


def _ranges(kind_of: Callable[[str], int]) -> Iterator[tuple[int, int, int]]:
    """(first, last, kind) of the characters whose kind is not 0."""
    for kind, characters in groupby(_CHARACTERS, kind_of):
        codes = [ord(character) for character in characters]
        if kind:
            yield codes[0], codes[-1], kind


def _fault(character: str) -> int:
    if COMBINING.match(character) or unicodedata.normalize("NFC", character) != character:
        return _NOT_NFC
    if INVISIBLE.match(character):
        return _INVISIBLE
    return _FAULTS.get(unicodedata.category(character), 0)


def _shows_nothing(character: str) -> int:
    return int(VISIBLE.match(character) is None)


def _class(character: str) -> int:
    """Of the marks that may stand in a genre."""
    return 0 if _fault(character) else unicodedata.combining(character)


def _pairs() -> Iterator[tuple[int, int]]:
    """Of characters that may stand in a genre (UnicodeData.txt, field 5)."""
    for composed in _CHARACTERS:
        match unicodedata.decomposition(composed).split():
            case [one, other] if not one.startswith("<"):
                first, second = chr(int(one, 16)), chr(int(other, 16))
                composes = unicodedata.normalize("NFC", first + second) == composed
                if composes and not _fault(first) and not _fault(second):
                    yield ord(first), ord(second)


def main() -> None:
    for path, text in procedures().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
