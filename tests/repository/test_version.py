"""The version is said once, in shared/version.py."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from shared.version import NAME, VERSION

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
HEADINGS = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", CHANGELOG, re.MULTILINE)


def test_the_project_takes_its_version_from_the_code() -> None:
    assert PYPROJECT["project"]["name"] == NAME
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PYPROJECT["project"]
    module, _, name = PYPROJECT["tool"]["setuptools"]["dynamic"]["version"]["attr"].rpartition(".")
    assert getattr(import_module(module), name) == VERSION


@pytest.mark.parametrize("folder", ["shared", "infra", "."])
def test_no_other_file_says_the_version(folder: str) -> None:
    files = (ROOT / folder).glob("*" if folder == "." else "**/*")
    said = re.compile(rf"version\W+{re.escape(VERSION)}(?![\w.])", re.IGNORECASE)
    kinds = {".py", ".toml", ".json", ".bicep", ".sh", ".html", ".js", ""}
    named = [path for path in files if path.is_file() and path.suffix in kinds]
    assert named
    found = {path.relative_to(ROOT).as_posix() for path in named if said.search(_text(path))}
    assert found <= {"shared/version.py"}


def _text(path: Path) -> str:
    return path.read_text("utf-8", errors="replace")


def test_the_newest_release_in_the_changelog_is_the_version_of_the_code() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
    released = [(version, date) for version, date in HEADINGS if version != "Unreleased"]
    assert released[0][0] == VERSION
    assert all(date for _, date in released)


def test_the_changelog_begins_with_what_is_not_released_and_goes_back_in_time() -> None:
    assert HEADINGS[0] == ("Unreleased", "")
    dates = [date for _, date in HEADINGS[1:]]
    assert dates == sorted(dates, reverse=True)


def test_the_changelog_uses_the_kinds_of_its_format() -> None:
    kinds = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_licence_is_the_one_that_the_project_states() -> None:
    assert PYPROJECT["project"]["license"] == "MIT"
    for name in PYPROJECT["project"]["license-files"]:
        assert (ROOT / name).read_text("utf-8").startswith("MIT License\n")
