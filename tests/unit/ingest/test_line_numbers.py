"""The column `line`: the file's own numbers, whatever is in the file."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import pytest
from hypothesis import strategies as st

from shared.ingest.csv_reader import read
from shared.ingest.line_numbers import numbered
from shared.ingest.transform import Record
from shared.tracks.rejected import Rejected
from shared.tracks.track import COLUMNS
from tests.examples import given
from tests.unit.ingest.data_set import HEADER, csv_file, line

type Became = Record | Rejected


def with_lines(content: bytes) -> bytes:
    starts = (became.line for became in read(BytesIO(content)))
    return b"".join(numbered(BytesIO(content), starts))


def told(became: Sequence[Became]) -> list[tuple[int, object]]:
    """What the reader says of each line, but for its text."""
    return [
        (one.line, one.reason if isinstance(one, Rejected) else tuple(one.fields)) for one in became
    ]


def test_each_record_begins_with_its_line() -> None:
    content = csv_file(line(1), "", line(2, track_name='"two\nlines"'), "broken", line(3)).decode()
    before = ["line,", "2,", "", "4,", "", "6,", "7,", ""]
    expected = [start + text for start, text in zip(before, content.split("\n"), strict=True)]
    assert with_lines(content.encode()).decode().split("\n") == expected


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_mark_and_the_ends_of_lines_do_not_matter(bom: bytes, end: str) -> None:
    content = bom + end.join([HEADER, line(1), line(2)]).encode()
    assert (
        with_lines(content) == end.join([f"line,{HEADER}", f"2,{line(1)}", f"3,{line(2)}"]).encode()
    )


def test_a_file_that_has_the_column_stays_as_it_is() -> None:
    content = with_lines(csv_file(line(1), line(2)))
    assert with_lines(content) == content


def test_long_lines_keep_their_number() -> None:
    content = csv_file("x" * 300_000, line(1))
    found = with_lines(content)
    assert found.splitlines()[1].startswith(b"2,xxx")
    assert found.splitlines()[2] == f"3,{line(1)}".encode()


_piece = st.sampled_from(['"', '""', ",", "\n", "\r\n", "a", "é", line(1), line(2), "\n"])


@given(st.lists(_piece, max_size=30))
def test_the_reader_says_the_same_of_a_numbered_file(pieces: list[str]) -> None:
    content = f"{HEADER}\n{''.join(pieces)}".encode()
    before = list(read(BytesIO(content)))
    assert told(list(read(BytesIO(with_lines(content))))) == told(before)


@given(st.lists(st.sampled_from([line(1), line(2, track_name='"a\nb"'), ""]), max_size=9))
def test_another_reader_finds_the_line_of_each_record(lines: list[str]) -> None:
    content = csv_file(*lines)
    rows = csv.DictReader(StringIO(with_lines(content).decode(), newline=""))
    found = [(int(row.pop("line")), tuple(row[name] for name in COLUMNS)) for row in rows]
    assert found == told(list(read(BytesIO(content))))
