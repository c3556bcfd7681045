"""Bounds on the cost of a load, in figures that do not depend on the speed of the machine.

A bound is the present figure plus a seventh; raise it only on purpose.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from checks.tsql.recording import Recorder, recording_engine
from local.sample_data import write
from shared.ingest.csv_reader import read
from shared.ingest.loading import load
from shared.ingest.source import Watched
from shared.repository.bulk_load import bulk_load
from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.load_target import Merged, StagedRow
from shared.repository.sqlite import sqlite_engine
from shared.tracks.rejected import Rejected
from tests.contract.database_steps import as_staged, track
from tests.cost import Cost

ROOT: Final = Path(__file__).parents[2]
ROWS: Final = 20_000
COST: Final = 1_090
"""For a row that is read, checked, parsed and put into a batch: see Cost."""

BATCH: Final = as_staged(*((line, track(line)) for line in range(2, 5002)))
REPORTED_BYTES: Final = 1 << 18
REPORTED_BATCHES: Final = 1
MEBIBYTES: Final = 200
LOADED: Final = """
import re, sys
from pathlib import Path
from tests.services.sample_database import load_into
load_into(Path(sys.argv[1]), Path(sys.argv[2]))
print(re.search(r"VmHWM:\\s*([0-9]+)", Path("/proc/self/status").read_text())[1])
"""


class Batches:
    """A target that keeps nothing but the number of rows in each batch."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def stage(self, batch: Sequence[StagedRow]) -> None:
        self.sizes.append(len(batch))

    def reject(self, batch: Sequence[Rejected]) -> None:
        raise AssertionError(batch)

    def merge(self) -> Merged:
        return Merged(sum(self.sizes), 0, 0, {}, {})

    def abandon(self) -> None:
        raise AssertionError(self.sizes)


def sample(rows: int) -> bytes:
    text = StringIO()
    for _ in write(text, rows):
        pass
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def content() -> bytes:
    return sample(ROWS)


def test_a_row_costs_a_bounded_number_of_instructions(content: bytes) -> None:
    with Cost() as cost:
        loaded = load(read(BytesIO(content)), Batches())
    assert loaded.inserted == ROWS
    assert COST / 2 < cost.total / ROWS < COST


def test_progress_is_reported_in_small_steps_while_rows_are_staged(content: bytes) -> None:
    target = Batches()
    done: list[int] = []
    batches: list[int] = []

    def report(size: int) -> None:
        done.append(size)
        batches.append(len(target.sizes))

    load(read(Watched(BytesIO(content), report)), target)
    assert done[-1] == len(content)
    assert all(0 <= after - before <= REPORTED_BYTES for before, after in pairwise(done))
    assert all(after - before <= REPORTED_BATCHES for before, after in pairwise(batches))
    assert len(target.sizes) == ROWS / len(BATCH)


def test_a_batch_is_one_statement_and_one_commit_on_sqlite(sqlite_file: Path) -> None:
    engine = sqlite_engine(sqlite_file, 1)
    target = bulk_load(engine, 100, "run")
    target.stage(BATCH[:1])  # opens the connection
    sent: list[str] = []
    sa.event.listen(engine, "commit", lambda _: sent.append("commit"))
    sa.event.listen(engine, "before_cursor_execute", lambda *_: sent.append("statement"))
    target.stage(BATCH[1:])
    assert sent == ["statement", "statement", "commit"]  # the first is BEGIN
    target.abandon()
    engine.dispose()


def test_a_batch_is_one_statement_on_sql_server() -> None:
    recorder = Recorder({"SERVERPROPERTY": [("12.0.2000.8",)], "sp_getapplock": [(0,)]})
    with recording_engine(recorder) as engine:
        target = AzureLoad(engine, 100, "run")
        target.stage(BATCH[:1])  # opens the connection
        before = len(recorder.statements)
        target.stage(BATCH[1:])
        assert [one.text.split()[0] for one in recorder.statements[before:]] == ["INSERT"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="it has no VmHWM: not Linux")
def test_a_load_of_many_rows_takes_little_memory(migrated_file: Path, tmp_path: Path) -> None:
    """The program takes 80 MiB, SQLite's cache 64; neither grows with the file."""
    database = shutil.copy(migrated_file, tmp_path / "database.sqlite")
    file = tmp_path / "sample.csv"
    file.write_bytes(sample(5 * ROWS))
    command = [sys.executable, "-c", LOADED, database, file]
    environment = {"PATH": os.environ["PATH"]}
    kibibytes = subprocess.check_output(command, cwd=ROOT, env=environment, text=True)  # noqa: S603 -- our own
    assert 50 < int(kibibytes) / 1024 < MEBIBYTES
