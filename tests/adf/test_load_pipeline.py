"""Runs of the pipeline `load_spotify_features`."""

import csv
import io
import uuid
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from azure.storage.blob import BlobServiceClient
from pydantic import SecretStr

from shared.ingest.blob_upload import upload
from shared.repository.tables import features, features_rejected, features_staging
from shared.settings import Settings
from tests.adf.conftest import PIPELINE, Load
from tests.adf.rehearsal.outcome import Status
from tests.adf.rehearsal.run import rehearse
from tests.adf.rehearsal.world import Database, Rows, World
from tests.unit.ingest.data_set import HEADER, csv_file, line


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_file_is_loaded_and_nothing_stays_staged(load: Load, engine: sa.Engine) -> None:
    run = load(csv_file(line(1), line(2), line(3, genre="Pop")))
    assert run.status is Status.SUCCEEDED, run.message
    assert count(engine, features) == 3
    assert count(engine, features_staging) == 0


def test_a_second_run_of_the_same_file_changes_nothing(load: Load, engine: sa.Engine) -> None:
    content = csv_file(line(1), line(2))
    load(content)
    with engine.connect() as connection:
        before = connection.execute(sa.select(features)).all()
    assert load(content).status is Status.SUCCEEDED
    with engine.connect() as connection:
        assert connection.execute(sa.select(features)).all() == before


def test_a_broken_line_is_rejected_with_its_line_and_reason(load: Load, engine: sa.Engine) -> None:
    lines = [line(number) for number in range(1, 41)]
    run = load(csv_file(*lines[:20], line(99, popularity="many"), *lines[20:]))
    assert run.status is Status.SUCCEEDED, run.message
    with engine.connect() as connection:
        rejected = connection.execute(sa.select(features_rejected)).all()
    assert [(row.run_id, row.line, row.reason) for row in rejected] == [
        (run.run_id, 22, "popularity: not a whole number")
    ]
    assert count(engine, features) == 40


def test_the_first_of_two_equal_records_is_kept(load: Load, engine: sa.Engine) -> None:
    run = load(
        csv_file(*(line(n) for n in range(2, 30)), line(1, tempo="1"), line(1, tempo="2")),
    )
    assert run.status is Status.SUCCEEDED, run.message
    with engine.connect() as connection:
        query = sa.select(features.c.tempo).where(features.c.track_id == f"{1:022}")
        assert connection.scalars(query).all() == [1.0]


class Backwards:
    """A database whose bulk inserts number the rows in the opposite order, as any server may."""

    def __init__(self, database: Database) -> None:
        self.execute, self.call, self._insert = database.execute, database.call, database.insert

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        self._insert(table, columns, rows[::-1])


def test_the_line_decides_what_is_first_however_the_rows_arrive(
    world: World, engine: sa.Engine, tmp_path: Path, azurite: str
) -> None:
    """The CLI's upload numbers the records."""
    file = tmp_path / f"{uuid.uuid4().hex}.csv"
    others = [line(number, genre="Pop") for number in range(10, 30)]
    twice = [line(1, tempo="1"), line(2, genre="pop"), line(1, genre="dance", tempo="2")]
    file.write_bytes(csv_file(*twice[:2], *others, line(3, track_name='"a\nb"'), twice[2]))
    settings = Settings(storage_connection_string=SecretStr(azurite))
    upload(file, f"raw/{file.name}", settings, lambda *_: None)
    backwards = replace(world, database=Backwards(world.database))
    run = rehearse(backwards, PIPELINE, file=file.name, maxRejectedPercent=20)
    assert run.status is Status.SUCCEEDED, run.message
    with engine.connect() as connection:
        rows = connection.execute(sa.select(features).order_by(features.c.id)).all()
        rejected = connection.execute(sa.select(features_rejected).order_by("line")).all()
    numbers = [1, 2, *range(10, 30)]
    assert [row.track_id for row in rows] == [f"{number:022}" for number in numbers]
    assert rows[0].tempo == 1.0
    assert {row.genre for row in rows} == {"Dance", "pop"}
    assert [(row.line, row.reason) for row in rejected] == [
        (24, "track_name: must not contain control characters"),
        (26, "record: duplicate of an earlier line"),
    ]


def test_a_line_that_is_no_number_is_in_the_log(load: Load, engine: sa.Engine) -> None:
    header, *records = csv_file(*(line(number) for number in range(1, 41))).splitlines()
    numbers = [b"x", *(str(number).encode() for number in range(3, 42))]
    content = [b"line," + header, *map(b",".join, zip(numbers, records, strict=True))]
    run = load(b"\n".join(content))
    assert run.status is Status.SUCCEEDED, run.message
    assert run.outcomes["Stage the file"].output["rowsSkipped"] == 1
    assert count(engine, features) == 39


def test_a_record_with_too_few_fields_is_rejected(load: Load, engine: sa.Engine) -> None:
    lines = [line(number) for number in range(1, 41)]
    short = line(50).rpartition(",")[0]
    run = load(csv_file(*lines, short))
    assert run.status is Status.SUCCEEDED, run.message
    with engine.connect() as connection:
        reasons = connection.scalars(sa.select(features_rejected.c.reason)).all()
    assert reasons == ["record: wrong number of fields"]


def test_empty_audio_features_are_unknown_and_no_fault(load: Load, engine: sa.Engine) -> None:
    assert load(csv_file(line(1, valence="", key=""))).status is Status.SUCCEEDED
    with engine.connect() as connection:
        stored = connection.execute(sa.select(features.c.valence, features.c.key)).all()
    assert [tuple(row) for row in stored] == [(None, None)]


def test_quotes_backslashes_and_a_byte_order_mark_are_read(load: Load, engine: sa.Engine) -> None:
    title = '"7"" single \\ B-side, live"'
    assert load(b"\xef\xbb\xbf" + csv_file(line(1, track_name=title))).status is Status.SUCCEEDED
    with engine.connect() as connection:
        assert connection.scalars(sa.select(features.c.track_name)).all() == [
            '7" single \\ B-side, live'
        ]


def test_a_row_that_cannot_be_staged_is_in_the_log_with_its_reason(
    load: Load, engine: sa.Engine, storage: BlobServiceClient
) -> None:
    lines = [line(number) for number in range(1, 61)]
    run = load(csv_file(*lines, line(99) + ",one too many", line(98, track_name="x" * 4001)))
    assert run.status is Status.SUCCEEDED, run.message
    assert count(engine, features) == 60
    output = run.outcomes["Stage the file"].output
    assert (output["rowsRead"], output["rowsCopied"], output["rowsSkipped"]) == (62, 60, 2)
    container, _, path = output["logFilePath"].partition("/")
    assert container == "load-logs"
    log = storage.get_blob_client(container, path).download_blob().readall().decode()
    rows = {row["OperationItem"]: row["Message"] for row in csv.DictReader(io.StringIO(log))}
    reasons = {item.split(",")[-1]: message for item, message in rows.items()}
    assert "row number 62: found more columns" in reasons['"one too many"']
    assert len(rows) == 2


def test_the_header_may_stand_in_any_order(load: Load, engine: sa.Engine) -> None:
    names, values = HEADER.split(","), line(1).split(",")
    content = f"{','.join(names[::-1])}\n{','.join(values[::-1])}\n".encode()
    assert load(content).status is Status.SUCCEEDED
    assert count(engine, features) == 1
