"""A chart of a run: a square for each phase and contender, coloured by how wrong it was."""

from collections.abc import Mapping
from typing import Final

from benchmarks import svg
from benchmarks.staleness.contenders import CONTENDERS
from benchmarks.staleness.phases import PHASES
from benchmarks.staleness.results import Document, Row, rows, share

TITLE: Final = "How often a list lacked a record that was acknowledged before the read"
LEFT, TOP, WIDE, HIGH = 360, 76, 124, 44
RIGHT, BOTTOM = 16, 44
EXACT, HEALS, STAYS = "#0b7a4b", "#b4570f", "#b3261e"
FILLS: Final = {EXACT: "#d9f2e5", HEALS: "#fdebd8", STAYS: "#fbdcd9"}
LEGEND: Final = (
    (EXACT, "never wrong"),
    (HEALS, "wrong for a while: share of reads"),
    (STAYS, "stays wrong until the next write or the hour"),
)


def draw(document: Document) -> str:
    """Draw a row for each phase and a column for each contender."""
    found = rows(document)
    width, height = LEFT + WIDE * len(CONTENDERS) + RIGHT, TOP + HIGH * len(PHASES) + BOTTOM
    parts = [svg.title(TITLE)]
    for column, contender in enumerate(CONTENDERS):
        parts += _lines(LEFT + WIDE * (column + 0.5), TOP - 14, contender.title.split(", "))
    for row, phase in enumerate(PHASES):
        parts.append(svg.text(LEFT - 12, TOP + HIGH * row + 27, phase.title, "end"))
        for column, contender in enumerate(CONTENDERS):
            if measured := found.get((phase.key, contender.key)):
                parts += _square(LEFT + WIDE * column, TOP + HIGH * row, measured)
    parts += _legend(height - 16)
    return svg.document(width, height, parts, _in_words(found))


def _in_words(found: Mapping[tuple[str, str], Row]) -> str:
    """Say what the squares say, for those who do not see them."""
    phases = {phase.key: phase.title for phase in PHASES}
    titles = {contender.key: contender.title for contender in CONTENDERS}
    said = [TITLE]
    for (phase, contender), row in found.items():
        said.append(f"{phases[phase]}, {titles[contender]}: {' '.join(_verdict(row)[1])}")
    return ". ".join(said) + "."


def _square(x: float, y: float, row: Row) -> list[str]:
    colour, lines = _verdict(row)
    box = f'x="{x + 3}" y="{y + 3}" width="{WIDE - 6}" height="{HIGH - 6}" rx="4"'
    return [
        f'<rect {box} fill="{FILLS[colour]}" stroke="{colour}"/>',
        *_lines(x + WIDE / 2, y + 27, lines, colour),
    ]


def _verdict(row: Row) -> tuple[str, list[str]]:
    if row.never_shown:
        return STAYS, ["never shown", f"{row.never_shown} of {row.rounds}"]
    if row.stays:
        return STAYS, ["stays", f"{row.stays} of {row.rounds}"]
    if row.stale:
        return HEALS, [share(row.stale, row.reads)]
    return EXACT, ["0"]


def _lines(x: float, y: float, lines: list[str], colour: str = svg.INK) -> list[str]:
    """Centre one or two lines of text."""
    top = y - 9 * (len(lines) - 1)
    return [svg.text(x, top + 17 * n, line, "middle", colour) for n, line in enumerate(lines)]


def _legend(y: float) -> list[str]:
    parts, x = [], 24.0
    for colour, meaning in LEGEND:
        parts.append(
            f'<rect x="{x}" y="{y - 12}" width="14" height="14" rx="3" '
            f'fill="{FILLS[colour]}" stroke="{colour}"/>'
        )
        parts.append(svg.text(x + 22, y, meaning, "start"))
        x += 60 + 7 * len(meaning)
    return parts
