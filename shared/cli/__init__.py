"""`python -m shared.cli`: what an operator does. Each group of commands is one small module.

A command imports what it works with when it runs: starting another one costs nothing.
"""

import typer

from shared.cli import cache, load, migrate, upload
from shared.cli import users as identity


def build_app() -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_help)
    for group in (migrate, load, upload, identity, cache):
        group.register(app)
    return app


def _help() -> None:
    """Operate the Smart Cache: its database, its data, its users.

    Settings come from environment variables, as in the app itself; beside a running `make run`,
    its database, Redis and emulators are the default.
    """
