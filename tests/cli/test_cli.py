"""`--help`: every command explains itself, and is there."""

import pytest

from shared.cli import build_app
from tests.cli.conftest import Cli


def test_help_lists_every_command_with_what_it_does(cli: Cli) -> None:
    ended = cli("--help")
    assert ended.returncode == 0
    for command in build_app().registered_commands:
        assert command.callback is not None
        assert f" {command.callback.__name__} " in ended.stdout
        assert command.callback.__doc__


@pytest.mark.parametrize("arguments", [["laod"], ["load"], ["load", "a", "b"], ["load", "--jsn"]])
def test_a_wrong_command_line_ends_with_status_2(cli: Cli, arguments: list[str]) -> None:
    ended = cli(*arguments)
    assert ended.returncode == 2
    assert "Usage" in ended.stderr
