"""The commands of the pages work in zsh too, which is the shell of macOS.

Typed there, a comment is arguments like others, and an unquoted variable is one argument.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "adf" / "README.md"]
COMMENT = re.compile(r"(?:^|\s)#\s")
SPLIT = re.compile(r"\s\$\w+(?:\s|$)")


def surprises(page: str) -> list[str]:
    """Return the lines of commands that mean something else in zsh."""
    blocks = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line for line in lines if COMMENT.search(line) or SPLIT.search(line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_can_be_pasted_into_zsh(page: Path) -> None:
    assert surprises(page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line", ["azd env set DATA tracks.csv # loaded, too", "# first", "az app remove $slot"]
)
def test_what_zsh_reads_differently_is_found(line: str) -> None:
    assert surprises(f"```bash\n{line}\n```") == [line]
    assert surprises("```bash\nmake test ARGS='#1' \"$URL\"\n```") == []
