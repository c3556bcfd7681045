"""Puts a run's figures into the pages that show them, between two marks; a test compares them."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import growth_chart
from local.hosted import REPOSITORY

DOCS: Final = REPOSITORY / "docs"
JSON: Final = DOCS / "benchmark.json"
CHART: Final = DOCS / "benchmark.svg"
GROWTH: Final = DOCS / "growth.json"
GROWTH_CHART: Final = DOCS / "growth.svg"
NAMES: Final = {
    "naive": "naive: JSON text in Redis",
    "naive_typed": "naive, with a return type",
    "fastapi_cache2": "fastapi-cache2",
    "cashews_bytes": "cashews, returning bytes",
    "smart cache": "**Smart Cache**",
    "smart cache, func": "Smart Cache under `func`",
    "nginx": "nginx, a static file",
}

type Document = Mapping[str, Any]


def publish(document: Document, chart: str) -> None:
    """Write the JSON, the chart, and the tables of both READMEs and docs/performance.md."""
    JSON.write_text(json.dumps(document, indent=1) + "\n")
    CHART.write_text(chart)
    for page, text in pages(document).items():
        page.write_text(marked(page.read_text(), text))


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


def pages(document: Document) -> dict[Path, str]:
    """What stands between the marks of each page."""
    return {
        REPOSITORY / "README.md": summary(document),
        REPOSITORY / "README.es.md": summary(document),
        DOCS / "performance.md": "\n\n".join(
            (loads(document), singles(document), ratios(document), machine(document))
        ),
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


def summary(document: Document) -> str:
    """One list of 100,000 records for one client: who takes how long."""
    ours = _cell(document, "smart cache", "hit, gzip")["load"]["p50"]
    lines = ["| the cached list of 100,000 records | ms | times ours |", "|---|---|---|"]
    for contender, name in NAMES.items():
        for task in ("hit", "hit, gzip", "304"):
            cell = _find(document, contender, task)
            if cell:
                ms = cell["load"]["p50"]
                times = f"{ms / ours:,.0f}" if ms > 10 * ours else f"{ms / ours:.1f}"
                label = "identity" if task == "hit" else task.removeprefix("hit, ")
                lines.append(f"| {name}: {label} | {_ms(ms)} | {times} |")
    return "\n".join(lines)


def loads(document: Document) -> str:
    """One row for each contender, task and number of clients: the median over the load's turns."""
    lines = [
        "| contender | task | clients | p50 ms | p95 | p99 | a second | CPU ms each |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (contender, task, clients), turns in _turns(document).items():
        times = [_median(turn["load"][name] for turn in turns) for name in ("p50", "p95", "p99")]
        per_second = median(turn["load"]["per_second"] for turn in turns)
        cpu = median(turn["cpu_ms"] for turn in turns)
        lines.append(
            f"| {NAMES[contender]} | {task} | {clients} | "
            f"{' | '.join(map(_ms, times))} | {per_second:,.0f} | {_ms(cpu)} |"
        )
    return "\n".join(lines)


def _turns(document: Document) -> dict[tuple[str, str, int], list[Any]]:
    """The cells by what was measured: some loads are measured in several turns."""
    found: dict[tuple[str, str, int], list[Any]] = {}
    for cell in document["cells"]:
        key = cell["contender"], cell["task"], cell["load"]["clients"]
        found.setdefault(key, []).append(cell)
    return found


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


def singles(document: Document) -> str:
    """What one caller saw, median in ms, and memory."""
    contenders = document["singles"]
    rows = dict.fromkeys(name for values in contenders.values() for name in values)
    heads = " | ".join(NAMES[name] for name in contenders)
    lines = [f"| one caller | {heads} |", f"|---{'|---' * len(contenders)}|"]
    for row in rows:
        values = " | ".join(_ms(values.get(row)) for values in contenders.values())
        lines.append(f"| {row} | {values} |")
    return "\n".join(lines)


def ratios(document: Document) -> str:
    """What the targets are about."""
    lines = [f"| {name} | {value:,.2f} |" for name, value in document["ratios"].items()]
    return "\n".join(["| ratio | measured |", "|---|---|", *lines])


def machine(document: Document) -> str:
    """Where and when."""
    return ", ".join(f"{name}: {value}" for name, value in document["machine"].items()) + "."


def _find(document: Document, contender: str, task: str) -> Any:
    for cell in document["cells"]:
        if (cell["contender"], cell["task"], cell["load"]["clients"]) == (contender, task, 1):
            return cell
    return None


def _cell(document: Document, contender: str, task: str) -> Any:
    cell = _find(document, contender, task)
    if cell is None:
        raise LookupError((contender, task))
    return cell


def _ms(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
