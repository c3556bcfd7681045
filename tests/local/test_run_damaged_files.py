"""Unreadable files in .local are set aside with a message, and created again."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from local import data, files, sample_file
from local.database import make_readable, state
from local.process import Child, StartError
from local.programs import REDIS
from local.services import start_auth_emulator
from tests.local.checkout import Checkout, needs_node

type Damage = Callable[[bytes], bytes]

DAMAGES: dict[str, Damage] = {
    "empty": lambda _: b"",
    "cut": lambda content: content[: len(content) // 2],
    "other": lambda _: b"\xff\x00 no such thing " * 300,
}


def _damage(path: Path, damage: Damage) -> None:
    path.write_bytes(damage(path.read_bytes()))


@pytest.fixture(params=DAMAGES)
def damage(request: pytest.FixtureRequest) -> Damage:
    return DAMAGES[request.param]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database of a killed run: half of its 2,000 rows, and version 7, are only in the log."""
    path = tmp_path / "smart-cache.sqlite"
    writer = sqlite3.connect(tmp_path / "writer.sqlite", isolation_level=None)
    with closing(writer):
        writer.executescript(
            "PRAGMA journal_mode = WAL; CREATE TABLE cache_epoch (epoch);"
            "CREATE TABLE cache_version (scope, version); CREATE TABLE rows (row);"
            "INSERT INTO cache_epoch VALUES ('e'); INSERT INTO cache_version VALUES ('all', 6)"
        )
        _add_rows(writer)
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        writer.execute("UPDATE cache_version SET version = 7")
        _add_rows(writer)
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").write_bytes((tmp_path / f"writer.sqlite{end}").read_bytes())
    return path


def _add_rows(writer: sqlite3.Connection) -> None:
    writer.execute("BEGIN")
    writer.executemany("INSERT INTO rows VALUES (?)", [("x" * 100,)] * 1000)
    writer.execute("COMMIT")


