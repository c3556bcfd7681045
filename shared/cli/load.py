"""`load`: load a CSV into the database."""

import signal
import time
import uuid
from typing import TYPE_CHECKING, Annotated, Final

import typer

from shared.cli.console import byte_progress, print_error, stderr, stdout
from shared.cli.running import run
from shared.cli.summary import Summary, show_rejects

if TYPE_CHECKING:  # imported when the command runs: SQLAlchemy and the services take a second
    from shared.ingest.loading import Loaded
    from shared.settings import Settings

_INTERRUPTED: Final = 130
"""128 + SIGINT, the exit status that shells use."""


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command()(load)


def load(
    file: Annotated[str, typer.Argument(help="A CSV file, a blob's URL, or container/blob.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Load the data set from a file or a blob.

    New records are inserted, existing ones updated, broken lines rejected, each with its reason.
    No record is visible before the whole file is read; the command ends when every instance of the
    API serves the new records. If nothing can be loaded, the records stay as they were (status 1).
    """
    from shared.ingest.load_errors import Interrupted, NothingToLoad
    from shared.ingest.storage_names import without_secrets
    from shared.settings import Settings

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.perf_counter()
    settings = Settings.load()
    run_id = f"cli-{uuid.uuid4().hex}"
    try:
        loaded = _load(file, settings, run_id)
        _announce(loaded, settings)
    except NothingToLoad as nothing:
        if nothing.rejected:
            show_rejects(stderr(), nothing.rejected)
        raise
    except Interrupted as interrupted:
        print_error(str(interrupted))
        raise typer.Exit(_INTERRUPTED) from None
    except KeyboardInterrupt:
        print_error(
            "Interrupted at the end: either all is stored or nothing. Load again to be sure."
        )
        raise typer.Exit(_INTERRUPTED) from None
    summary = Summary(without_secrets(file), run_id, loaded, time.perf_counter() - started)
    if json:
        print(summary.as_json(), flush=True)  # noqa: T201 - what the caller asked for
    else:
        summary.show(stdout())


def _load(file: str, settings: "Settings", run_id: str) -> "Loaded":
    from shared.ingest.csv_reader import read
    from shared.ingest.loading import load as store
    from shared.ingest.source import Watched, open_source
    from shared.repository.bulk_load import bulk_load
    from shared.repository.engine import engine_of

    with open_source(file, settings) as source, byte_progress("Loading") as show:
        stream = Watched(source.stream, lambda done: show(done, source.size))
        engine = engine_of(settings)
        try:
            return store(read(stream), bulk_load(engine, settings.features_limit, run_id))
        finally:
            engine.dispose()


def _announce(loaded: "Loaded", settings: "Settings") -> None:
    """Return when every instance serves the new records (docs/protocol.md, rule 13)."""
    versions = tuple(loaded.versions.items())
    run(settings, lambda services: services.announcer.announce(versions, services.clock()))
