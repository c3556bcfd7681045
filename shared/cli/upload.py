"""`upload`: put a CSV into blob storage for the Data Factory pipeline."""

from pathlib import Path
from typing import Annotated

import typer

from shared.cli.console import byte_progress, print_lines


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command()(upload)


def upload(
    file: Annotated[Path, typer.Argument(help="The CSV file.")],
    container: Annotated[str, typer.Option(help="The container that the trigger watches.")] = "raw",
    name: Annotated[str, typer.Option(help="The blob's name, if not the file's.")] = "",
) -> None:
    """Upload a CSV to the container that Data Factory's trigger watches."""
    from shared.ingest.blob_upload import upload as put
    from shared.settings import Settings

    blob = f"{container}/{name or file.name}"
    settings = Settings.load()
    with byte_progress("Uploading") as show:
        size = put(file, blob, settings, show)
    print_lines(f"{blob}: {size:,} bytes")
