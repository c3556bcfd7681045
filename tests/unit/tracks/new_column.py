"""Print, as JSON, where the column shows that the copy of the product on the path has added."""

import json
from pathlib import Path

import sqlalchemy as sa

from shared.http.answer_bodies import FullRecord, Record
from shared.http.request_bodies import NewTrack
from shared.ingest.csv_reader import read
from shared.ingest.loading import load
from shared.repository.bulk_load import bulk_load
from shared.repository.sqlite import sqlite_engine
from shared.repository.statements import rows_of
from shared.repository.tables import cache_epoch, features_counted, features_staging, metadata
from shared.tracks.genres import ALL
from shared.tracks.track import COLUMNS, TRACK_COLUMNS, View

EXAMPLES = [str(column.kind.example) for column in TRACK_COLUMNS]
CSV = Path("record.csv")


def loaded_list() -> list[object]:
    """The record of a CSV, loaded into tables without migrations, as the full view lists it."""
    CSV.write_text(f"{','.join(COLUMNS)}\n{','.join(EXAMPLES)}\n", "utf-8")
    engine = sqlite_engine(Path("database.sqlite"), 2)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(sa.insert(cache_epoch).values(epoch="epoch"))
        connection.execute(sa.insert(features_counted).values(records=0, last_id=0))
    with CSV.open("rb") as file:
        load(read(file), bulk_load(engine, 10, "run"))
    with engine.connect() as connection:
        return [*connection.execute(rows_of(ALL, View.FULL, 10)).one()]


new = NewTrack.model_validate({column.name: column.kind.example for column in TRACK_COLUMNS})
track = new.track()
shown = {
    "list": loaded_list(),
    "staging": features_staging.c.keys(),
    "request": list(NewTrack.model_json_schema()["properties"]),
    "answer": FullRecord.of(track).model_dump(),
    "core answer": list(Record.model_json_schema()["properties"]),
}
print(json.dumps(shown))  # noqa: T201 -- the test reads it
