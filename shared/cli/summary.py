"""Prints what a load did, as tables or as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from shared.printable import printable

if TYPE_CHECKING:  # only annotations need them
    from shared.ingest.loading import Loaded
    from shared.tracks.rejected import Reason


@dataclass(frozen=True, slots=True)
class Summary:
    """What a load did; `seconds` includes the wait until every instance of the API serves it.

    `file` is shown, so it must have no signature of a URL (`without_secrets`).
    """

    file: str
    run_id: str
    loaded: "Loaded"
    seconds: float

    def as_json(self) -> str:
        """Return one JSON object; `rejected` has the number of lines by reason."""
        loaded = self.loaded
        return json.dumps(
            {
                "file": self.file,
                "run_id": self.run_id,
                "read": loaded.read,
                "inserted": loaded.inserted,
                "updated": loaded.updated,
                "unchanged": loaded.unchanged,
                "rejected": {name: reason.count for name, reason in loaded.rejected.items()},
                "seconds": round(self.seconds, 3),
            }
        )

    def show(self, console: Console) -> None:
        loaded = self.loaded
        table = Table("records", "", title=printable(self.file), title_justify="left")
        table.columns[1].justify = "right"
        for name in ("read", "inserted", "updated", "unchanged"):
            table.add_row(name, f"{getattr(loaded, name):,}")
        rejected = sum(reason.count for reason in loaded.rejected.values())
        table.add_row("rejected", f"{rejected:,}")
        table.add_row("seconds", f"{self.seconds:.1f}", end_section=True)
        console.print(table)
        if rejected:
            show_rejects(console, loaded.rejected)
            console.print(f"All rejected lines: table features_rejected, run_id {self.run_id}")


def show_rejects(console: Console, rejected: Mapping[str, "Reason"]) -> None:
    """Print a table of the reasons, the most frequent first."""
    table = Table("rejected because of", "lines", "first line")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, reason in sorted(rejected.items(), key=lambda item: -item[1].count):
        table.add_row(printable(name), f"{reason.count:,}", str(reason.first_line))
    console.print(table)
