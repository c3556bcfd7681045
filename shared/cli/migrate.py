"""`migrate`: create or update the database's tables."""

import typer

from shared.cli.console import print_lines


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command()(migrate)


def migrate() -> None:
    """Create the database's tables, or bring them up to date."""
    from shared.repository.driver_errors import translate_driver_errors
    from shared.repository.engine import engine_of
    from shared.repository.schema_upgrade import upgrade
    from shared.settings import Settings

    engine = engine_of(Settings.load())
    with translate_driver_errors():
        upgrade(engine)
    engine.dispose()
    print_lines("The database is up to date.")
