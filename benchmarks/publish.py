"""Puts a run's figures into the pages that show them, between two marks; a test compares them."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks import chart, growth_chart
from benchmarks.contenders import PRODUCT
from benchmarks.document import Document, of_turns, rows
from benchmarks.tables import summary, tables
from local.hosted import REPOSITORY

DOCS: Final = REPOSITORY / "docs"
JSON: Final = DOCS / "benchmark.json"
CHART: Final = DOCS / "benchmark.svg"
GROWTH: Final = DOCS / "growth.json"
GROWTH_CHART: Final = DOCS / "growth.svg"
CLIENTS: Final = 8
"""Clients of the loads of which docs/scale.md has the cost."""


def publish(document: Document) -> None:
    """Write the JSON, the chart, and the tables of both READMEs and docs/performance.md."""
    JSON.write_text(json.dumps(document, indent=1) + "\n")
    CHART.write_text(chart.draw(document))
    for (page, name), text in pages(document).items():
        page.write_text(marked(page.read_text(), text, name))


def publish_growth(document: Document) -> None:
    """Write the JSON, the chart of the lists that grow, and the table of docs/scale.md."""
    GROWTH.write_text(json.dumps(document, indent=1) + "\n")
    GROWTH_CHART.write_text(growth_chart.draw(of_records(document)))
    page = DOCS / "scale.md"
    page.write_text(marked(page.read_text(), growth(document)))


def of_records(document: Document) -> list[Any]:
    """The points whose list grows; the others have more genres."""
    return [point for point in document["points"] if point["records"] == point["limit"]]


def growth(document: Document) -> str:
    """Every point and its figures; times in ms, medians."""
    points = document["points"]
    names = list(points[0]["figures"])
    lines = [f"| records | genres | {' | '.join(names)} |", f"|{'---|' * (len(names) + 2)}"]
    for point in points:
        values = " | ".join(_ms(point["figures"][name]) for name in names)
        lines.append(f"| {point['records']:,} | {point['genres']:,} | {values} |")
    return "\n".join(lines)


def pages(document: Document) -> Mapping[tuple[Path, str], str]:
    """What stands between the marks of each page, by the page and the name of the marks."""
    return {
        (REPOSITORY / "README.md", "benchmark"): summary(document),
        (REPOSITORY / "README.es.md", "benchmark"): summary(document),
        (DOCS / "performance.md", "benchmark"): "\n\n".join(
            (*(table.markdown() for table in tables(document)), machine(document))
        ),
        (DOCS / "scale.md", "cost"): cost(document),
    }


def marked(page: str, text: str, name: str = "benchmark") -> str:
    """The page with this text between its marks. Raises ValueError for a page without them."""
    found = re.subn(
        rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
        lambda marks: f"{marks[1]}{text}\n{marks[2]}",
        page,
        flags=re.DOTALL,
    )
    if found[1] != 1:
        raise ValueError(f"the page has not one pair of the marks '{name}'")
    return found[0]


def cost(document: Document) -> str:
    """What a request that hits in memory costs, by what it answers."""
    found = rows(document)
    costs = [
        of_turns(found[task, CLIENTS, PRODUCT], "cpu_ms").middle
        for task in ("304", "genre", "hit, gzip")
    ]
    return "\n".join(
        (
            "| | 304 | genre, 0.5 MB | `/features`, 5 MB gzip |",
            "|---|---|---|---|",
            f"| CPU of the worker | {' | '.join(f'{ms:.2f} ms' for ms in costs)} |",
            "| to and from Redis | one `GET`: under 200 bytes | the same | the same |",
            "| SQL | nothing | nothing | nothing |",
            "| to the caller | 0.5 kB | 0.5 MB | 5 MB |",
        )
    )


def machine(document: Document) -> str:
    """Where, when, and how quiet it was."""
    parts = [f"{name}: {value}" for name, value in document["machine"].items()]
    parts += [f"{name} {version}" for name, version in document["packages"].items()]
    found = document["calibrations"]
    waiting = max(one["wall_ms"] / one["cpu_ms"] for one in found)
    cpus = [one["cpu_ms"] for one in found]
    return (
        ", ".join(parts) + f". {len(found)} calibrations: at most {waiting:.2f} times their "
        f"processor time, which was {min(cpus):.1f} to {max(cpus):.1f} ms."
    )


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
