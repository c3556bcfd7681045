"""The README in Spanish: the same commands and examples as in English."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
SPANISH = (ROOT / "README.es.md").read_text("utf-8")


def _examples(page: str) -> list[str]:
    """Blocks of the terminal, without the comments."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    return [re.sub(r" +#.*", "", block) for block in blocks]


def test_every_example_in_spanish_is_one_of_those_in_english() -> None:
    examples = _examples(SPANISH)
    assert len(examples) == 3
    assert set(examples) <= set(_examples(ENGLISH))


def test_each_page_links_to_the_other() -> None:
    assert "(README.es.md)" in ENGLISH
    assert "(README.md)" in SPANISH


def test_every_file_that_it_links_to_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)]+)\)", SPANISH):
        assert (ROOT / link).is_file(), link
