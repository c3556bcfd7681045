"""The README in Spanish: the same commands and examples as in English."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
SPANISH = (ROOT / "README.es.md").read_text("utf-8")


def _commands(page: str) -> list[str]:
    """What is typed in the examples, without the comments."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    typed = re.findall(r"^\$ (?:.*\\\n)*.*$", "\n".join(blocks), re.MULTILINE)
    return [re.sub(r" +#.*", "", command) for command in typed]


def test_every_command_in_spanish_stands_in_english_too() -> None:
    commands = _commands(SPANISH)
    assert len(commands) > 8
    assert not [command for command in commands if command not in _commands(ENGLISH)]


def test_each_page_links_to_the_other() -> None:
    assert "(README.es.md)" in ENGLISH
    assert "(README.md)" in SPANISH


def test_every_file_that_it_links_to_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)]+)\)", SPANISH):
        assert (ROOT / link).is_file(), link
