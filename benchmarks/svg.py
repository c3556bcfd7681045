"""The parts that both charts share."""

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape

INK: Final = "#1b1f24"
_FONT: Final = 'font-family="system-ui, sans-serif" font-size="14"'


def document(width: int, height: int, parts: Iterable[str], description: str = "") -> str:
    """Return an SVG document with a white background; `description` says in words what it shows."""
    size = f'width="{width}" height="{height}"'
    box = f'viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box} {_FONT}>'
    spoken = [f"<desc>{escape(description)}</desc>"] if description else []
    return "\n".join([head, *spoken, f'<rect {size} fill="#ffffff"/>', *parts, "</svg>\n"])


def title(content: str) -> str:
    """Return the title at the top left."""
    place = 'x="16" y="28" font-size="16" font-weight="600"'
    return f'<text {place} fill="{INK}">{escape(content)}</text>'


def text(x: float, y: float, content: str, anchor: str, colour: str = INK) -> str:
    """Return a text; `anchor` is `start`, `middle` or `end`."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place}>{escape(content)}</text>"
