"""Bounds on the cost of a fill, in figures that do not depend on the speed of the machine.

`python -m benchmarks.fill` shows the times. A bound is the present figure plus a seventh; raise
it only on purpose.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType
from typing import Final

import pytest
import sqlalchemy as sa

from local.hosted import REPOSITORY
from shared.cache.bodies import builder
from shared.repository.database import RowChunks
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import features
from shared.tracks.genres import ALL
from shared.tracks.track import View
from tests.services.databases import MakeDatabase
from tests.unit.cache.rows import plain

ROWS: Final = 10_000
INSTRUCTIONS_A_ROW: Final = 11
"""Where SQLite makes the JSON: the length of a record, and no dictionary."""

INSTRUCTIONS_A_SERIALISED_ROW: Final = 27
_TOOL: Final = sys.monitoring.PROFILER_ID
_EVENT: Final = sys.monitoring.events.INSTRUCTION
_OURS: Final = (str(REPOSITORY / "shared"), "<string>")
"""The compiled function that makes a record has no file."""


@pytest.fixture
def filled(sqlite_file: Path) -> Path:
    engine = sqlite_engine(sqlite_file, 1)
    with engine.begin() as connection:
        names = ("id", *View.CORE.columns)
        records = [dict(zip(names, row, strict=True)) for row in plain(ROWS)]
        connection.execute(sa.insert(features), records)
    engine.dispose()
    return sqlite_file


def instructions(work: Callable[[], object]) -> int:
    """Count Python's instructions in the product's code, in all threads."""
    counted = [0]

    def count(code: CodeType, _: int) -> None:
        counted[0] += code.co_filename.startswith(_OURS)

    monitoring = sys.monitoring
    monitoring.use_tool_id(_TOOL, "fill")
    monitoring.register_callback(_TOOL, _EVENT, count)
    monitoring.set_events(_TOOL, _EVENT)
    try:
        work()
    finally:
        monitoring.set_events(_TOOL, monitoring.events.NO_EVENTS)
        monitoring.free_tool_id(_TOOL)
    return counted[0]


async def test_a_fill_executes_a_bounded_number_of_instructions_a_row(
    filled: Path, database_on: MakeDatabase
) -> None:
    database = database_on(sqlite_engine(filled, 10))
    counted: list[int] = []

    def build(chunks: RowChunks) -> None:
        counted.append(instructions(lambda: builder(View.CORE)(chunks)))

    async with database.snapshot(ALL, View.CORE) as snapshot:
        await snapshot.read(build)
    assert ROWS < counted[0] < INSTRUCTIONS_A_ROW * ROWS


def test_a_row_that_python_serialises_takes_a_bounded_number_of_instructions() -> None:
    rows = plain(ROWS)
    chunks = [rows[first : first + 500] for first in range(0, ROWS, 500)]
    counted = instructions(lambda: builder(View.CORE)(iter(chunks)))
    assert ROWS < counted < INSTRUCTIONS_A_SERIALISED_ROW * ROWS
