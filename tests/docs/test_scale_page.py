"""The figures of growth are those of the published run."""

import json
from itertools import pairwise

from benchmarks.publish import DOCS, GROWTH, growth, marked, of_records

DOCUMENT = json.loads(GROWTH.read_text())
LINEAR = ("load s", "cold", "Redis MB", "MiB, gzip alone")
CONSTANT = ("304", "page")


def test_the_table_shows_the_published_run() -> None:
    page = (DOCS / "scale.md").read_text("utf-8")
    assert marked(page, growth(DOCUMENT)) == page


def test_nothing_grows_faster_than_the_records() -> None:
    for small, large in pairwise(of_records(DOCUMENT)):
        for name in LINEAR:
            records = large["records"] / small["records"]
            assert large["figures"][name] < small["figures"][name] * records * 1.2, name


def test_a_304_and_a_page_do_not_grow() -> None:
    first, *_, last = of_records(DOCUMENT)
    for name in CONSTANT:
        assert last["figures"][name] < first["figures"][name] * 2, name
