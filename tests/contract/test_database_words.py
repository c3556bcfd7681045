"""The procedure `spotify.read_words` reads and folds genres as Python does, on a T-SQL server."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from shared.repository import migrations
from shared.tracks.genres import MAX_GENRE_LENGTH, fold, is_composed, objection
from shared.tracks.text import VISIBLE, utf16_length

PROCEDURES: Final = Path(migrations.__path__[0]) / "versions"
FAULTS: Final = {
    2: "must not contain control characters",
    3: "must not contain invisible characters",
    4: "must not contain unassigned or private-use characters",
}
WORD: Final = sa.table("#word", *map(sa.column, ("word", "units", "fault", "is_visible", "folded")))
PLANE: Final = 0x10000
BATCH: Final = 1000
SURROGATES: Final = (55296, 56319, 56320, 57343)
TO_PRIVATE: Final = 0x1800

type Read = tuple[int | None, int | None, int | None, str | None]
"""units, fault, is_visible, folded"""

pytestmark = pytest.mark.tsql


class Words:
    """The table `#word` on one connection."""

    procedure = "spotify.read_words"

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    def read(self, words: Sequence[str]) -> dict[str, Read]:
        self.connection.exec_driver_sql("TRUNCATE TABLE #word")
        for batch in batched(words, BATCH, strict=False):
            self.connection.execute(sa.insert(WORD).values([{"word": word} for word in batch]))
        self.connection.exec_driver_sql(f"EXEC {self.procedure}")
        rows = self.connection.execute(sa.select(WORD)).all()
        return {word: (units, fault, seen, folded) for word, units, fault, seen, folded in rows}

    def check(self, words: Iterable[str]) -> int:
        """Compare with Python; return how many words those were."""
        asked = list(dict.fromkeys(words))
        read = self.read(asked)
        wrong = [
            (ascii(word), read[word], expected(word))
            for word in asked
            if read[word] != expected(word, read[word])
        ]
        assert wrong[:5] == []
        return len(asked)


class WordsInUnits(Words):
    """What SQL Server reads, on a server that counts code points and stores no surrogate.

    Each surrogate, in the procedures and in what they read, is a private-use character instead.
    """

    procedure = "spotify.read_units_words"

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        for name in ("characters", "folds", "words"):
            text = (PROCEDURES / f"0003_read_{name}.sql").read_text("utf-8")
            text = in_units(text).replace("spotify.read_", "spotify.read_units_")
            for surrogate in SURROGATES:
                text = text.replace(str(surrogate), str(surrogate + TO_PRIVATE))
            connection.exec_driver_sql(text)

    def read(self, words: Sequence[str]) -> dict[str, Read]:
        read = super().read([in_units(word) for word in words])
        return {
            in_code_points(word): (units, fault, seen, folded and in_code_points(folded))
            for word, (units, fault, seen, folded) in read.items()
        }


def in_units(text: str) -> str:
    """The text with each surrogate as a private-use character."""
    pairs = re.sub(r"[^\0-\uffff]", lambda wide: _as_pair(wide[0]), text)
    return pairs.translate({code: code + TO_PRIVATE for code in range(0xD800, 0xE000)})


def in_code_points(text: str) -> str:
    first, last = 0xD800 + TO_PRIVATE, 0xE000 + TO_PRIVATE
    pairs = text.translate({code: code - TO_PRIVATE for code in range(first, last)})
    return pairs.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _as_pair(character: str) -> str:
    units = memoryview(character.encode("utf-16-le")).cast("H")
    return "".join(map(chr, units))


def expected(word: str, read: Read | None = None) -> Read:
    """What Python says; T-SQL may fold a word that a genre cannot be as it likes."""
    units = utf16_length(word)
    fault = 1 if not is_composed(word) else fault_of(word)
    folded = fold(word) if units <= MAX_GENRE_LENGTH else None
    if fault == 1 and read is not None:
        folded = read[3]
    return units, fault, int(VISIBLE.search(word) is not None), folded


def fault_of(word: str) -> int | None:
    reason = objection(word.translate({ord("{"): "(", ord("}"): ")"})[:MAX_GENRE_LENGTH])
    return next((fault for fault, said in FAULTS.items() if said == reason), None)


@pytest.fixture
def connection(tsql_engine: sa.Engine) -> Iterator[sa.Connection]:
    """With the table `#word`."""
    load = (PROCEDURES / "0003_load_features.sql").read_text("utf-8")
    created = re.search(r"CREATE TABLE #word \(.*?\);", load, re.DOTALL)
    assert created is not None
    with tsql_engine.connect() as connection:
        connection.connection.driver_connection.timeout = 0  # type: ignore[union-attr]  # it is open
        connection.exec_driver_sql(created[0])
        yield connection
        connection.invalidate()


@pytest.fixture
def words(connection: sa.Connection) -> Words:
    return Words(connection)


def characters(first: int, last: int) -> Iterator[str]:
    """Those that a server stores and does not trim: no NUL, no surrogates, no blanks."""
    for code in range(max(first, 1), last + 1):
        character = chr(code)
        if unicodedata.category(character) != "Cs" and not character.isspace():
            yield character


@pytest.mark.parametrize("plane", range(17))
def test_every_character_is_read_as_python_reads_it(words: Words, plane: int) -> None:
    """All of a plane that has assigned characters; the others, by far the most, at their ends."""
    first = plane * PLANE
    last = first + PLANE - 1
    if plane in {0, 1, 2, 3, 14}:
        assert words.check(characters(first, last)) > 60_000
    else:
        ends = (*characters(first, first + 99), *characters(last - 99, last))
        assert words.check(ends) == 200


def test_every_character_is_read_within_a_word_as_python_reads_it(words: Words) -> None:
    blanks = [chr(code) for code in range(0x20, 0x3100) if chr(code).isspace()]
    read = [letter for letter in letters() if not fault_of(letter)]
    apart = ("-".join((*batch, "")) for batch in batched([*read, *blanks], 20, strict=False))
    together = map("".join, batched(read, 50, strict=False))
    assert words.check((*apart, *together)) > 4000


def letters() -> list[str]:
    """The assigned characters that NFC leaves alone."""
    found = (
        letter
        for plane in (0, 1)
        for letter in characters(plane * PLANE, plane * PLANE + PLANE - 1)
    )
    return [letter for letter in found if is_composed(letter)]


def composing() -> list[tuple[str, str]]:
    """Pairs of them that NFC composes (UnicodeData.txt, field 5)."""
    pairs = []
    for letter in letters():
        codes = unicodedata.decomposition(letter).split()
        if len(codes) == 2 and not codes[0].startswith("<"):
            one, other = (chr(int(code, 16)) for code in codes)
            if is_composed(one) and is_composed(other):
                pairs.append((one, other))
    return pairs


def test_marks_are_ordered_and_composed_as_nfc_does(words: Words) -> None:
    pairs = composing()
    marks = [letter for letter in letters() if unicodedata.combining(letter)]
    assert len(pairs) > 40
    assert len(marks) > 600
    firsts = {one for one, _ in pairs} | {"a", "\u0130", "\u00df", "\u0390", "\u092f"}
    seconds = {other for _, other in pairs}
    assert words.check(one + other for one in marks for other in marks[::7]) > 50_000
    assert words.check(one + other for one in firsts for other in (*marks, *seconds)) > 20_000
    between = (one + mark + other for one in firsts for mark in marks[::9] for other in seconds)
    assert words.check(between) > 50_000


@pytest.fixture
def words_in_units(connection: sa.Connection) -> Words:
    if connection.scalar(sa.text("SELECT LEN(N'\U0001f3a7')")) == 2:
        pytest.skip("the server counts UTF-16 units: the other tests read them")
    return WordsInUnits(connection)


def test_surrogates_are_read_as_the_characters_that_they_are(words_in_units: Words) -> None:
    with_marks = [
        letter for letter in letters() if letter > "\uffff" and unicodedata.combining(letter)
    ]
    wide = [*characters(PLANE, 2 * PLANE - 1), *characters(0xE0000, 0xE01FF), "\U00020bb7"]
    around = [f"\u00df{letter}\u0130{other}" for letter in wide[::50] for other in with_marks[::9]]
    pairs = [one + other for one, other in composing() if one > "\uffff"]
    assert len(pairs) > 5
    assert words_in_units.check([*wide, *around, *pairs]) > 80_000
    assert words_in_units.check("\U0001f3a7" * count for count in (1, 49, 50, 51, 60)) == 5
