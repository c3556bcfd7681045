"""Checks what a pipeline does with the staging table: its columns, and whose rows it deletes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import sqlalchemy as sa

from checks.adf.activities import activities
from checks.adf.json_walk import strings
from checks.adf.resources import Factory
from checks.finding import Fault, Finding
from shared.ingest.header import LINE
from shared.repository.schema_upgrade import upgrade
from shared.repository.sqlite import sqlite_engine
from shared.tracks.track import COLUMNS

TABLE: Final = "features_staging"
_TRANSLATOR: Final = {"type", "typeConversion", "typeConversionSettings"}
_CONVERSIONS: Final = {"allowDataTruncation", "treatBooleanAsNumber"}
"""What the mapping of a Copy may have: Azure's types leave it open."""

_OF_THIS_RUN: Final = re.compile(r"WHERE run_id = '+, pipeline\(\)\.RunId\b")
"""The end of a DELETE, in an expression of Data Factory."""

NOT_COPIED: Final = ("arrival", "staged_at")
"""Columns that the database fills."""

_CSV: Final = {
    "quoteChar": '"',
    "escapeChar": '"',
    "columnDelimiter": ",",
    "encodingName": "UTF-8",
    "firstRowAsHeader": True,
    "nullValue": "\\N",
}


def migrated_columns() -> list[str]:
    """Return the columns of the staging table, in order, after all migrations."""
    with TemporaryDirectory() as folder:
        engine = sqlite_engine(Path(folder) / "migrated.sqlite", 1)
        try:
            upgrade(engine)
            return [column["name"] for column in sa.inspect(engine).get_columns(TABLE)]
        finally:
            engine.dispose()


def check(factory: Factory) -> Iterator[Finding]:
    expected = [name for name in migrated_columns() if name not in NOT_COPIED]
    for pipeline in factory.of("pipeline").values():
        for fault in _deletions(pipeline.properties):
            yield fault.of(pipeline.file)
        for activity in activities(pipeline.properties):
            if activity.type == "Copy":
                for fault in _copy(activity.properties, expected, activity.path):
                    yield fault.of(pipeline.file)
    for dataset in factory.of("dataset").values():
        for fault in _dataset(dataset.properties, expected):
            yield fault.of(dataset.file)


def _deletions(pipeline: Mapping[str, Any]) -> Iterator[Fault]:
    for path, text in strings(pipeline, ".properties"):
        if "DELETE FROM" in text and not _OF_THIS_RUN.search(text):
            yield Fault(path, "must delete the rows of this run only: another load stages too")


def _copy(copy: Mapping[str, Any], expected: Sequence[str], path: str) -> Iterator[Fault]:
    yield from _translator(copy.get("translator", {}), f"{path}.translator")
    added = [column["name"] for column in copy.get("source", {}).get("additionalColumns", [])]
    of_database = [name for name in expected if name not in {*COLUMNS, LINE}]
    yield from _same(added, of_database, f"{path}.source.additionalColumns")


def _translator(translator: Mapping[str, Any], path: str) -> Iterator[Fault]:
    if "mappings" in translator:
        what = f"must map columns by their names: a file may lack {LINE!r}"
        yield Fault(f"{path}.mappings", what)
    settings = translator.get("typeConversionSettings", {})
    for name in {*translator.keys() - _TRANSLATOR, *settings.keys() - _CONVERSIONS} - {"mappings"}:
        yield Fault(f"{path}.{name}", "the mapping of a Copy has no such property here")


def _dataset(dataset: Mapping[str, Any], expected: Sequence[str]) -> Iterator[Fault]:
    properties = dataset.get("typeProperties", {})
    columns = [column["name"] for column in dataset.get("schema", [])]
    if dataset.get("type") == "DelimitedText":
        yield from _same(columns, COLUMNS, ".properties.schema")
        for name, value in _CSV.items():
            if properties.get(name) != value:
                yield Fault(f".properties.typeProperties.{name}", f"must be {value!r}")
    elif dataset.get("type") == "AzureSqlTable":
        yield from _same(columns, expected, ".properties.schema")
        if (properties.get("schema"), properties.get("table")) != ("spotify", TABLE):
            yield Fault(".properties.typeProperties", f"must name spotify.{TABLE}")


def _same(found: Sequence[str], expected: Sequence[str], path: str) -> Iterator[Fault]:
    for name in expected:
        if found.count(name) != 1:
            yield Fault(path, f"{name!r} stands there {found.count(name)} times, not once")
    for name in found:
        if name not in expected:
            yield Fault(path, f"there is no column {name!r}")
