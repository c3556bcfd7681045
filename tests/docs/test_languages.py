"""The README in Spanish: the same content in the same order as in English."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
SPANISH = (ROOT / "README.es.md").read_text("utf-8")
FORMAL = r"(?i)\b(ustedes|usted|su máquina|ponga|pruebe|indique|copie|vea|ejecute)\b"


def _commands(page: str) -> list[str]:
    """What is typed in the examples, without the comments."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    typed = re.findall(r"^\$ (?:.*\\\n)*.*$", "\n".join(blocks), re.MULTILINE)
    return [re.sub(r" +#.*", "", command) for command in typed]


def _shape(page: str) -> list[str]:
    """How each line begins that is a heading, the edge of a code block, a list's or a table's."""
    return re.findall(r"^(#+ |```\w*|- |\|)", page, re.MULTILINE)


def _targets(page: str) -> list[str]:
    """Where links and pictures lead, apart from the other language."""
    found = re.findall(r"\]\(([^)]+)\)|^\[odbc\]: (.+)$", page, re.MULTILINE)
    every = ["".join(pair) for pair in found]
    return [target for target in every if not target.startswith("README")]


def test_the_commands_are_the_same_in_the_same_order() -> None:
    assert len(_commands(ENGLISH)) > 15
    assert _commands(SPANISH) == _commands(ENGLISH)


def test_headings_blocks_and_tables_are_the_same_in_the_same_order() -> None:
    assert len(_shape(ENGLISH)) > 80
    assert _shape(SPANISH) == _shape(ENGLISH)


def test_every_table_names_the_same_things() -> None:
    rows = r"^\| (`[^|]+`) \| ([^|]*) \|"
    assert re.findall(rows, SPANISH, re.MULTILINE) == re.findall(rows, ENGLISH, re.MULTILINE)


def test_the_links_lead_to_the_same_places_in_the_same_order() -> None:
    assert _targets(SPANISH) == _targets(ENGLISH)


def test_the_reader_is_addressed_in_one_form() -> None:
    assert not re.findall(FORMAL, SPANISH)
    assert re.search(r"\btu máquina\b", SPANISH)


def test_each_page_links_to_the_other() -> None:
    assert "(README.es.md)" in ENGLISH
    assert "(README.md)" in SPANISH


def test_every_file_that_it_links_to_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)]+)\)", SPANISH):
        assert (ROOT / link).is_file(), link
