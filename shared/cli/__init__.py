"""The operator's commands: `python -m shared.cli COMMAND`.

A command starts quickly: SQLAlchemy, redis-py, firebase-admin and pydantic-settings are imported by
the command that runs and needs them, not for `--help` or a wrong command line.

Exit status: 0 done, 1 the work failed, 2 the command line or the settings are wrong, 130 Ctrl-C.
"""

import typer

from shared.cli import cache, load, migrate, upload, users


def build_app() -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_help)
    for group in (migrate, load, upload, users, cache):
        group.register(app)
    return app


def _help() -> None:
    """Operate the Smart Cache: its database, its data, its users.

    Settings are environment variables, as for the app itself. While `make run` runs in this
    directory, its database, Redis and emulators are the defaults.
    """
