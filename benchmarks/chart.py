"""A bar chart of what a cached list costs each contender, on a logarithmic scale."""

import math
from typing import Final

from benchmarks import svg
from benchmarks.contenders import NGINX, PRODUCT
from benchmarks.document import Document, of_turns, rows

TITLE: Final = "A cached list of 100,000 records: processor time in ms (wall-clock), logarithmic"
WIDTH, ROW, LEFT, RIGHT = 760, 34, 230, 140
BARS: Final = (
    ("naive: JSON text in Redis", "naive", "hit"),
    ("naive, typed (pydantic's Rust)", "naive_typed", "hit"),
    ("fastapi-cache2", "fastapi_cache2", "hit"),
    ("cashews, returning bytes", "cashews_bytes", "hit"),
    ("Smart Cache, uncompressed", PRODUCT, "hit"),
    ("nginx, a static file", NGINX, "hit"),
    ("Smart Cache, gzip", PRODUCT, "hit, gzip"),
    ("nginx, a static file, gzip", NGINX, "hit, gzip"),
    ("Smart Cache, 304", PRODUCT, "304"),
)


def draw(document: Document) -> str:
    """Draw a bar for each contender; shorter is better."""
    found = rows(document)
    bars = [
        (label, name, of_turns(turns, "cpu_ms").middle, of_turns([t["load"] for t in turns], "p50"))
        for label, name, task in BARS
        for turns in [found[task, 1, name]]
    ]
    low = min(cpu for _, _, cpu, _ in bars) / 2
    scale = (WIDTH - LEFT - RIGHT) / math.log10(max(cpu for _, _, cpu, _ in bars) / low)
    parts = [svg.title(TITLE)]
    for row, (label, name, cpu, wall) in enumerate(bars):
        top, length = 44 + ROW * row, math.log10(cpu / low) * scale
        colour = {PRODUCT: "#0b7a4b", NGINX: "#8a94a0"}.get(name, "#c2622d")
        times = f"{cpu:,.1f} ({wall.middle:,.1f})"
        parts += [
            svg.text(LEFT - 12, top + 18, label, "end"),
            f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="24" rx="3" fill="{colour}"/>',
            svg.text(LEFT + length + 8, top + 18, times, "start"),
        ]
    return svg.document(WIDTH, 60 + ROW * len(bars), parts)
