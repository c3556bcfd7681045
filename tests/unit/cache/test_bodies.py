"""A list's bytes: the JSON that its rows are, whole, in pages, and compressed."""

import gzip
import hashlib
import json
import threading
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from functools import partial
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import example
from hypothesis import strategies as st

from shared.cache import bodies
from shared.cache.bodies import builder
from shared.repository.database import Row
from shared.tracks.track import COLUMNS as FULL_COLUMNS
from shared.tracks.track import View
from tests.examples import given
from tests.services.long_timeouts import LONG_SECONDS
from tests.unit.cache.rows import COLUMNS, ROWS, built, plain

ENDS_LIKE_A_RECORD: list[Row] = [
    (n, "Pop", "},{", 'a"},{"genre":"', "},{", 1, 2) for n in range(1, 4)
]


class OtherCompressor:
    """The library's own zlib in place of isal's, as another release might use it."""

    Z_FULL_FLUSH = zlib.Z_FULL_FLUSH

    def __init__(self, level: int) -> None:
        self._level = level

    def compressobj(self, _: int, wbits: int) -> object:
        return zlib.compressobj(self._level, wbits=wbits)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def records(rows: Sequence[Row]) -> list[dict[str, object]]:
    return [dict(zip(COLUMNS, row[1:], strict=True)) for row in rows]


@given(ROWS, st.integers(1, 7))
@example(ENDS_LIKE_A_RECORD, 2)
def test_the_list_is_the_json_of_its_rows(rows: list[Row], chunk: int) -> None:
    body = built(rows, chunk)
    assert json.loads(body.uncompressed()) == records(rows)
    assert body.length == len(body.uncompressed())
    assert body.rows == len(rows)


@given(ROWS, st.integers(1, 7), st.integers(0, 30), st.integers(0, 30))
@example(ENDS_LIKE_A_RECORD, 2, 1, 1)
def test_a_page_is_the_slice_of_the_list(
    rows: list[Row], chunk: int, first: int, count: int
) -> None:
    """Wherever the blocks' boundaries lie."""
    page = json.loads(built(rows, chunk).page(first, count))
    assert page == records(rows)[first : first + count]


def test_a_page_takes_no_memory_for_the_rest_of_the_list() -> None:
    body = built(plain(50_000), 100)
    tracemalloc.start()
    body.page(10, 10)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000 < len(body.gzip)


@given(ROWS, st.integers(1, 7))
def test_any_gzip_reader_inflates_the_body(rows: list[Row], chunk: int) -> None:
    body = built(rows, chunk)
    assert gzip.decompress(body.gzip) == body.uncompressed()
    stream = zlib.decompressobj(wbits=31)
    assert stream.decompress(body.gzip) == body.uncompressed()
    assert stream.eof
    assert stream.unused_data == b""


@given(ROWS, st.integers(1, 7), st.integers(1, 7))
def test_the_digest_is_of_the_uncompressed_bytes_however_they_were_cut(
    rows: list[Row], chunk: int, other: int
) -> None:
    body, same = built(rows, chunk), built(rows, other)
    assert body.digests.uncompressed == same.digests.uncompressed == digest(body.uncompressed())
    assert body.digests.pages == same.digests.pages


@given(ROWS, st.integers(1, 7), st.integers(1, 9))
def test_the_gzip_digest_is_of_the_bytes_that_this_compressor_made(
    rows: list[Row], chunk: int, level: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "isal_zlib", OtherCompressor(level))
        other = built(rows, chunk)
    for body in (built(rows, chunk), other):
        assert body.digests.gzip == digest(body.gzip)
    assert other.digests.uncompressed == built(rows, chunk).digests.uncompressed


@given(ROWS, st.integers(1, 1000))
def test_the_digest_of_pages_is_of_the_ids_too(rows: list[Row], gap: int) -> None:
    """Equal lists of two databases are cut at other places by one cursor."""
    body = built(rows)
    other = built([(row[0] + gap, *row[1:]) for row in rows])
    assert other.digests.uncompressed == body.digests.uncompressed
    assert (other.digests.pages == body.digests.pages) == (not rows)


@given(ROWS, st.integers(0, 2**42))
def test_a_cursor_finds_the_first_row_behind_it(rows: list[Row], row_id: int) -> None:
    assert built(rows).index.after(row_id) == len([row for row in rows if row[0] <= row_id])


def test_a_different_record_gives_a_different_digest() -> None:
    rows = plain(50)
    other = [*rows[:-1], (*rows[-1][:-1], 0)]
    assert not {*astuple(built(rows).digests)} & {*astuple(built(other).digests)}


