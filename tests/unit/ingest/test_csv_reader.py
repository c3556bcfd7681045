"""The CSV reader: every variant of the file, and broken lines."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import strategies as st

from shared.ingest.csv_reader import read
from shared.ingest.lines import MAX_RECORD_BYTES
from shared.ingest.load_errors import FileError
from shared.ingest.transform import Record, transform
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS
from tests.examples import given
from tests.unit.ingest import reference_reader

HEADER = ",".join(COLUMNS)
REAL_START = Path(__file__).parents[4] / "shared" / "data" / "SpotifyFeatures-first-1397.csv"


def row(title: str, *, genre: str = "Pop") -> str:
    """A line whose third field is `title`, exactly as given."""
    return ",".join([genre, "Nilo Vesta", title, *(["x"] * 15)])


def read_text(*lines: str, end: str = "\n", last: str = "\n") -> list[Record | Rejected]:
    return read_bytes((end.join([HEADER, *lines]) + last).encode())


def read_bytes(content: bytes) -> list[Record | Rejected]:
    return list(read(BytesIO(content)))


def titles(became: Sequence[Record | Rejected]) -> list[str]:
    """The titles of the records, and the reasons of what is rejected."""
    return [one.reason if isinstance(one, Rejected) else one.fields[2] for one in became]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\r\n", "\n\n", "\r\n\r\n"])
def test_bom_and_line_ends_do_not_matter(bom: bytes, end: str, last: str) -> None:
    text = end.join([HEADER, row("One"), row('"Two, too"')]) + last
    assert titles(read_bytes(bom + text.encode())) == ["One", "Two, too"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"The ""Real"" One"', 'The "Real" One'),
        ('""""', '"'),
        ('""', ""),
        ("", ""),
        ('"Hello, Goodbye"', "Hello, Goodbye"),
        (r"AC\DC", r"AC\DC"),
        (r'"C:\"', "C:\\"),
        (r'"\""quoted\"""', '\\"quoted\\"'),
        ('"Two\nlines"', "Two\nlines"),
        ('"Two\r\nlines"', "Two\r\nlines"),
        ('"Three\n\n, ""lines"""', 'Three\n\n, "lines"'),
        ("残酷な天使のテーゼ", "残酷な天使のテーゼ"),
        ("Rock &amp; Roll", "Rock &amp; Roll"),
        (" padded ", " padded "),
        ("a\u2028b\x0bc\x1cd\x85e", "a\u2028b\x0bc\x1cd\x85e"),
    ],
)
def test_a_field_is_read_as_rfc_4180_means_it(written: str, meant: str) -> None:
    assert titles(read_text(row(written), row("next"))) == [meant, "next"]


def test_columns_may_come_in_any_order() -> None:
    names = sorted(COLUMNS)
    became = read_bytes(f"{','.join(names)}\n{','.join(names)}\n".encode())
    assert became == [Record(2, COLUMNS, ",".join(names))]


