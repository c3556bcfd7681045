"""`migrate`: the database's tables, brought up to date."""

import typer

from shared.cli.console import stdout


def register(app: typer.Typer) -> None:
    """Add the command to the CLI."""
    app.command()(migrate)


def migrate() -> None:
    """Create the database's tables, or bring them up to date."""
    from shared.catalog.sql.engine import engine_of  # noqa: PLC0415 - SQLAlchemy, 150 ms
    from shared.catalog.sql.faults import translated  # noqa: PLC0415 - likewise
    from shared.catalog.sql.migrate import upgrade  # noqa: PLC0415 - and Alembic
    from shared.settings import Settings  # noqa: PLC0415 - pydantic, 200 ms

    engine = engine_of(Settings.load())
    with translated():
        upgrade(engine)
    engine.dispose()
    stdout().print("The database is up to date.")
