"""Copy: from a CSV in blob storage into a table."""

import re
from collections.abc import Mapping, Sequence
from itertools import batched
from typing import Any, Final

import sqlalchemy as sa

from checks.adf.staging import NOT_COPIED
from shared.repository.tables import MAX_STAGED_LENGTH, features_staging
from shared.tracks.text import utf16_length
from tests.adf.rehearsal.delimited_text import Row, header_and_rows
from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.skipped_rows_log import Skipped, write
from tests.adf.rehearsal.world import Rows, World

_TABLE: Final = {
    name: column for name, column in features_staging.c.items() if name not in NOT_COPIED
}
"""The columns that Copy may write."""

_NUMBER: Final = re.compile(r"\s*[+-]?\d{1,18}\s*")


def copy(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    """Run the activity; return its output, as Data Factory does."""
    properties = activity["typeProperties"]
    source, sink = world.dataset(activity["inputs"][0]), world.dataset(activity["outputs"][0])
    blob = world.blob(source)
    content = blob.download_blob().readall()
    header, rows = header_and_rows(content, source, blob.blob_name)
    added = {
        column["name"]: column["value"] for column in properties["source"]["additionalColumns"]
    }
    columns = [*header, *added]
    _check_names(columns)
    world.database.execute(properties["sink"]["preCopyScript"])
    table = f"{sink['schema']}.{sink['table']}"
    copied, skipped = 0, list[Skipped]()
    for batch in batched(rows, properties["sink"]["writeBatchSize"], strict=False):
        good, bad = _sorted(batch, header)
        if good:
            rows_to_insert = [(*fields, *added.values()) for fields in good]
            world.database.insert(table, columns, rows_to_insert)
        copied += len(good)
        skipped += bad
    return {
        "dataRead": len(content),
        "rowsRead": copied + len(skipped),
        "rowsCopied": copied,
        "rowsSkipped": len(skipped),
    } | _log(skipped, activity, world)


def _check_names(columns: Sequence[str]) -> None:
    """Without a mapping columns are mapped by their names, and the table must have all of them.

    Microsoft Learn, "Schema and data type mapping in copy activity": default mapping.
    """
    unknown = [name for name in columns if name not in _TABLE or columns.count(name) > 1]
    if unknown:
        message = f"Column {', '.join(unknown)} is not found in the target, or found twice."
        raise ActivityFailed(message, "UserErrorInvalidColumnName")


def _sorted(batch: Sequence[Row], header: Sequence[str]) -> tuple[Rows, list[Skipped]]:
    """Split rows into those that the table can take, and the others with the reasons."""
    good: Rows = []
    bad: list[Skipped] = []
    numbers = [place for place, name in enumerate(header) if _is_number(name)]
    for row in batch:
        fault = row.fault or _truncated(row) or _not_a_number(row, numbers)
        if fault:
            bad.append((row.fields, fault))
        else:
            good.append(tuple(row.fields))
    return good, bad


def _is_number(name: str) -> bool:
    return isinstance(_TABLE[name].type, sa.Integer)


def _truncated(row: Row) -> str | None:
    """Return the fault of a row with a value longer than a column of the staging table."""
    if any(value and utf16_length(value) > MAX_STAGED_LENGTH for value in row.fields):
        return "String or binary data would be truncated."
    return None


def _not_a_number(row: Row, places: Sequence[int]) -> str | None:
    values = [row.fields[place] for place in places]
    wrong = [value for value in values if value is not None and not _NUMBER.fullmatch(value)]
    return f"The value {wrong[0]!r} cannot be converted to Int64." if wrong else None


def _log(skipped: Sequence[Skipped], activity: Mapping[str, Any], world: World) -> dict[str, Any]:
    properties = activity["typeProperties"]
    if not skipped:
        return {}
    if not properties["enableSkipIncompatibleRow"]:
        raise ActivityFailed(skipped[0][1])
    path = write(skipped, properties["logSettings"], activity["name"], world.storage)
    return {"logFilePath": path}
