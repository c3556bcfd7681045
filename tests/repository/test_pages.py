"""The pages at the top of the repository name only files, commands and settings that exist."""

import re
import subprocess
from pathlib import Path

import pytest
import typer

from checks.own_files import ROOT, files
from shared.cli import build_app
from shared.version import VERSION

PAGES = [
    ROOT / name
    for name in ("README.md", "README.es.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
]
MADE = {".local/", ".local/smart-cache.sqlite", "data/SpotifyFeatures.csv", "local.settings.json"}
"""What `make run` and the user put there."""

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def _blocks(page: Path) -> list[str]:
    return re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def _typed(page: Path) -> str:
    """What is typed in the examples."""
    return "\n".join(
        command[2:]
        for block in _blocks(page)
        for command in re.findall(r"^\$ (?:.*\\\n)*.*(?:\n {5,}.*)*$", block, re.MULTILINE)
    )


def _paths(text: str) -> set[str]:
    """What is written like a path: with a folder, or with the ending of one of our files."""
    kinds = {path.suffix for path in files() if path.suffix}
    quoted = re.findall(r"`([\w.-]+(?:/[\w.-]*)*)`", text)
    return {name for name in quoted if "/" in name or Path(name).suffix in kinds}


@each_page
def test_every_path_exists(page: Path) -> None:
    for name in _paths(_prose(page)) - MADE:
        assert (ROOT / name).exists(), name


@each_page
def test_every_link_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text("utf-8")):
        assert (ROOT / link).is_file(), link


@pytest.mark.parametrize("page", PAGES[:2], ids=lambda page: page.name)
def test_the_layout_names_every_folder_with_code_and_no_other(page: Path) -> None:
    (layout,) = re.findall(
        r"^```text\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    top = set(re.findall(r"^(?:\w+/  )?(\w+)/  ", layout, re.MULTILINE))
    top |= set(re.findall(r"^(\w+)/ ", layout, re.MULTILINE))
    inner = set(re.findall(r"^  (\w+)/", layout, re.MULTILINE))
    held = {
        path.relative_to(ROOT).parts[0] for path in files() if len(path.relative_to(ROOT).parts) > 1
    }
    assert top == {name for name in held if not name.startswith(".")}
    packages = {
        path.relative_to(ROOT / "shared").parts[0]
        for path in files()
        if path.name == "__init__.py" and path.is_relative_to(ROOT / "shared")
    }
    assert inner == packages - {"__init__.py"}


@each_page
def test_every_command_of_ours_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:^\$ |`)make ([a-z]\w*)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    known = set(getattr(typer.main.get_command(build_app()), "commands", {}))
    assert set(re.findall(r"-m shared\.cli (\w+)", text)) <= known
    for module in re.findall(r"-m (local\.\w+)", text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module


@each_page
def test_what_is_typed_is_good_shell(page: Path) -> None:
    done = subprocess.run(
        ["bash", "-n"],  # noqa: S607 - found on the PATH
        input=_typed(page),
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_test_that_the_contributors_page_runs_is_there() -> None:
    typed = _typed(ROOT / "CONTRIBUTING.md")
    named = re.findall(r"tests/[\w/.]+", typed)
    assert len(named) >= 4
    assert all((ROOT / name).exists() for name in named)


def test_the_promise_the_picture_a_request_and_the_commands_come_first() -> None:
    for page in (ROOT / "README.md", ROOT / "README.es.md"):
        first = page.read_text("utf-8").partition("\n## ")[0]
        places = [
            first.find(text) for text in ("**", "```mermaid", "$ curl", "$ make run", "$ make test")
        ]
        assert -1 not in places
        assert places == sorted(places)


def test_the_version_of_the_code_is_a_supported_one() -> None:
    page = (ROOT / "SECURITY.md").read_text("utf-8")
    assert f"| {VERSION.rpartition('.')[0]}.x | yes |" in page
