"""Reads a CSV as Copy does, which accepts more than our own reader.

Microsoft Learn, "Delimited text format": bytes that are no UTF-8 become U+FFFD, a quote that stays
open takes the lines that follow, missing fields are null, and only too many fields are an error.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.adf.rehearsal.outcome import ActivityFailed


@dataclass(frozen=True, slots=True)
class Row:
    """`fault`: why it cannot be copied, if it cannot."""

    fields: list[str | None]
    fault: str | None = None


def header_and_rows(
    content: bytes, dataset: Mapping[str, Any], name: str
) -> tuple[list[str], Iterator[Row]]:
    """Return the names of the columns, and the rows. Raises ActivityFailed."""
    text = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", errors="replace", newline="")
    lines = csv.reader(
        text,
        delimiter=dataset["columnDelimiter"],
        quotechar=dataset["quoteChar"],
        doublequote=dataset["escapeChar"] == dataset["quoteChar"],
    )
    header = _next(lines)
    if header is None or "" in header:
        code = "DelimitedTextColumnNameNotAllowNull"
        raise ActivityFailed("The name of a column is empty in the header row.", code)
    return header, _rows(lines, len(header), dataset["nullValue"], name)


def _rows(lines: Iterator[list[str]], width: int, null: str, name: str) -> Iterator[Row]:
    number = 1
    while (fields := _next(lines)) is not None:
        number += 1
        if not fields:
            continue
        if len(fields) > width:
            yield Row(
                [*fields],
                f"Error found when processing 'Csv/Tsv Format Text' source '{name}' with row number"
                f" {number}: found more columns than expected column count {width}.",
            )
            continue
        padding: list[str | None] = [None] * (width - len(fields))
        yield Row([None if field == null else field for field in fields] + padding)


def _next(lines: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(lines, None)
    except csv.Error as error:
        raise ActivityFailed(f"The file cannot be parsed: {error}.", "DelimitedTextBad") from error
