import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError

from shared.errors import DatabaseUnavailable
from shared.repository import schema_upgrade
from shared.repository.azure_sql import QUERY_SECONDS
from shared.repository.driver_errors import translate_driver_errors
from shared.repository.schema_upgrade import upgrade
from shared.repository.sqlite import sqlite_engine
from shared.repository.tables import (
    BINARY_COLLATION,
    SCHEMA,
    cache_epoch,
    cache_version,
    features,
    features_rejected,
    metadata,
)
from shared.tracks.genres import ALL
from shared.tracks.rejected import DUPLICATE
from tests.contract.database_steps import track
from tests.services.databases import is_migrated
from tests.services.tsql import drop_everything

ROOT = Path(__file__).parents[2]

type Open = Callable[[Path], sa.Engine]


@pytest.fixture
def opened() -> Iterator[Open]:
    """`opened(file)`: an engine, which is disposed of after the test, even if it fails."""
    with ExitStack() as engines:

        def open_(file: Path) -> sa.Engine:
            engine = sqlite_engine(file, 1)
            engines.callback(engine.dispose)
            return engine

        yield open_


def test_the_migrations_make_what_the_metadata_says(sqlite_file: Path, opened: Open) -> None:
    with opened(sqlite_file).connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, _without_schema()) == []


@pytest.mark.tsql
def test_the_migrations_make_the_columns_of_the_metadata_on_sql_server(
    tsql_engine: sa.Engine,
) -> None:
    """Column by column: not every T-SQL server has all the views that Alembic compares by."""
    inspector = sa.inspect(tsql_engine)
    assert {*inspector.get_table_names(schema=SCHEMA)} >= {t.name for t in metadata.sorted_tables}
    for table in metadata.sorted_tables:
        found = inspector.get_columns(table.name, schema=SCHEMA)
        assert [_described(tsql_engine, column) for column in found] == [
            _described(tsql_engine, {"name": c.name, "type": c.type, "nullable": c.nullable})
            for c in table.columns
        ]


def test_a_migrated_database_migrates_again_without_a_change(
    engine: sa.Engine,
) -> None:
    before = _epoch(engine)
    upgrade(engine)
    assert is_migrated(engine)
    assert _epoch(engine) == before


def test_an_empty_file_is_not_migrated(tmp_path: Path, opened: Open) -> None:
    assert not is_migrated(opened(tmp_path / "new" / "folder" / "database.sqlite"))


def test_every_database_has_an_epoch_of_its_own(tmp_path: Path, opened: Open) -> None:
    engines = [opened(tmp_path / name) for name in ("one", "two")]
    for engine in engines:
        upgrade(engine)
    assert len({_epoch(engine) for engine in engines}) == 2


def test_two_processes_that_migrate_at_once_both_succeed(tmp_path: Path, opened: Open) -> None:
    engines = [opened(tmp_path / "database.sqlite") for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(upgrade, engines))
    assert is_migrated(engines[0])


def test_migrating_waits_for_a_process_that_is_creating_the_file(
    tmp_path: Path, opened: Open
) -> None:
    file = tmp_path / "database.sqlite"
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ThreadPoolExecutor(1) as thread,
    ):
        other.execute("BEGIN IMMEDIATE")
        upgraded = thread.submit(upgrade, opened(file))
        assert not wait([upgraded], timeout=0.3).done
        other.execute("COMMIT")
        upgraded.result()
    assert is_migrated(opened(file))


