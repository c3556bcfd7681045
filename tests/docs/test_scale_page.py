"""The figures of growth are those of the published run, and grow as the page says."""

import json
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.publish import DOCS, GROWTH, JSON, cost, growth, marked, of_records

DOCUMENT = json.loads(GROWTH.read_text())
BENCHMARK = json.loads(JSON.read_text())
PAGE = (DOCS / "scale.md").read_text("utf-8")

LINEAR = {"load MiB", "load s", "cold", "MB gzip", "Redis MB", "MiB, gzip alone"}
LINEAR |= {"MiB, identity too"}
CONSTANT = {"304", "page", "unknown genre"}
SENT = {"hit"}
SENT_UNCOMPRESSED = {"hit, identity"}
POLLED = {"unknown genre"}
"""Costs a poll of the versions of all genres."""

MEMORY_BYTES = 192 * 2**20
"""CACHE_MEMORY_MB: an uncompressed list beyond it is inflated for each answer."""


def cell(task: str, clients: int) -> Any:
    return next(
        cell
        for cell in BENCHMARK["cells"]
        if (cell["contender"], cell["task"], cell["load"]["clients"])
        == ("smart cache", task, clients)
    )


def uncompressed_bytes(point: Any) -> float:
    """The list's JSON, by the bytes of a record in the published benchmark."""
    records: int = point["limit"]
    return records * float(cell("hit", 1)["load"]["bytes_per_answer"]) / 100_000


def test_the_table_shows_the_published_run() -> None:
    assert marked(PAGE, growth(DOCUMENT)) == PAGE


def test_every_column_is_one_whose_growth_is_asserted_below() -> None:
    for point in DOCUMENT["points"]:
        assert set(point["figures"]) == LINEAR | CONSTANT | SENT | SENT_UNCOMPRESSED


def test_nothing_grows_faster_than_the_records() -> None:
    for small, large in pairwise(of_records(DOCUMENT)):
        for name in LINEAR:
            records = large["records"] / small["records"]
            assert large["figures"][name] < small["figures"][name] * records * 1.2, name


def test_a_304_a_page_and_an_unknown_genre_do_not_grow() -> None:
    first, *_, last = of_records(DOCUMENT)
    for name in CONSTANT:
        assert last["figures"][name] < first["figures"][name] * 2, name


def test_a_hit_costs_a_304_and_the_time_to_send_its_bytes() -> None:
    for point in of_records(DOCUMENT):
        figures = point["figures"]
        assert 0.2 < (figures["hit"] - figures["304"]) / figures["MB gzip"] < 0.65
    assert "0.2 to 0.6 ms for each MB" in " ".join(PAGE.split())


def test_a_hit_grows_over_all_sizes_no_faster_than_the_records() -> None:
    first, *_, last = of_records(DOCUMENT)
    assert last["figures"]["hit"] / first["figures"]["hit"] < last["records"] / first["records"]


def test_an_uncompressed_hit_costs_time_per_byte_while_its_list_fits_in_memory() -> None:
    in_memory = [p for p in of_records(DOCUMENT) if uncompressed_bytes(p) < MEMORY_BYTES]
    assert 2 <= len(in_memory) < len(of_records(DOCUMENT))
    for point in in_memory:
        figures = point["figures"]
        per_mb = (figures["hit, identity"] - figures["304"]) / uncompressed_bytes(point) * 1e6
        assert 0.2 < per_mb < 0.65


def test_more_genres_cost_nothing_but_the_poll_of_their_versions() -> None:
    first, *_, last = [p for p in DOCUMENT["points"] if p["records"] != p["limit"]]
    for name in first["figures"]:
        most = 3 if name in POLLED else 1.5
        assert last["figures"][name] < first["figures"][name] * most, name


@pytest.mark.parametrize("name", ["hit", "hit, identity", "unknown genre", "cold"])
def test_the_rows_of_one_list_differ_no_more_than_the_page_says(name: str) -> None:
    same = [p["figures"][name] for p in DOCUMENT["points"] if p["limit"] == 100_000]
    assert len(same) == 4
    assert max(same) < 4 * min(same)


def test_the_cost_of_a_hit_is_that_of_the_published_benchmark() -> None:
    assert marked(PAGE, cost(BENCHMARK), "cost") == PAGE