def test_a_header_may_be_quoted_and_padded() -> None:
    header = ", ".join(f'"{name}"' for name in COLUMNS).replace(", ", ",")
    padded = HEADER.replace(",", " ,\t")
    assert len(read_bytes(f"{header}\r\n{row('One')}".encode())) == 1
    assert len(read_bytes(f"{padded}\r\n{row('One')}".encode())) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "header"),
        (b"\n\n", "header"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-be"), "NUL"),
        (b"\x1f\x8b\x08\x00rest", "gzip"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"PAR1rest", "Parquet"),
        (b"\x7fELF\0\0", "NUL"),
        (HEADER.replace("tempo,", "").encode(), "missing 'tempo'"),
        (HEADER.replace("tempo", "speed").encode(), "unknown 'speed'"),
        (HEADER.replace("tempo", "key").encode(), "repeated 'key'"),
        (f"{HEADER},more".encode(), "unknown 'more'"),
        (HEADER.replace(",", ";").encode(), "missing 'genre'"),
        (row("no header").encode(), "missing 'genre'"),
        (HEADER.replace("genre", '"genre').encode(), "bare quote"),
        (HEADER.replace("genre", "genr\u00e9").encode("latin-1"), "not UTF-8"),
        (b"x" * 200_000, "too long"),
        (HEADER.encode() + b"\r" + row("One").encode() + b"\r", "not with CR alone"),
        (b"\xef\xbb\xbf" + (HEADER + "\r").encode() * 1000, "not with CR alone"),
        ("Genre" + HEADER.removeprefix("genre"), "unknown 'Genre'"),
    ],
)
def test_a_file_that_is_not_the_data_set_is_refused(content: bytes | str, message: str) -> None:
    with pytest.raises(FileError, match=message):
        read_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_header_alone_gives_no_records() -> None:
    assert read_text() == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Pop", "record: wrong number of fields"),
        (",".join("x" * 17), "record: wrong number of fields"),
        (",".join("x" * 19), "record: wrong number of fields"),
        (" ", "record: wrong number of fields"),
        (row('Ti"tle'), "record: bare quote"),
        (row('"Ti"tle"'), "record: bare quote"),
        (row('"Title" '), "record: bare quote"),
        (row(' "Title"'), "record: bare quote"),
        (row('"Title'), "record: unterminated quote"),
        (row('"Title""'), "record: unterminated quote"),
        (row('"""Title'), "record: unterminated quote"),
        (row("x" * MAX_RECORD_BYTES), "record: too long"),
        (row("x" * 5 * MAX_RECORD_BYTES), "record: too long"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_a_broken_line_itself_is_rejected(line: str, reason: str, end: str) -> None:
    good = [row("One"), line, row("Two"), row('"Three, ""quoted"""'), row('"F\nour"'), row("Five")]
    became = read_text(*good, end=end)
    assert titles(became) == ["One", reason, "Two", 'Three, "quoted"', "F\nour", "Five"]


def test_a_broken_last_line_is_reported() -> None:
    became = read_text(row("One"), row('"cut off'), last="")
    assert became[1:] == [Rejected(3, "record: unterminated quote", row('"cut off'))]


def test_lines_after_an_open_quote_are_read_even_when_no_quote_follows() -> None:
    became = read_text(row('"open'), *[row(f"Title {number}") for number in range(2000)])
    assert titles(became) == [
        "record: unterminated quote",
        *[f"Title {number}" for number in range(2000)],
    ]


def test_a_line_that_is_not_utf_8_is_rejected_and_shown() -> None:
    broken = row("Caf").replace("Caf", "Caf\u00e9").encode("latin-1")
    content = b"\n".join([HEADER.encode(), row("One").encode(), broken, row("Two").encode()])
    became = read_bytes(content)
    assert titles(became) == ["One", "record: not UTF-8", "Two"]
    assert isinstance(became[1], Rejected)
    assert became[1].raw == row(r"Caf\xe9")


def test_bytes_that_are_not_utf_8_after_an_open_quote_are_two_rejected_lines() -> None:
    content = "\n".join([HEADER, row('"open'), row("\u00e9"), row("Two")]).encode("latin-1")
    assert titles(read_bytes(content)) == [
        "record: unterminated quote",
        "record: not UTF-8",
        "Two",
    ]


def test_line_numbers_are_those_of_the_file() -> None:
    became = read_text(row("One"), "", row('"a\nb\nc"'), "broken", row('"open'), row("Last"))
    assert [one.line for one in became] == [2, 4, 7, 8, 9]


def test_a_rejected_line_that_was_too_long_is_cut() -> None:
    (became,) = read_text(row("x" * 3 * MAX_RECORD_BYTES))
    assert isinstance(became, Rejected)
    assert len(became.raw) == MAX_RECORD_BYTES


def test_a_line_of_any_length_takes_bounded_memory() -> None:
    class Endless:
        """A header, then 64 MiB without a line break."""

        def __init__(self) -> None:
            self.left = 256
            self.started = False

        def read(self, size: int, /) -> bytes:
            if not self.started:
                self.started = True
                return HEADER.encode() + b"\n"
            self.left -= 1
            return b"x" * size if self.left > 0 else b""

    (became,) = list(read(Endless()))
    assert isinstance(became, Rejected)
    assert len(became.raw) == MAX_RECORD_BYTES


def test_an_open_quote_is_given_up_long_before_the_end_of_a_large_file() -> None:
    lines = [HEADER, row('"open'), *[row(f"Title {number}") for number in range(100_000)]]
    stream = BytesIO("\n".join(lines).encode())
    assert titles([next(read(stream))]) == ["record: unterminated quote"]
    assert stream.tell() < 10 * MAX_RECORD_BYTES


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_it_does_not_matter_how_the_stream_is_cut_into_reads(size: int) -> None:
    text = "\r\n".join([HEADER, row('"a,\n""b"""'), row("é" * 9), "broken", row("last")])

    class Trickle(BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(min(wanted or 0, size) if self.tell() > len(HEADER) else wanted)

    assert list(read(Trickle(text.encode()))) == read_bytes(text.encode())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_bom_may_arrive_a_byte_at_a_time(size: int) -> None:
    class Trickle(BytesIO):
        def read(self, wanted: int | None = -1, /) -> bytes:
            return super().read(min(wanted or 0, size))

    content = ("\ufeff" + HEADER + "\n" + row("One")).encode()
    assert titles(list(read(Trickle(content)))) == ["One"]
    with pytest.raises(FileError, match="UTF-16"):
        list(read(Trickle(HEADER.encode("utf-16"))))


field_texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12
) | st.text('",\n\\x', max_size=8)


@given(st.lists(st.lists(field_texts, min_size=18, max_size=18), max_size=6))
def test_whatever_the_csv_writer_writes_is_read_back(rows: list[list[str]]) -> None:
    text = StringIO(newline="")
    csv.writer(text).writerows([COLUMNS, *rows])
    became = read_bytes(text.getvalue().encode())
    assert [list(one.fields) for one in became if isinstance(one, Record)] == rows


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_or_lose_the_line_after_them(garbage: bytes) -> None:
    became = read_bytes(HEADER.encode() + b"\n" + garbage + b"\n" + row("safe").encode() + b"\n")
    assert titles(became[-1:]) == ["safe"]


@given(st.text('",\nx', max_size=60))
def test_quotes_and_breaks_anywhere_lose_no_line_after_them(garbage: str) -> None:
    became = read_text(garbage, row('"quoted, safe"'))
    assert titles(became[-1:]) == ["quoted, safe"]


@given(st.text('",\n\rx', max_size=60), st.integers(0, 3), st.sampled_from(["", "\n"]))
def test_any_quotes_and_breaks_give_what_the_rules_say_literally(
    garbage: str, records: int, last: str
) -> None:
    whole = row('"Two\nlines, ""quoted"""')
    text = "\n".join([HEADER, garbage, *[whole] * records, garbage]) + last
    assert read_bytes(text.encode()) == list(reference_reader.read(text))


@pytest.mark.skipif(not REAL_START.is_file(), reason="the start of the real file is not here")
def test_the_start_of_the_real_file_is_read_as_the_standard_library_does() -> None:
    with REAL_START.open(encoding="utf-8-sig", newline="") as file:
        expected = list(csv.reader(file))[1:]
    with REAL_START.open("rb") as stream:
        became = list(read(stream))
    assert [list(one.fields) for one in became if isinstance(one, Record)] == expected
    assert len(became) == 1397
    assert not any(
        isinstance(transform(one), Rejected) for one in became if isinstance(one, Record)
    )
