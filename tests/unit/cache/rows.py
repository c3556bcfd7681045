"""Rows of lists, as any database may hold them."""

from collections.abc import Sequence
from itertools import batched
from typing import Final

from hypothesis import strategies as st

from shared.cache.bodies import ListBody, builder
from shared.repository.database import Row
from shared.tracks.track import CORE_COLUMNS, View

COLUMNS: Final = CORE_COLUMNS

# What JSON is made of comes often: a text must never be taken for the end of a record.
TEXTS = st.text(st.sampled_from('{}[],:"\\') | st.characters(exclude_categories=["Cs"]), max_size=9)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, INTEGERS, st.none() | INTEGERS | st.floats(-1, 1))


def numbered(values: list[tuple[object, ...]], gaps: list[int]) -> list[Row]:
    """The values as rows whose ids only grow."""
    rows: list[Row] = []
    row_id = 0
    for number, value in enumerate(values):
        row_id += gaps[number % len(gaps)] if gaps else 1
        rows.append((row_id, *value))
    return rows


ROWS = st.builds(
    numbered, st.lists(VALUES, max_size=25), st.lists(st.integers(1, 2**40), max_size=3)
)


def built(rows: Sequence[Row], chunk: int = 4) -> ListBody:
    return builder(View.CORE)(batched(rows, chunk, strict=False))


def plain(count: int) -> list[Row]:
    """Records that differ, each as long as a real one."""
    return [
        (3 * number, "Pop", f"artist {number}", f"title {number}" * 5, f"{number:022}", 7, number)
        for number in range(1, count + 1)
    ]
