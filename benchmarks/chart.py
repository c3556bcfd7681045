"""A bar chart of the median time of a cached list, for each contender, on a logarithmic scale."""

import math

from benchmarks import svg
from benchmarks.plan import PRODUCT
from benchmarks.results import Results

TITLE = "A cached list of 100,000 records, median in ms (logarithmic)"
WIDTH, ROW, LEFT, RIGHT = 760, 34, 230, 90
BARS = (
    ("naive: JSON text in Redis", "naive", "hit"),
    ("naive, typed (pydantic's Rust)", "naive_typed", "hit"),
    ("fastapi-cache2", "fastapi_cache2", "hit"),
    ("cashews, returning bytes", "cashews_bytes", "hit"),
    ("Smart Cache, uncompressed", PRODUCT, "hit"),
    ("nginx, a static file", "nginx", "hit"),
    ("Smart Cache, gzip", PRODUCT, "hit, gzip"),
    ("nginx, a static file, gzip", "nginx", "hit, gzip"),
    ("Smart Cache, 304", PRODUCT, "304"),
)


def draw(results: Results) -> str:
    """Draw a bar for each contender; shorter is better."""
    values = [(label, name, results.p50(name, task)) for label, name, task in BARS]
    low = min(value for *_, value in values) / 2
    scale = (WIDTH - LEFT - RIGHT) / math.log10(max(value for *_, value in values) / low)
    height = 60 + ROW * len(values)
    parts = [svg.title(TITLE)]
    for row, (label, name, value) in enumerate(values):
        top, length = 44 + ROW * row, math.log10(value / low) * scale
        colour = {PRODUCT: "#0b7a4b", "nginx": "#8a94a0"}.get(name, "#c2622d")
        parts += [
            svg.text(LEFT - 12, top + 18, label, "end"),
            f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="24" rx="3" fill="{colour}"/>',
            svg.text(LEFT + length + 8, top + 18, f"{value:,.1f}", "start"),
        ]
    return svg.document(WIDTH, height, parts)
