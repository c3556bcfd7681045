"""Copy: from a CSV in blob storage into a table."""

from collections.abc import Callable, Mapping, Sequence
from itertools import batched
from typing import Any

from shared.repository.tables import MAX_STAGED_LENGTH
from shared.tracks.text import utf16_length
from tests.adf.rehearsal.delimited_text import Row, header_and_rows
from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.skipped_rows_log import Skipped, write
from tests.adf.rehearsal.world import Rows, World

type Pick = Callable[[Row], tuple[str | None, ...]]
"""Returns the mapped values of a row, in the order of the mapping."""


def copy(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    """Run the activity; return its output, as Data Factory does."""
    properties = activity["typeProperties"]
    source, sink = world.dataset(activity["inputs"][0]), world.dataset(activity["outputs"][0])
    blob = world.blob(source)
    content = blob.download_blob().readall()
    header, rows = header_and_rows(content, source, blob.blob_name)
    pick = _picker(properties, header)
    world.database.execute(properties["sink"]["preCopyScript"])
    columns = [mapping["sink"]["name"] for mapping in properties["translator"]["mappings"]]
    table = f"{sink['schema']}.{sink['table']}"
    copied, skipped = 0, list[Skipped]()
    for batch in batched(rows, properties["sink"]["writeBatchSize"], strict=False):
        good, bad = _sorted(batch, pick)
        if good:
            world.database.insert(table, columns, good)
        copied += len(good)
        skipped += bad
    return {
        "dataRead": len(content),
        "rowsRead": copied + len(skipped),
        "rowsCopied": copied,
        "rowsSkipped": len(skipped),
    } | _log(skipped, activity, world)


def _sorted(batch: Sequence[Row], pick: Pick) -> tuple[Rows, list[Skipped]]:
    """Split rows into those that the table can take, and the others with the reasons."""
    good: Rows = []
    bad: list[Skipped] = []
    for row in batch:
        fault = row.fault or _truncated(row)
        if fault:
            bad.append((row.fields, fault))
        else:
            good.append(pick(row))
    return good, bad


def _truncated(row: Row) -> str | None:
    """Return the fault of a row with a value longer than a column of the staging table."""
    if any(value and utf16_length(value) > MAX_STAGED_LENGTH for value in row.fields):
        return "String or binary data would be truncated."
    return None


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


def _log(skipped: Sequence[Skipped], activity: Mapping[str, Any], world: World) -> dict[str, Any]:
    properties = activity["typeProperties"]
    if not skipped:
        return {}
    if not properties["enableSkipIncompatibleRow"]:
        raise ActivityFailed(skipped[0][1])
    path = write(skipped, properties["logSettings"], activity["name"], world.storage)
    return {"logFilePath": path}
