"""Copy, from a CSV in blob storage into a table."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import Any

from tests.adf.rehearsal.delimited import Row, header_and_rows
from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.skipped import Skipped, write
from tests.adf.rehearsal.world import Rows, RowsRefused, World

type Pick = Callable[[Row], tuple[str | None, ...]]
"""The mapped values of a row, in the mapping's order."""


def copy(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    """Carry it out; its output as Data Factory gives it."""
    properties = activity["typeProperties"]
    source, sink = world.dataset(activity["inputs"][0]), world.dataset(activity["outputs"][0])
    blob = world.blob(source)
    content = blob.download_blob().readall()
    header, rows = header_and_rows(content, source, blob.blob_name)
    pick = _picker(properties, header)
    world.database.execute(properties["sink"]["preCopyScript"])
    columns = [mapping["sink"]["name"] for mapping in properties["translator"]["mappings"]]
    writer = _Writer(world, f"{sink['schema']}.{sink['table']}", columns)
    for batch in batched(rows, properties["sink"]["writeBatchSize"], strict=False):
        writer.write([pick(row) for row in batch if row.fault is None])
        writer.skipped += [(row.fields, row.fault) for row in batch if row.fault]
    return writer.output(len(content)) | _log(writer.skipped, activity, world)


def _picker(properties: Mapping[str, Any], header: list[str]) -> Pick:
    added = {
        column["name"]: column["value"] for column in properties["source"]["additionalColumns"]
    }
    sources = [mapping["source"]["name"] for mapping in properties["translator"]["mappings"]]
    missing = [name for name in sources if name not in added and name not in header]
    if missing:
        raise ActivityFailed(
            f"Column {', '.join(missing)} is not found in the source.", "UserErrorInvalidColumnName"
        )
    plan = [
        (None, added[name]) if name in added else (header.index(name), None) for name in sources
    ]
    return lambda row: tuple(
        constant if place is None else row.fields[place] for place, constant in plan
    )


class _Writer:
    def __init__(self, world: World, table: str, columns: list[str]) -> None:
        self._database = world.database
        self._table = table
        self._columns = columns
        self._copied = 0
        self.skipped: list[Skipped] = []

    def write(self, rows: Rows) -> None:
        """Insert what can be; halve a batch that is refused until the bad rows are alone."""
        if not rows:
            return
        try:
            self._database.insert(self._table, self._columns, rows)
            self._copied += len(rows)
        except RowsRefused as refused:
            if len(rows) == 1:
                self.skipped.append((rows[0], str(refused)))
                return
            middle = len(rows) // 2
            self.write(rows[:middle])
            self.write(rows[middle:])

    def output(self, size: int) -> dict[str, Any]:
        return {
            "dataRead": size,
            "rowsRead": self._copied + len(self.skipped),
            "rowsCopied": self._copied,
            "rowsSkipped": len(self.skipped),
        }


def _log(skipped: Sequence[Skipped], activity: Mapping[str, Any], world: World) -> dict[str, Any]:
    properties = activity["typeProperties"]
    if not skipped:
        return {}
    if not properties["enableSkipIncompatibleRow"]:
        raise ActivityFailed(skipped[0][1])
    path = write(skipped, properties["logSettings"], activity["name"], world.storage)
    return {"logFilePath": path}
