"""Finds the queries: files of KQL, pages, and what the snapshots of the template hold."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FENCE: Final = re.compile(r"^```(?:kusto|kql)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES: Final = ("*.md", "docs/*.md")
ALERT: Final = "Microsoft.Insights/scheduledQueryRules"
WORKBOOK: Final = "Microsoft.Insights/workbooks"


@dataclass(frozen=True)
class Needed:
    """The columns that an alert reads from the result of its query."""

    measure: str = ""
    dimensions: tuple[str, ...] = ()
    counts: bool = False


@dataclass(frozen=True)
class Query:
    """A query, the file that has it, and the line at which it begins there (0: it has no lines)."""

    file: str
    line: int
    text: str
    needed: Needed | None = None

    def at(self, start: int) -> str:
        """Return the place of a character of the query, as file:line."""
        return (
            f"{self.file}:{self.line + self.text.count('\n', 0, start)}" if self.line else self.file
        )


def queries(root: Path) -> list[Query]:
    """Return all queries of a checkout."""
    files = [*_files(root)]
    places = {query.text: query for query in files}
    return [*files, *_pages(root), *_snapshots(root, places)]


def _files(root: Path) -> Iterator[Query]:
    for path in sorted((root / "infra").rglob("*.kql")):
        yield Query(str(path.relative_to(root)), 1, path.read_text("utf-8"))


def _pages(root: Path) -> Iterator[Query]:
    for path in sorted(page for pattern in PAGES for page in root.glob(pattern)):
        text = path.read_text("utf-8")
        for found in FENCE.finditer(text):
            line = text.count("\n", 0, found.start(1)) + 1
            yield Query(str(path.relative_to(root)), line, found[1])


def _snapshots(root: Path, places: Mapping[str, Query]) -> Iterator[Query]:
    """Yield each alert, and each query of a workbook that is no file."""
    for path in sorted((root / "infra" / "snapshots").glob("*.snapshot.json")):
        for resource in json.loads(path.read_text("utf-8"))["predictedResources"]:
            file = f"{path.relative_to(root)}: {resource['name']}"
            for text, needed in _held(resource):
                place = places.get(text, Query(file, 0, text))
                yield Query(place.file, place.line, text, needed)


def _held(resource: Mapping[str, Any]) -> Iterator[tuple[str, Needed | None]]:
    if resource["type"] == ALERT:
        for criterion in resource["properties"]["criteria"]["allOf"]:
            yield criterion["query"], _needed(criterion)
    elif resource["type"] == WORKBOOK:
        for item in json.loads(resource["properties"]["serializedData"])["items"]:
            if "query" in item["content"]:
                yield item["content"]["query"], None


def _needed(criterion: Mapping[str, Any]) -> Needed:
    return Needed(
        criterion.get("metricMeasureColumn", ""),
        tuple(dimension["name"] for dimension in criterion.get("dimensions", ())),
        criterion["timeAggregation"] == "Count",
    )
