"""SQLite in place of Azure SQL, with the load in Python in place of the stored procedure."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.ingest.loading import load
from shared.ingest.transform import Record
from shared.repository.bulk_load import bulk_load
from shared.repository.load_target import LoadError
from shared.repository.tables import features_rejected, features_staging
from shared.tracks.rejected import WRONG_FIELD_COUNT, Rejected
from shared.tracks.track import COLUMNS
from tests.adf.rehearsal.load_gates import Gated
from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.world import Rows


class Embedded:
    """The embedded database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def execute(self, text: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(_bare(text))

    def insert(self, table: str, columns: list[str], rows: Rows) -> None:
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {_bare(table)} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names from our own files
        with self._engine.begin() as connection:
            connection.exec_driver_sql(statement, rows)

    def call(self, procedure: str, parameters: Mapping[str, Any]) -> None:
        """Do what `spotify.load_features` does."""
        if procedure != "[spotify].[load_features]":
            raise ActivityFailed(f"Could not find stored procedure '{procedure}'.")
        run_id = parameters["run_id"]
        self._check_lines(run_id)
        self._delete(features_rejected, run_id)  # of an earlier attempt
        into = bulk_load(self._engine, parameters["features_limit"], run_id)
        rows = parameters["expected_rows"]
        try:
            load(self._staged(run_id), Gated(into, rows, parameters["max_rejected_percent"]))
        except (LoadError, DatabaseUnavailable) as error:
            raise ActivityFailed(str(error)) from error
        self._delete(features_staging, run_id)

    def _delete(self, table: sa.Table, run_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.run_id == run_id))

    def _check_lines(self, run_id: str) -> None:
        line = features_staging.c.line
        query = sa.select(line).where(features_staging.c.run_id == run_id, line.is_not(None))
        with self._engine.connect() as connection:
            lines = connection.scalars(query).all()
        if len(lines) != len(set(lines)):
            raise ActivityFailed("Two of the staged rows have the same line.")

    def _staged(self, run_id: str) -> Iterator[Record | Rejected]:
        columns = features_staging.c
        query = sa.select(columns.line, *(columns[name] for name in COLUMNS))
        ordered = query.where(columns.run_id == run_id).order_by(columns.line, columns.arrival)
        with self._engine.connect() as connection:
            rows = connection.execute(ordered).all()
        for place, (number, *row) in enumerate(rows, start=2):
            line, raw = number or place, _line(row)
            if None in row:
                yield Rejected(line, WRONG_FIELD_COUNT, raw)
            else:
                yield Record(line, row, raw)


def _line(row: Sequence[str | None]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue()


def _bare(text: str) -> str:
    """Remove the schema's name: SQLite has no schemas."""
    return text.replace("spotify.", "")