def test_another_error_of_alembic_is_not_taken_for_a_newer_release(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise CommandError("Online migration expected to match one row")

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(CommandError, match="expected to match"):
        upgrade(opened(tmp_path / "database.sqlite"))


def test_a_file_that_another_process_never_finishes_is_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "database.sqlite"
    engine = sqlite_engine(file, 1, busy_seconds=0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable), translate_driver_errors():
            upgrade(engine)


def test_the_migrations_are_found_from_any_directory(tmp_path: Path, opened: Open) -> None:
    program = (
        "from pathlib import Path; from shared.repository.sqlite import sqlite_engine; "
        "from shared.repository.schema_upgrade import upgrade; "
        "upgrade(sqlite_engine(Path('database.sqlite'), 1))"
    )
    subprocess.run(  # noqa: S603 (our own interpreter and program)
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert is_migrated(opened(tmp_path / "database.sqlite"))


@contextmanager
def migrating(engine: sa.Engine) -> Iterator[None]:
    """Another process holds the lock of the migrations."""
    with engine.begin() as connection:
        connection.detach()
        schema_upgrade._lock(connection)
        yield


@pytest.mark.tsql
def test_two_processes_that_migrate_a_new_database_at_once_both_succeed_on_sql_server(
    tsql_engine: sa.Engine,
) -> None:
    drop_everything(tsql_engine)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(upgrade, [tsql_engine, tsql_engine]))
    assert is_migrated(tsql_engine)


@pytest.mark.tsql
def test_migrating_waits_for_another_process_that_migrates_on_sql_server(
    tsql_engine: sa.Engine,
) -> None:
    with ThreadPoolExecutor(1) as thread:
        with migrating(tsql_engine):
            upgraded = thread.submit(upgrade, tsql_engine)
            assert not wait([upgraded], timeout=0.5).done
        upgraded.result()


@pytest.mark.tsql
def test_a_migration_that_never_ends_is_named_by_the_one_that_waits(
    tsql_engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_upgrade, "LOCK_SECONDS", 1)
    with migrating(tsql_engine), pytest.raises(DatabaseUnavailable) as caught:
        upgrade(tsql_engine)
    assert caught.value.detail.startswith("Another migration has not ended")


@pytest.mark.tsql
def test_nothing_is_migrated_where_the_lock_is_not_granted(tsql_engine: sa.Engine) -> None:
    """Without a transaction sp_getapplock returns -999, and raises nothing."""
    with tsql_engine.connect() as connection:
        connection.detach()
        driver: Any = connection.connection.dbapi_connection
        driver.autocommit = True
        with pytest.raises(DatabaseUnavailable, match="sp_getapplock returned -999"):
            schema_upgrade._lock(connection)


@pytest.mark.tsql
def test_a_migration_begins_its_transaction_first_and_has_no_time_limit(
    tsql_engine: sa.Engine,
) -> None:
    """Of the statements of a migration only a few begin a transaction on SQL Server."""
    begins = ("CREATE ", "ALTER TABLE ", "INSERT ", "UPDATE ", "DELETE ", "DROP ", "GRANT ")
    seen: list[tuple[str, int]] = []

    def see(connection: sa.Connection, cursor: object, statement: str, *_: object) -> None:
        del cursor
        driver: Any = connection.connection.dbapi_connection
        seen.append((statement, driver.timeout))

    sa.event.listen(tsql_engine, "before_cursor_execute", see)
    try:
        upgrade(tsql_engine)
        with tsql_engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    finally:
        sa.event.remove(tsql_engine, "before_cursor_execute", see)
    assert seen[0][0].startswith(begins)
    assert {limit for _, limit in seen[:-1]} == {0}
    assert seen[-1] == ("SELECT 1", QUERY_SECONDS)


@pytest.fixture(params=["sqlite", pytest.param("tsql", marks=pytest.mark.tsql)])
def engine_at_0003(
    request: pytest.FixtureRequest, tmp_path: Path, opened: Open
) -> Iterator[sa.Engine]:
    if request.param == "sqlite":
        engine = opened(tmp_path / "database.sqlite")
        upgrade(engine, "0003")
        yield engine
        return
    engine = request.getfixturevalue("tsql_server")
    drop_everything(engine)
    upgrade(engine, "0003")
    yield engine
    drop_everything(engine)
    upgrade(engine)


def test_genres_that_were_folded_by_another_table_are_folded_again(
    engine_at_0003: sa.Engine,
) -> None:
    """As T-SQL's LOWER left them: a sharp s is no `ss`, and an iota below stays."""
    folds = {"Stra\u00dfe": "stra\u00dfe", "STRASSE": "strasse", "\u1fb3": "\u1fb3", "Pop": "pop"}
    with engine_at_0003.begin() as connection:
        rows = [{"scope": name, "folded": folds[name], "version": 7} for name in folds]
        connection.execute(sa.insert(cache_version), rows)
        stored = [
            track(3, "STRASSE"),
            track(1, "Stra\u00dfe"),
            track(1, "STRASSE", popularity=1),
            track(2, "Stra\u00dfe"),
            track(2, "Pop"),
        ]
        for record in stored:
            connection.execute(sa.insert(features), asdict(record))
    upgrade(engine_at_0003)
    with engine_at_0003.connect() as connection:
        columns = cache_version.c
        found = connection.execute(sa.select(columns.scope, columns.folded, columns.version)).all()
        order = sa.select(features.c.genre, features.c.track_id, features.c.popularity)
        records = connection.execute(order.order_by(features.c.id)).all()
        rejected = connection.execute(sa.select(features_rejected)).all()
    assert {row.scope: row.folded for row in found} == {
        ALL: ALL,
        "STRASSE": "strasse",
        "\u1fb3": "\u03b1\u03b9",
        "Pop": "pop",
    }
    assert {row.scope for row in found if row.version == 7} == {"\u1fb3", "Pop"}
    assert [(genre, track_id[-1], popularity) for genre, track_id, popularity in records] == [
        ("STRASSE", "3", 60),
        ("STRASSE", "1", 1),
        ("STRASSE", "2", 60),
        ("Pop", "2", 60),
    ]
    assert [(row.line, row.reason, row.raw.split(",")[0]) for row in rejected] == [
        (2, DUPLICATE, "Stra\u00dfe")
    ]


def test_folds_that_change_places_are_stored(engine_at_0003: sa.Engine) -> None:
    """Folds are unique, and each of these becomes what the other one was."""
    with engine_at_0003.begin() as connection:
        rows = [
            {"scope": "Rock", "folded": "pop", "version": 1},
            {"scope": "Pop", "folded": "rock", "version": 1},
        ]
        connection.execute(sa.insert(cache_version), rows)
    upgrade(engine_at_0003)
    with engine_at_0003.connect() as connection:
        folds = connection.execute(sa.select(cache_version.c.scope, cache_version.c.folded)).all()
    assert {row.scope: row.folded for row in folds} == {ALL: ALL, "Rock": "rock", "Pop": "pop"}


@pytest.mark.tsql
def test_sql_server_compares_every_text_code_unit_by_code_unit(tsql_engine: sa.Engine) -> None:
    with tsql_engine.connect() as connection:
        collations = connection.execute(
            sa.text(
                "SELECT table_name, column_name, collation_name FROM information_schema.columns "
                "WHERE table_schema = :schema AND data_type = 'nvarchar' AND column_name <> 'raw'"
            ),
            {"schema": SCHEMA},
        ).all()
    assert len(collations) > 20
    same_on_other_servers = "bbf_unicode_bin2"
    assert {row[2].lower() for row in collations} <= {
        BINARY_COLLATION.lower(),
        same_on_other_servers,
    }


def _epoch(engine: sa.Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalars(sa.select(cache_epoch.c.epoch)).one())


def _without_schema() -> sa.MetaData:
    bare = sa.MetaData()
    for table in metadata.sorted_tables:
        table.to_metadata(bare, schema=None)  # type: ignore[arg-type]  # None: without one
    return bare


def _described(engine: sa.Engine, column: Mapping[str, Any]) -> tuple[str, str, bool]:
    kind = column["type"].dialect_impl(engine.dialect).compile(dialect=engine.dialect)
    return column["name"], kind.split(" COLLATE")[0], column["nullable"]
