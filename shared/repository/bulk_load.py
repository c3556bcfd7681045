"""A load's way into the database, whichever it is: the port Target on SQL, for the CLI."""

from collections.abc import Sequence

import sqlalchemy as sa

from shared.repository.bulk_load_azure_sql import AzureLoad
from shared.repository.bulk_load_sqlite import SqliteLoad
from shared.repository.load_target import Merged, Target
from shared.tracks.rejected import Rejected
from shared.tracks.track import Track


class BulkLoad:
    """One load, named by `run_id`. What `merge` did not commit leaves the records as they were.

    Every method raises DatabaseUnavailable; a load may simply be run again.
    """

    def __init__(self, engine: sa.Engine, features_limit: int, run_id: str) -> None:
        load = AzureLoad if engine.dialect.name == "mssql" else SqliteLoad
        self._target: Target = load(engine, features_limit, run_id)

    def stage(self, batch: Sequence[tuple[int, Track]]) -> None:
        self._target.stage(batch)

    def reject(self, batch: Sequence[Rejected]) -> None:
        self._target.reject(batch)

    def merge(self) -> Merged:
        return self._target.merge()

    def abandon(self) -> None:
        self._target.abandon()
