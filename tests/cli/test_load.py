"""`load`: the summary, the exit status, and bad files, which change nothing."""

import gzip
import json
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis

from shared.ingest.csv_reader import read
from shared.ingest.loading import load
from shared.repository.bulk_load import bulk_load
from shared.repository.tables import features_staging
from tests.cli.conftest import Cli
from tests.services.load_under_way import load_under_way
from tests.services.redis import RedisFactory
from tests.unit.ingest.data_set import HEADER, csv_file, line, rejects, stored, versions

GOOD = csv_file(line(1), line(2, genre="Pop"), line(3, genre="R&B"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_bytes(GOOD)
    return path


@pytest.fixture
def unchanged(file: Path, embedded: sa.Engine) -> Iterator[None]:
    """The database has the file's records, and is the same after the test."""
    with file.open("rb") as stream:
        load(read(stream), bulk_load(embedded, 100_000, "before"))
    before = stored(embedded), versions(embedded)
    yield
    assert (stored(embedded), versions(embedded)) == before


def test_the_summary_counts_what_happened_to_every_line(cli: Cli, file: Path) -> None:
    file.write_bytes(csv_file(line(1), "broken", line(2), line(3, mode="Dorian"), "broken"))
    ended = cli("load", str(file))
    assert ended.returncode == 0
    words = ended.stdout.replace("\u2502", " ").split()
    for name, number in {"read": "5", "inserted": "2", "updated": "0", "rejected": "3"}.items():
        assert words[words.index(name) + 1] == number
    assert "record: wrong number of fields" in ended.stdout
    assert "mode: unknown value" in ended.stdout
    assert "run_id cli-" in ended.stdout
    assert ended.stderr == ""


def test_the_summary_is_one_json_object_when_asked_for(cli: Cli, file: Path) -> None:
    ended = cli("load", str(file), "--json")
    summary = json.loads(ended.stdout)
    assert summary.pop("seconds") > 0
    assert summary.pop("run_id").startswith("cli-")
    assert summary == {
        "file": str(file),
        "read": 3,
        "inserted": 3,
        "updated": 0,
        "unchanged": 0,
        "rejected": {},
    }


@pytest.mark.usefixtures("unchanged")
def test_loading_the_same_file_again_changes_nothing(cli: Cli, file: Path) -> None:
    summary = json.loads(cli("load", str(file), "--json").stdout)
    assert (summary["inserted"], summary["updated"], summary["unchanged"]) == (0, 0, 3)


def cut_off() -> bytes:
    """One whole record, and one that is cut within a quoted title."""
    return csv_file(line(1), line(9, track_name='"Broken, off"')).partition(b" off")[0]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty."),
        (HEADER.encode() + b"\n", "a header and no records"),
        (b"a,b\n1,2\n", "missing 'genre'"),
        (HEADER.replace("tempo", "speed").encode() + b"\n", "missing 'tempo'; unknown 'speed'"),
        (GOOD.decode().encode("utf-16"), "UTF-16"),
        (gzip.compress(GOOD), "gzip"),
        (bytes(range(256)), "NUL bytes"),
        (csv_file("x", "y"), "None of the 2 records can be stored."),
        (csv_file(line(5, genre="\u00e9")).decode().encode("latin-1"), "None of the 1 records"),
    ],
)
def test_a_file_that_is_no_data_set_is_refused(
    cli: Cli, tmp_path: Path, content: bytes, message: str
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    ended = cli("load", str(bad))
    assert ended.returncode == 1
    assert message in ended.stderr


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "There is no file missing.csv."),
        (".", ". is a directory"),
        ("tracks.csv/x", "cannot be read"),
        ("", "name is empty"),
        ("/dev/null", "The file is empty."),
        ("/dev/zero", "NUL bytes"),
        ("x" * 5000, "File name too long"),
        ("\udcff.csv", r"There is no file \udcff.csv."),
        ("s3://bucket/x.csv?sig=secret", "s3://bucket/x.csv is no file and no https:// URL"),
        ("https://example.org", "names no blob"),
        ("HTTPS://account.blob.core.windows.net/?sig=secret", "names no blob"),
        ("https://ada:secret@[bad/raw/x.csv", "https://[bad/raw/x.csv names no blob"),
        ("account.blob.core.windows.net/raw/x.csv?sig=secret", "There is no file account.blob."),
        ("https://account.blob.core.windows.net/?sig=secret", "names no blob"),
    ],
)
def test_a_name_that_is_no_file_is_reported(cli: Cli, name: str, message: str) -> None:
    ended = cli("load", name)
    assert ended.returncode == 1
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "secret" not in ended.stderr


