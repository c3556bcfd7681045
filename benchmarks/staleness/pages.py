"""Puts a run into the pages that show it, between two marks; a test compares them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.publish import DOCS, marked
from benchmarks.staleness import chart
from benchmarks.staleness.contenders import CONTENDERS, PRODUCT
from benchmarks.staleness.phases import PHASES, Phase
from benchmarks.staleness.results import Document, Row, rows, share
from local.hosted import REPOSITORY

JSON: Final = DOCS / "staleness.json"
CHART: Final = DOCS / "staleness.svg"
MARKS: Final = "staleness"
TITLES: Final = {one.key: one.title for one in CONTENDERS} | {PRODUCT.key: f"**{PRODUCT.title}**"}


def publish(document: Document) -> None:
    """Write the JSON, the chart, and the tables of both READMEs and docs/staleness.md.

    Raises ValueError if a phase was not measured with every contender.
    """
    if missing := {(p.key, c.key) for p in PHASES for c in CONTENDERS} - rows(document).keys():
        raise ValueError(f"not measured: {sorted(missing)}")
    JSON.write_text(json.dumps(document, indent=1) + "\n")
    CHART.write_text(chart.draw(document))
    for page, text in pages(document).items():
        page.write_text(marked(page.read_text("utf-8"), text, MARKS), "utf-8")


def pages(document: Document) -> dict[Path, str]:
    """What stands between the marks of each page."""
    return {
        REPOSITORY / "README.md": summary(document),
        REPOSITORY / "README.es.md": summary(document),
        DOCS / "staleness.md": "\n\n".join((table(document), conditions(document))),
    }


def outcome(row: Row) -> str:
    """Return a row in a few words: how many reads were stale, and what stays."""
    words = [share(row.stale, row.reads)]
    if row.stays:
        words.append("stays" if row.rounds == 1 else f"stays {row.stays} of {row.rounds}")
    if row.never_shown:
        words.append(f"never shown {row.never_shown}{_of(row.rounds)}")
    return ", ".join(words)


def summary(document: Document) -> str:
    """A row for each phase, a column for each contender."""
    found = rows(document)
    lines = [
        f"| stale reads | {' | '.join(TITLES.values())} |",
        f"|---{'|---' * len(TITLES)}|",
    ]
    for phase in PHASES:
        row = (found.get((phase.key, contender)) for contender in TITLES)
        words = " | ".join(outcome(one) if one else "-" for one in row)
        lines.append(f"| {phase.title} | {words} |")
    return "\n".join(lines)


def table(document: Document) -> str:
    """A row for each phase and contender, with everything that was counted."""
    heads: tuple[str, ...] = (
        "phase",
        "contender",
        "reads",
        "stale",
        "at most, s",
        "stays",
        "never shown",
    )
    heads += ("first key expires, s", "acknowledged", "lost", "failed reads", "failed writes")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(_cells(phase.title, row))} |" for phase, row in _rows(document)]
    return "\n".join(lines)


def conditions(document: Document) -> str:
    """The machine, its programs, and the versions of what the rivals are made of."""
    timing, about = document["timing"], document["machine"] | document["versions"]
    lasted = f"{timing['seconds']:g} s a phase, {timing['silence']:g} s of silence after it. "
    return lasted + ", ".join(f"{name}: {value}" for name, value in about.items()) + "."


def _rows(document: Document) -> Iterator[tuple[Phase, Row]]:
    found = rows(document)
    for phase in PHASES:
        for contender in TITLES:
            if row := found.get((phase.key, contender)):
                yield phase, row


def _cells(phase: str, row: Row) -> Iterator[str]:
    yield phase
    yield TITLES[row.contender]
    yield f"{row.reads:,}"
    yield f"{row.stale:,}"
    yield f"{row.longest:.2f}" if row.stale else "-"
    yield f"{row.stays}{_of(row.rounds)}"
    yield str(row.never_shown)
    yield "-" if row.expires_in is None else f"{row.expires_in:,}"
    for count in (row.acknowledged, row.lost, row.failed_reads, row.failed_writes):
        yield f"{count:,}"


def _of(rounds: int) -> str:
    return f" of {rounds}" if rounds > 1 else ""
