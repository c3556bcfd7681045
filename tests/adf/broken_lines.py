"""Every kind of broken line, with the reason that the CLI and the pipeline give for it.

Copy accepts more than our reader: it takes a bare quote as text, and an open quote continues on
the next line. Those kinds are for the CLI only. A row that Copy cannot stage is in Copy's log, not
among the rejects. The kind DUPLICATE repeats a good line, `line(1, genre="Pop")`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from shared.tracks import rejected
from tests.unit.ingest.data_set import line

SKIPPED: Final = "skipped by Copy"
_FIRST_NUMBER: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` contains NUMBER; `reason` is given by the CLI, `staged` by the pipeline."""

    text: str
    reason: str
    staged: str | None

    def written(self, number: int) -> bytes:
        text = self.text.replace("NUMBER", f"{number:022}")
        return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Broken:
    content: bytes
    kind: Kind


def _field(column: str, value: str, what: str) -> Kind:
    """A line with one wrong field, rejected by the CLI and the pipeline alike."""
    fields = {"track_id": "NUMBER", column: value}
    return Kind(line(0, **fields), f"{column}: {what}", f"{column}: {what}")


_RECORD: Final = line(0, track_id="NUMBER")
_FIELDS: Final = [
    _field("genre", "", rejected.EMPTY),
    _field("genre", "ALL", "must not be 'all', which names the list of all genres"),
    _field("genre", "Po{p}", "must not contain '{' or '}'"),
    _field("genre", "g" * 101, rejected.too_long(100)),
    _field("genre", "Po\u0307p", rejected.NOT_NFC),
    _field("genre", "Po\x07p", rejected.CONTROL_CHARACTER),
    _field("artist_name", " \t", rejected.EMPTY),
    _field("artist_name", "a" * 501, rejected.too_long(500)),
    _field("track_name", "", rejected.EMPTY),
    _field("track_name", "t" * 1001, rejected.too_long(1000)),
    _field("track_name", "one\ttwo", rejected.CONTROL_CHARACTER),
    _field("track_name", '"one\ntwo"', rejected.CONTROL_CHARACTER),
    _field("track_id", "short", rejected.NOT_A_TRACK_ID),
    _field("track_id", "7aB3dE5fG7hJ9kL1mN3p-5", rejected.NOT_A_TRACK_ID),
    _field("popularity", "", rejected.EMPTY),
    _field("popularity", "many", rejected.NOT_A_WHOLE_NUMBER),
    _field("popularity", "61.5", rejected.NOT_A_WHOLE_NUMBER),
    _field("popularity", "101", rejected.OUT_OF_RANGE),
    _field("duration_ms", "0", rejected.OUT_OF_RANGE),
    _field("duration_ms", "99999999999", rejected.OUT_OF_RANGE),
    _field("acousticness", "nan", rejected.NOT_A_NUMBER),
    _field("danceability", "0,5".replace(",", ";"), rejected.NOT_A_NUMBER),
    _field("energy", "1.01", rejected.OUT_OF_RANGE),
    _field("loudness", "1e99", rejected.OUT_OF_RANGE),
    _field("tempo", "-1", rejected.OUT_OF_RANGE),
    _field("valence", "high", rejected.NOT_A_NUMBER),
    _field("key", "H", rejected.UNKNOWN_VALUE),
    _field("mode", "major", rejected.UNKNOWN_VALUE),
    _field("time_signature", "7/8", rejected.UNKNOWN_VALUE),
]
_RECORDS: Final = [
    Kind(_RECORD.rpartition(",")[0], rejected.WRONG_FIELD_COUNT, rejected.WRONG_FIELD_COUNT),
    Kind("just some text", rejected.WRONG_FIELD_COUNT, rejected.WRONG_FIELD_COUNT),
    Kind(_RECORD + ",more", rejected.WRONG_FIELD_COUNT, SKIPPED),
    Kind(line(0, track_id="NUMBER", artist_name="a" * 70_000), rejected.TOO_LONG, SKIPPED),
    Kind(line(1, genre="Pop"), rejected.DUPLICATE, rejected.DUPLICATE),
]
_QUOTES: Final = [
    Kind(line(0, track_id="NUMBER", artist_name='Nilo "V" Vesta'), rejected.BARE_QUOTE, None),
    Kind(line(0, track_id="NUMBER", artist_name='"Nilo'), rejected.UNTERMINATED_QUOTE, None),
    Kind(line(0, track_id="NUMBER", artist_name="caf\udce9"), rejected.NOT_UTF8, None),
]

KINDS: Final = [*_FIELDS, *_RECORDS, *_QUOTES]


def broken_lines(count: int, *, staged: bool) -> Sequence[Broken]:
    """Return `count` lines, every kind in turn; `staged` leaves out the kinds that Copy accepts."""
    kinds = [kind for kind in KINDS if kind.staged or not staged]
    chosen = islice(cycle(kinds), count)
    return [Broken(kind.written(_FIRST_NUMBER + n), kind) for n, kind in enumerate(chosen)]


def interleaved(good: Sequence[bytes], broken: Sequence[Broken]) -> Iterator[bytes | Broken]:
    """Yield the good lines, with the broken ones evenly among them, never first."""
    gap = max(1, len(good) // (len(broken) + 1))
    rest = iter(broken)
    for number, content in enumerate(good, start=1):
        yield content
        if number % gap == 0 and (found := next(rest, None)) is not None:
            yield found
    yield from rest
