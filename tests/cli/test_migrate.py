"""`migrate`: creates the database; a second run changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shared.repository.sqlite import sqlite_engine
from tests.cli.conftest import Cli
from tests.services.databases import is_migrated


def test_a_new_database_is_made_with_its_folder(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "new" / "database.sqlite"
    assert cli("migrate", SQLITE_PATH=str(path)).returncode == 0
    engine = sqlite_engine(path, 1)
    assert is_migrated(engine)
    engine.dispose()


def test_migrating_again_changes_nothing(cli: Cli, sqlite_file: Path) -> None:
    before = sqlite_file.read_bytes()
    ended = cli("migrate")
    assert ended.returncode == 0
    assert ended.stdout == "The database is up to date.\n"
    assert sqlite_file.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "a newer one has migrated it"),
        ("DELETE FROM alembic_version", "alembic_version"),
        ("DROP TABLE alembic_version", "alembic_version"),
    ],
)
def test_a_database_of_an_unknown_revision_is_an_error_of_one_line(
    cli: Cli, sqlite_file: Path, change: str, message: str
) -> None:
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as connection:
        connection.execute(change)
    ended = cli("migrate")
    assert ended.returncode == 1
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_a_clear_error(cli: Cli, sqlite_file: Path) -> None:
    ended = cli("migrate", SQLITE_PATH=str(sqlite_file / "x" / "database.sqlite"))
    assert ended.returncode == 2
    assert "SQLITE_PATH: lies below a file" in ended.stderr


def test_a_driver_that_is_not_installed_is_an_error_of_one_line_without_the_password(
    cli: Cli,
) -> None:
    odbc = "Driver={No Such Driver};Server=127.0.0.1,1;UID=sa;PWD=secret;Connection Timeout=1"
    ended = cli("migrate", SQL_CONNECTION_STRING=odbc)
    assert ended.returncode == 2
    assert "secret" not in ended.stderr
    assert "not installed" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.usefixtures("pyodbc")
def test_a_server_that_is_not_there_is_a_clear_error_without_its_password(cli: Cli) -> None:
    odbc = "DSN=nowhere;Server=127.0.0.1,1;UID=sa;PWD=secret;Connection Timeout=1"
    ended = cli("migrate", SQL_CONNECTION_STRING=odbc)
    assert ended.returncode == 1
    assert "secret" not in ended.stderr
    assert "cannot be reached" in ended.stderr
