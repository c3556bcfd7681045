"""What holds for every command: its help, quick start, and exit status."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from shared.cli import build_app
from tests.cli.conftest import ROOT, Cli

COMMANDS: Final = {
    "migrate": (),
    "load": ("tracks.csv",),
    "upload": ("tracks.csv",),
    "grant": ("ada@example.org", "editor"),
    "revoke": ("ada@example.org",),
    "whois": ("ada@example.org",),
    "warm": (),
    "purge": ("Pop",),
    "status": (),
}
"""Each command, with arguments that it accepts."""

HEAVY: Final = ("sqlalchemy", "alembic", "redis", "firebase_admin", "pydantic_settings", "httpx")

SHOW_HELP: Final = f"""
import sys
from shared.cli import build_app, __main__
app = build_app()
for command in sys.argv[1:]:
    app([command, "--help"], standalone_mode=False)
print("loaded:", *(name for name in {HEAVY} if name in sys.modules), file=sys.stderr)
"""


def test_every_command_is_tested_here() -> None:
    registered = build_app().registered_commands
    assert {command.callback.__name__ for command in registered if command.callback} == {*COMMANDS}


def test_help_lists_every_command_with_what_it_does(cli: Cli) -> None:
    ended = cli("--help")
    assert ended.returncode == 0
    for command in build_app().registered_commands:
        assert command.callback is not None
        assert f" {command.callback.__name__} " in ended.stdout
        assert command.callback.__doc__


def test_starting_the_cli_and_showing_help_loads_no_large_library() -> None:
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", SHOW_HELP, *COMMANDS],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.count("Usage:") == len(COMMANDS)
    assert ended.stderr == "loaded:\n"


@pytest.mark.parametrize("arguments", [["laod"], ["load"], ["load", "a", "b"], ["load", "--jsn"]])
def test_a_wrong_command_line_ends_with_status_2(cli: Cli, arguments: list[str]) -> None:
    ended = cli(*arguments)
    assert ended.returncode == 2
    assert "Usage" in ended.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_settings_end_every_command_with_status_2(
    cli: Cli, tmp_path: Path, command: str
) -> None:
    (tmp_path / "tracks.csv").touch()
    ended = cli(command, *COMMANDS[command], CACHE_TTL_SECONDS="soon", FEATURES_LIMIT="0")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "CACHE_TTL_SECONDS" in ended.stderr
    assert "FEATURES_LIMIT" in ended.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_work_that_fails_ends_every_command_with_status_1_and_a_message(
    cli: Cli, tmp_path: Path, command: str
) -> None:
    """The database cannot be opened; no storage account and no Firebase project are set."""
    (tmp_path / "tracks.csv").touch()
    (tmp_path / "text.sqlite").write_text("no database at all" * 100)
    ended = cli(command, *COMMANDS[command], SQLITE_PATH=str(tmp_path / "text.sqlite"))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "Usage" not in ended.stderr
    assert ended.stderr.strip()
