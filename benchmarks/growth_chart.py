"""A chart of growth with both scales logarithmic: a line at 45 degrees is linear growth."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks import svg

WIDTH: Final = 760
HEIGHT: Final = 420
LEFT: Final = 70
RIGHT: Final = 170
TOP: Final = 50
BOTTOM: Final = 50
GRID: Final = "#d8dee4"
CURVES: Final = {
    "cold": ("cold, ms", "#c2622d"),
    "hit": ("hit, gzip, ms", "#0b7a4b"),
    "page": ("page of 100, ms", "#2c6fbb"),
    "304": ("304, ms", "#7a4bb0"),
    "MiB, gzip alone": ("peak memory, MiB", "#8a94a0"),
    "Redis MB": ("in Redis, MB", "#b3261e"),
}

type Points = Sequence[Mapping[str, Any]]


def draw(points: Points) -> str:
    """Draw a line for each figure over the number of records."""
    sizes = [point["records"] for point in points]
    low, high = _decades([point["figures"][name] for point in points for name in CURVES])
    left, right = math.log10(min(sizes)), math.log10(max(sizes))

    def at(size: float, value: float) -> tuple[float, float]:
        across = (math.log10(size) - left) / (right - left)
        up = (math.log10(value) - low) / (high - low)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (
            HEIGHT - TOP - BOTTOM
        )

    parts = [svg.title("Growth with the records of one list (both scales logarithmic)")]
    for decade in range(low, high + 1):
        _, y = at(sizes[0], 10.0**decade)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        parts.append(svg.text(LEFT - 8, y + 4, f"{10.0**decade:,.10g}", "end"))
    for size in sizes:
        x, _ = at(size, 10.0**low)
        parts.append(svg.text(x, HEIGHT - BOTTOM + 20, f"{size:,}", "middle"))
    parts += _curves(points, [at(*_pair(point, name)) for name in CURVES for point in points])
    return svg.document(WIDTH, HEIGHT, parts)


def _pair(point: Mapping[str, Any], name: str) -> tuple[float, float]:
    return point["records"], point["figures"][name]


def _curves(points: Points, places: list[tuple[float, float]]) -> list[str]:
    """Draw the lines, their dots, and their labels, moved apart where they would overlap."""
    parts, free = [], float(HEIGHT)
    lines = [places[start : start + len(points)] for start in range(0, len(places), len(points))]
    named = sorted(
        zip(lines, CURVES.values(), strict=True), key=lambda one: one[0][-1][1], reverse=True
    )
    for line, (label, colour) in named:
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        parts.append(
            f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in line]
        free = min(free - 16, line[-1][1] + 4)
        parts.append(svg.text(WIDTH - RIGHT + 10, free, label, "start", colour))
    return parts


def _decades(values: Sequence[float]) -> tuple[int, int]:
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
