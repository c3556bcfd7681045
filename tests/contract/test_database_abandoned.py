"""Staged rows of a load that never ends: its program was killed, or its pipeline was cancelled."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.ingest.csv_reader import read
from shared.ingest.loading import load
from shared.repository.bulk_load import bulk_load
from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.load_target import LoadRefused
from shared.repository.tables import features_rejected, features_staging
from tests.contract.database_steps import as_staged, track
from tests.services.load_under_way import load_under_way
from tests.services.tsql import VARIABLE
from tests.unit.ingest.data_set import csv_file, line, stored

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.tsql


def staged(engine: sa.Engine) -> set[str]:
    """The runs that have staged rows."""
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(features_staging.c.run_id).distinct()))


def stage(engine: sa.Engine, run_id: str, age: timedelta) -> None:
    """Stage a row as Data Factory's Copy does, some time ago."""
    values = {"run_id": run_id, "staged_at": datetime.now(UTC).replace(tzinfo=None) - age}
    with engine.begin() as connection:
        connection.execute(sa.insert(features_staging).values(values))


def load_one(engine: sa.Engine, run_id: str = "cli-next") -> None:
    target = bulk_load(engine, 100, run_id)
    target.stage(as_staged((2, track(99))))
    target.merge()


@pytest.fixture
def going_on(tsql_engine: sa.Engine) -> Iterator[AzureLoad]:
    """A load of the CLI that has staged rows."""
    target = AzureLoad(tsql_engine, 100, "cli-going-on")
    target.stage(as_staged((2, track(1)), (3, track(2))))
    yield target
    target.abandon()


def test_the_rows_of_a_load_that_goes_on_stay(tsql_engine: sa.Engine, going_on: AzureLoad) -> None:
    with tsql_engine.begin() as connection:
        long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=9)
        connection.execute(sa.update(features_staging).values(staged_at=long_ago))
    load_one(tsql_engine)
    assert staged(tsql_engine) == {"cli-going-on"}
    assert going_on.merge().inserted == 2
    assert staged(tsql_engine) == set()


def test_the_rows_of_a_load_whose_session_has_ended_are_removed_by_the_next(
    tsql_engine: sa.Engine, going_on: AzureLoad
) -> None:
    going_on._close()
    assert staged(tsql_engine) == {"cli-going-on"}
    load_one(tsql_engine)
    assert staged(tsql_engine) == set()
    with pytest.raises(LoadRefused, match="The run staged 0 rows, not 2"):
        going_on.merge()


def test_a_batch_is_staged_as_a_whole_or_not_at_all(tsql_engine: sa.Engine) -> None:
    """A transaction for each row would stage the first."""
    target = AzureLoad(tsql_engine, 100, "cli-half")
    with pytest.raises(sa.exc.DBAPIError):
        target.stage(as_staged((2, track(1)), (10**30, track(2))))
    assert staged(tsql_engine) == set()
    target.abandon()


def test_a_load_that_is_stopped_within_a_batch_leaves_none_of_its_rows(
    tsql_engine: sa.Engine, going_on: AzureLoad
) -> None:
    with suppress(KeyboardInterrupt), going_on._transaction() as cursor:
        cursor.execute("INSERT INTO spotify.features_staging (run_id) VALUES ('cli-going-on')")
        raise KeyboardInterrupt
    going_on.abandon()
    assert staged(tsql_engine) == set()


def test_two_programs_cannot_load_under_one_run_id(
    tsql_engine: sa.Engine, going_on: AzureLoad
) -> None:
    other = AzureLoad(tsql_engine, 100, "cli-going-on")
    with pytest.raises(LoadRefused, match="under the same run_id"):
        other.stage(as_staged((2, track(3))))
    assert going_on.merge().inserted == 2


def test_the_rows_of_a_pipeline_are_removed_after_a_day(tsql_engine: sa.Engine) -> None:
    stage(tsql_engine, "3f2a-old", timedelta(days=1, minutes=1))
    stage(tsql_engine, "7c9e-young", timedelta(hours=23))
    stage(tsql_engine, "both", timedelta(days=3))
    stage(tsql_engine, "both", timedelta(hours=1))
    load_one(tsql_engine)
    assert staged(tsql_engine) == {"7c9e-young", "both"}


def test_a_row_has_the_time_at_which_it_was_staged(
    tsql_engine: sa.Engine, going_on: AzureLoad
) -> None:
    assert going_on is not None
    with tsql_engine.connect() as connection:
        seconds = sa.text("SELECT DATEDIFF(second, staged_at, SYSUTCDATETIME()) "
                          "FROM spotify.features_staging")  # fmt: skip
        assert all(0 <= age < 600 for age in connection.scalars(seconds))


def test_a_killed_program_leaves_nothing_after_the_next_load(
    tsql_engine: sa.Engine, tmp_path: Path
) -> None:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "ODBCSYSINI", "HOME") if name in os.environ},
        "PYTHONPATH": str(ROOT),
        "SQL_CONNECTION_STRING": os.environ[VARIABLE],
    }
    with load_under_way(environment, tmp_path, "broken") as running:
        while not staged(tsql_engine):
            assert running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert stored(tsql_engine) == []
    while staged(tsql_engine):  # the server may notice the broken connection a little later
        file = tmp_path / "next.csv"
        file.write_bytes(csv_file(line(1)))
        with file.open("rb") as stream:
            load(read(stream), bulk_load(tsql_engine, 100, "cli-next"))
    assert len(stored(tsql_engine)) == 1


@pytest.fixture
def always_first(tsql_engine: sa.Engine) -> Iterator[None]:
    """Each record that is inserted is there already, as if a POST had come first."""
    with tsql_engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER spotify.come_first ON spotify.features AFTER INSERT AS "
            "INSERT INTO spotify.features (genre, artist_name, track_name, track_id, popularity, "
            "duration_ms) SELECT genre, artist_name, track_name, track_id, popularity, "
            "duration_ms FROM inserted"
        )
    yield
    with tsql_engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER spotify.come_first")


@pytest.mark.usefixtures("always_first")
def test_a_load_that_always_comes_second_ends_with_a_message(tsql_engine: sa.Engine) -> None:
    target = bulk_load(tsql_engine, 100, "cli-second")
    target.stage(as_staged((2, track(1))))
    with pytest.raises(LoadRefused, match=r"^Other writers came first five times; load"):
        target.merge()
    target.abandon()
    assert staged(tsql_engine) == set()
    assert stored(tsql_engine) == []
    with tsql_engine.connect() as connection:
        assert connection.execute(sa.select(features_rejected)).all() == []
