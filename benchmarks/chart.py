"""A bar chart of the median time of a cached list, for each contender, on a logarithmic scale."""

import math
from xml.sax.saxutils import escape

from benchmarks.plan import PRODUCT
from benchmarks.results import Results

TITLE = "A cached list of 100,000 records, median in ms (logarithmic)"
FONT = 'font-family="system-ui, sans-serif" font-size="14"'
INK = "#1b1f24"
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


def svg(results: Results) -> str:
    """Draw a bar for each contender; shorter is better."""
    values = [(label, name, results.p50(name, task)) for label, name, task in BARS]
    low = min(value for *_, value in values) / 2
    scale = (WIDTH - LEFT - RIGHT) / math.log10(max(value for *_, value in values) / low)
    height = 60 + ROW * len(values)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {FONT}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="16" font-weight="600" fill="{INK}">{TITLE}</text>',
    ]
    for row, (label, name, value) in enumerate(values):
        top, length = 44 + ROW * row, math.log10(value / low) * scale
        colour = {PRODUCT: "#0b7a4b", "nginx": "#8a94a0"}.get(name, "#c2622d")
        parts += [
            _text(LEFT - 12, top, label, "end"),
            f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="24" rx="3" fill="{colour}"/>',
            _text(LEFT + length + 8, top, f"{value:,.1f}", "start"),
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, top: int, text: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{top + 18}" text-anchor="{anchor}" fill="{INK}"'
    return f"<text {place}>{escape(text)}</text>"