def test_a_database_that_a_killed_run_left_is_taken_as_it_is(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_readable(database, is_ours=True)
    assert state(database) == ("e", 7)
    assert capsys.readouterr().err == ""


def test_a_damaged_database_is_set_aside_with_its_log(
    database: Path, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Path(f"{database}-wal").read_bytes()
    _damage(database, damage)
    damaged = database.read_bytes()
    make_readable(database, is_ours=True)
    assert state(database) is None
    kept = Path(f"{database}.unreadable")
    assert str(kept) in capsys.readouterr().err
    assert kept.read_bytes() == damaged
    assert Path(f"{kept}-wal").read_bytes() == log


def test_a_damaged_page_is_found(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_readable(database, is_ours=True)
    with database.open("r+b") as file:
        file.seek(4096 * 10)
        file.write(b"\xff" * 4096)
    make_readable(database, is_ours=True)
    assert "smart-cache.sqlite.unreadable" in capsys.readouterr().err


def test_a_damaged_log_gives_the_database_without_it(database: Path, damage: Damage) -> None:
    _damage(Path(f"{database}-wal"), damage)
    make_readable(database, is_ours=True)
    assert state(database) in {("e", 6), ("e", 7)}


def test_a_log_that_is_none_is_set_aside(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _damage(Path(f"{database}-wal"), DAMAGES["other"])
    make_readable(database, is_ours=True)
    assert Path(f"{database}-wal.unreadable").is_file()
    assert "smart-cache.sqlite-wal.unreadable" in capsys.readouterr().err


def test_a_damaged_index_of_the_log_does_no_harm(database: Path, damage: Damage) -> None:
    _damage(Path(f"{database}-shm"), damage)
    make_readable(database, is_ours=True)
    assert state(database) == ("e", 7)


def test_a_file_of_somebody_elses_is_refused_and_left(database: Path) -> None:
    _damage(database, DAMAGES["other"])
    with pytest.raises(StartError, match=r"SQLITE_PATH=.* cannot be used"):
        make_readable(database, is_ours=False)
    assert database.is_file()


def test_a_database_that_lost_what_was_loaded_is_not_taken_for_filled(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "STAMP", tmp_path / "loaded.json")
    file = tmp_path / "data.csv"
    file.write_text("any", "utf-8")
    files.write(data.STAMP, json.dumps(data._stamp(file, database)))
    assert data._is_filled(file, database)
    with closing(sqlite3.connect(database)) as writer, writer:
        writer.execute("UPDATE cache_version SET version = 8")
    assert data._is_filled(file, database)
    with closing(sqlite3.connect(database)) as writer, writer:
        writer.execute("UPDATE cache_version SET version = 6")
    assert not data._is_filled(file, database)


def test_a_file_that_is_no_json_is_set_aside_beside_the_earlier_ones(
    tmp_path: Path, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "loaded.json"
    for kept in ("loaded.json.unreadable", "loaded.json.unreadable2"):
        files.write(path, '{"a": 1}')
        _damage(path, damage)
        assert files.read_json(path) is None
        assert f"it is now {tmp_path / kept}" in capsys.readouterr().err
        assert not path.exists()


def test_the_sample_is_made_again_when_it_is_not_what_was_made(
    tmp_path: Path, damage: Damage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_file, "REAL", tmp_path / "none.csv")
    monkeypatch.setattr(sample_file, "SAMPLE", tmp_path / "sample.csv")
    monkeypatch.setattr(sample_file, "STAMP", tmp_path / "sample.json")
    monkeypatch.setattr(sample_file, "Child", _Generator)
    left = tmp_path / ".sample.csv.by-a-killed-one"
    left.touch()
    for path in ("sample.csv", "sample.json"):
        assert data.data_file({}, Console()).read_bytes() == _Generator.CONTENT
        _damage(tmp_path / path, damage)
    assert data.data_file({}, Console()).read_bytes() == _Generator.CONTENT
    assert (tmp_path / "sample.csv.unreadable").is_file()
    assert (tmp_path / "sample.json.unreadable").is_file()
    assert not left.exists()


class _Generator(Child):
    """A quick replacement for `local.sample_data`, which takes three seconds."""

    CONTENT = b"genre\nPop\n"

    def __init__(self, command: list[str]) -> None:
        code = f"import sys; open(sys.argv[1], 'wb').write({self.CONTENT!r})"
        super().__init__([command[0], "-c", code, command[-1]])


@needs_node
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"kind": "k", "users": []}', None),
        ("[]", "it holds no users"),
        ('{"users": [{"email": "me@example.org"}]}', "1 of its users: localId is missing"),
    ],
)
def test_the_auth_emulator_starts_with_any_users(
    tmp_path: Path, content: str, said: str | None
) -> None:
    users = tmp_path / "users.json"
    users.write_text(content, "utf-8")
    emulator = start_auth_emulator(users)
    with emulator.process:
        emulator.wait()
    kept = tmp_path / "users.json.unreadable"
    if said is None:
        assert "NOTE" not in emulator.process.output()
    else:
        note = f"NOTE: {users} cannot be read ({said}): it is now {kept}\n"
        assert note in emulator.process.output()
        assert kept.read_text("utf-8") == content


@needs_node
def test_a_start_with_every_file_cut_serves_and_names_what_was_set_aside(tmp_path: Path) -> None:
    checkout, local = Checkout(tmp_path), tmp_path / ".local"
    with checkout.ready():
        checkout.sign_up()
        shutil.copy(local / "run.json", local / "kept")
    (local / "kept").rename(local / "run.json")
    (local / "redis" / "dump.rdb").write_text("REDIS no more", "utf-8")
    names = ("smart-cache.sqlite", "users.json", "loaded.json")
    for name in (*names, "run.json"):
        _damage(local / name, DAMAGES["cut"])
    for name in ("run.lock", "main.lock"):
        _damage(local / name, DAMAGES["other"])
    assert "Traceback" not in checkout.cli("status")
    with checkout.ready() as run:
        for name in names:
            assert f"{name} cannot be read" in run.output()
            assert (local / f"{name}.unreadable").is_file()
        assert "Traceback" not in run.output()
        assert len(checkout.get("/features").json()) == 1
        checkout.sign_up()
        assert f"Redis: {'available' if REDIS.find() else 'not used'}" in checkout.cli("status")