def test_a_truncated_file_loads_what_is_whole_and_reports_the_rest(
    cli: Cli, file: Path, embedded: sa.Engine
) -> None:
    file.write_bytes(cut_off())
    ended = cli("load", str(file))
    assert ended.returncode == 0
    assert "record: unterminated quote" in ended.stdout
    assert len(stored(embedded)) == 1
    assert [reason for _, reason, _ in rejects(embedded)] == ["record: unterminated quote"]


def test_bytes_that_are_not_utf_8_cost_their_line(
    cli: Cli, file: Path, embedded: sa.Engine
) -> None:
    latin = line(2, track_name="Caf\u00e9").encode("latin-1")
    file.write_bytes(csv_file(line(1)) + latin + b"\n" + line(3).encode())
    assert "record: not UTF-8" in cli("load", str(file)).stdout
    assert len(stored(embedded)) == 2
    assert r"Caf\xe9" in rejects(embedded)[0][2]


def test_the_reasons_are_shown_when_no_line_can_be_stored(cli: Cli, file: Path) -> None:
    file.write_bytes(csv_file("x", line(1, tempo="fast")))
    shown = cli("load", str(file)).stderr
    assert "record: wrong number of fields" in shown
    assert "tempo: not a number" in shown


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_load_that_is_stopped_leaves_the_database_as_it_was(
    environment: Mapping[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    with load_under_way(environment, tmp_path) as running:
        running.send_signal(number)
        _, shown = running.communicate(timeout=120)
    assert running.returncode == 130
    assert shown.strip() == "Interrupted: the records are as they were."


@pytest.mark.usefixtures("unchanged")
def test_a_load_that_is_killed_leaves_nothing(
    environment: Mapping[str, str], tmp_path: Path, embedded: sa.Engine
) -> None:
    with load_under_way(environment, tmp_path, "broken") as running:
        running.kill()
        assert running.wait() == -signal.SIGKILL
    assert rejects(embedded) == []
    with embedded.connect() as connection:
        assert connection.execute(sa.select(features_staging)).all() == []
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "pipe.csv") == [
        "database.sqlite", "database.sqlite-shm", "database.sqlite-wal", "tracks.csv"
    ]  # fmt: skip


def test_a_database_that_is_not_set_up_is_reported(cli: Cli, file: Path, tmp_path: Path) -> None:
    ended = cli("load", str(file), SQLITE_PATH=str(tmp_path / "new" / "empty.sqlite"))
    assert ended.returncode == 1
    assert "migrations have not run" in ended.stderr


def test_a_database_that_is_no_database_is_reported(cli: Cli, file: Path, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database at all" * 100)
    ended = cli("load", str(file), SQLITE_PATH=str(tmp_path / "text.sqlite"))
    assert ended.returncode == 1
    assert ended.stderr == "The database's file is damaged, or is no database.\n"


def test_wrong_settings_end_with_status_2_and_name_each_error(cli: Cli, file: Path) -> None:
    ended = cli("load", str(file), CACHE_TTL_SECONDS="soon", FEATURES_LIMIT="0")
    assert ended.returncode == 2
    assert "CACHE_TTL_SECONDS" in ended.stderr
    assert "FEATURES_LIMIT" in ended.stderr


def test_a_load_ends_when_redis_has_dropped_the_old_lists(
    cli: Cli, file: Path, redis_server: RedisFactory
) -> None:
    server = redis_server()
    with Redis.from_url(server.url) as redis:
        for name in ("Dance", "all", "Ska"):
            redis.hset(f"spotify:features:{name}", "core", "an old list")
        environment = {"REDIS_URL": server.url, "CACHE_FRESHNESS_SECONDS": "60"}
        summary = json.loads(cli("load", str(file), "--json", **environment).stdout)
        assert summary["seconds"] < 60
        assert redis.keys("spotify:features:*") == [b"spotify:features:Ska"]


def test_without_reaching_redis_a_load_ends_when_every_lease_has(cli: Cli, file: Path) -> None:
    environment = {"REDIS_URL": "redis://127.0.0.1:1/0", "CACHE_FRESHNESS_SECONDS": "3"}
    summary = json.loads(cli("load", str(file), "--json", **environment).stdout)
    assert summary["seconds"] > 3.15
