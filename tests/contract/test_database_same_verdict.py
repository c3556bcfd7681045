"""SQLite and T-SQL make the same of a file, record by record: verdict, reason and stored values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from shared.ingest.loading import load
from shared.ingest.transform import Record
from shared.repository.bulk_load import bulk_load
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import cache_version, features, features_rejected, features_staging
from shared.tracks.genres import fold
from shared.tracks.track import COLUMNS
from tests.contract.invented_records import Inventor

RECORDS = 3000
SEEDS = (1, 2)
KNOWN = ("STRASSE", "children's music", "\u03c9", "Rock")
"""Genres that the database has already."""

pytestmark = pytest.mark.tsql

type Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Outcome:
    """What a load left in the tables."""

    stored: dict[tuple[str, str], tuple[Any, ...]]
    rejected: dict[int, str]
    scopes: dict[str, str]


def outcome(engine: sa.Engine) -> Outcome:
    with engine.connect() as connection:
        rows = connection.execute(sa.select(*(features.c[name] for name in COLUMNS))).all()
        rejected = sa.select(features_rejected.c.line, features_rejected.c.reason)
        scopes = sa.select(cache_version.c.scope, cache_version.c.folded)
        return Outcome(
            {(row.genre, row.track_id): tuple(row) for row in rows},
            {row.line: row.reason for row in connection.execute(rejected)},
            {row.scope: row.folded for row in connection.execute(scopes)},
        )


def store_known_genres(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for name in KNOWN:
            values = {"scope": name, "folded": fold(name), "version": 1}
            connection.execute(sa.insert(cache_version), values)


def load_as_the_cli(engine: sa.Engine, rows: Rows) -> Outcome:
    records = [Record(line, row, ",".join(row)) for line, row in enumerate(rows, start=2)]
    load(records, bulk_load(engine, 100_000, "run"))
    return outcome(engine)


def load_as_data_factory(engine: sa.Engine, rows: Rows) -> Outcome:
    values = [{"run_id": "run", **dict(zip(COLUMNS, row, strict=True))} for row in rows]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.connection.driver_connection.timeout = 0  # type: ignore[union-attr]  # it is open
        connection.execute(sa.insert(features_staging), values)
        connection.execute(sa.text("EXEC spotify.load_features @run_id = 'run'"))
        connection.invalidate()
    return outcome(engine)


@pytest.fixture(params=SEEDS)
def rows(request: pytest.FixtureRequest, tsql_engine: sa.Engine) -> Rows:
    with tsql_engine.connect() as connection:
        counts_units = connection.scalar(sa.text("SELECT LEN(N'\U0001f3a7')")) == 2
    return Inventor(request.param, counts_units=counts_units).records(RECORDS)


@pytest.fixture
def on_sqlite(sqlite_file: Any, rows: Rows) -> Outcome:
    engine = sqlite_engine(sqlite_file, 1)
    store_known_genres(engine)
    left = load_as_the_cli(engine, rows)
    engine.dispose()
    return left


@pytest.mark.parametrize("load_rows", [load_as_the_cli, load_as_data_factory])
def test_a_load_into_sql_server_leaves_what_one_into_sqlite_leaves(
    on_sqlite: Outcome, tsql_engine: sa.Engine, rows: Rows, load_rows: Any
) -> None:
    store_known_genres(tsql_engine)
    on_tsql = load_rows(tsql_engine, rows)
    for line, row in enumerate(rows, start=2):
        reasons = on_sqlite.rejected.get(line), on_tsql.rejected.get(line)
        assert reasons[0] == reasons[1], ascii(row)
    assert on_tsql.stored == on_sqlite.stored
    assert on_tsql.scopes == on_sqlite.scopes
    assert len(on_sqlite.stored) + len(on_sqlite.rejected) == RECORDS
    assert len(on_sqlite.stored) > RECORDS / 4
    assert len(on_sqlite.rejected) > RECORDS / 4
    assert len(set(on_sqlite.rejected.values())) > 40
