"""Copy's log of the rows that it skipped.

Microsoft Learn, "Fault tolerance of copy activity", has its path and columns.
"""

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from azure.storage.blob import BlobServiceClient

COLUMNS: Final = ("Timestamp", "Level", "OperationName", "OperationItem", "Message")

type Skipped = tuple[Sequence[str | None], str]
"""A row, and why it was skipped."""


def write(
    skipped: Sequence[Skipped],
    settings: Mapping[str, Any],
    activity: str,
    storage: BlobServiceClient,
) -> str:
    """Write the log; return its path, which begins with the container."""
    container, _, folder = settings["logLocationSettings"]["path"].partition("/")
    parts = (folder, "copyactivity-logs", activity, uuid.uuid4().hex, f"{uuid.uuid4().hex}.csv")
    path = "/".join(filter(None, parts))
    storage.get_blob_client(container, path).upload_blob(_text(skipped).encode())
    return f"{container}/{path}"


def _text(skipped: Sequence[Skipped]) -> str:
    text = io.StringIO()
    log = csv.writer(text)
    log.writerow(COLUMNS)
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    for row, reason in skipped:
        log.writerow((now, "Warning", "TabularRowSkip", _line(row), reason))
    return text.getvalue()


def _line(row: Sequence[str | None]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(row)
    return line.getvalue()
