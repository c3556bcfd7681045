"""The tables of a run on the terminal."""

from rich.console import Console
from rich.table import Table

from benchmarks import tables
from benchmarks.document import Document


def show(document: Document, console: Console) -> None:
    for found in tables.tables(document):
        shown = Table(*found.heads, box=None, title=found.caption, title_justify="left")
        for row in found.rows:
            shown.add_row(*row)
        console.print(shown)