def test_an_empty_list_is_an_empty_array() -> None:
    body = built([])
    assert body.uncompressed() == b"[]"
    assert gzip.decompress(body.gzip) == b"[]"
    assert body.page(0, 10) == b"[]"
    assert body.rows == 0


def test_a_page_behind_the_end_is_an_empty_array() -> None:
    body = built(plain(3))
    assert body.page(3, 10) == b"[]"
    assert body.page(99, 10) == b"[]"
    assert body.page(0, 0) == b"[]"


def test_the_last_page_is_as_long_as_what_is_left() -> None:
    assert json.loads(built(plain(10)).page(8, 5)) == records(plain(10))[8:]


def test_text_is_utf_8_not_escapes() -> None:
    """A title in Japanese takes half as many bytes."""
    rows = [(1, "アニメ", "Ó", "…", "x", 1, 2)]
    assert "アニメ".encode() in built(rows).uncompressed()


def test_records_carry_the_views_columns_in_their_order() -> None:
    row = (1, *range(len(FULL_COLUMNS)))
    body = builder(View.FULL)(iter([[row]]))
    assert list(json.loads(body.uncompressed())[0]) == list(FULL_COLUMNS)


@given(ROWS, st.integers(1, 7))
@example(ENDS_LIKE_A_RECORD, 2)
def test_records_that_the_database_serialised_make_the_same_list(
    rows: list[Row], chunk: int
) -> None:
    ready = [
        (row[0], orjson.dumps(record)) for row, record in zip(rows, records(rows), strict=True)
    ]
    assert built(ready, chunk) == built(rows, chunk)


def test_the_second_thread_compresses_while_rows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits for the other: in one thread, neither would ever go on."""
    rows_read, compressed = threading.Semaphore(0), threading.Semaphore(0)
    chunks = 5 * bodies.BATCH_BLOCKS

    class Waiting(OtherCompressor):
        def compressobj(self, level: int, wbits: int) -> Any:
            packer: Any = super().compressobj(level, wbits)
            return SimpleNamespace(compress=partial(self.compress, packer), flush=packer.flush)

        def compress(self, packer: Any, block: bytes) -> bytes:
            if threading.current_thread() is not threading.main_thread():
                assert rows_read.acquire(timeout=LONG_SECONDS)
                compressed.release()
            return bytes(packer.compress(block))

    def read() -> Iterator[Sequence[Row]]:
        for number, row in enumerate(plain(chunks)):
            if number >= 3 * bodies.BATCH_BLOCKS:
                rows_read.release(2)
                assert compressed.acquire(timeout=LONG_SECONDS)
            yield [row]
        rows_read.release(chunks)

    monkeypatch.setattr(bodies, "isal_zlib", Waiting(1))
    assert builder(View.CORE)(read()).rows == chunks


def test_an_error_of_the_compressor_fails_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(OtherCompressor):
        def compressobj(self, level: int, wbits: int) -> Any:
            packer: Any = super().compressobj(level, wbits)
            return SimpleNamespace(compress=self.compress, flush=packer.flush)

        def compress(self, _: bytes) -> bytes:
            if threading.current_thread() is threading.main_thread():
                return b""
            raise MemoryError

    monkeypatch.setattr(bodies, "isal_zlib", Broken(1))
    with pytest.raises(MemoryError):
        built(plain(100), 1)


def test_a_fill_keeps_only_some_blocks_in_memory() -> None:
    """Beside the list itself: not its rows, and not its uncompressed bytes."""
    chunks = (plain(500) for _ in range(200))
    tracemalloc.start()
    body = builder(View.CORE)(chunks)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert body.rows == 100_000
    blocks = bodies.BATCH_BLOCKS * (bodies.BATCHES_AHEAD + 3)
    assert peak - kept - len(body.gzip) < (blocks + 5) * body.length / 200 < body.length / 6


def test_empty_chunks_leave_no_trace() -> None:
    rows = plain(5)
    body = builder(View.CORE)(iter([[], rows[:2], [], rows[2:], []]))
    assert json.loads(body.uncompressed()) == records(rows)


def test_a_row_of_another_shape_is_an_error_not_a_wrong_list() -> None:
    with pytest.raises(TypeError, match="missing"):
        built([(1, "Pop")])


def test_the_size_counts_all_that_stays_in_memory() -> None:
    body = built(plain(1000))
    assert body.size >= len(body.gzip) + 2 * 8 * 1000
