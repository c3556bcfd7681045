"""The worked example of docs/adapt.md fits this repository, and does what the page says."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from checks.own_files import ROOT, files

PAGE: Final = (ROOT / "docs" / "adapt.md").read_text("utf-8")
STEP: Final = re.compile(r"^### (Step \d+): .*$", re.MULTILINE)
DIFF: Final = re.compile(r"```diff\n(.*?)```", re.DOTALL)
FILE: Final = re.compile(r"```python title=(\S+)\n(.*?)```", re.DOTALL)
ONE_FILE: Final = re.compile(
    r"--- a/\S+\n\+\+\+ b/(\S+)\n(.*?)(?=^--- a/|\Z)", re.DOTALL | re.MULTILINE
)
HERE: Final = Path(__file__).relative_to(ROOT)


def steps() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each step."""
    parts = STEP.split(PAGE)[1:]
    yield from zip(parts[::2], parts[1::2], strict=True)


def apply(step: str, text: str, folder: Path) -> Iterator[str]:
    """Make a step's changes; yield the names of the files."""
    for name, content in FILE.findall(text):
        assert not (folder / name).exists(), f"{step}: {name} is there already"
        (folder / name).write_text(content, "utf-8")
        yield name
    for diff in DIFF.findall(text):
        for name, hunks in ONE_FILE.findall(diff):
            for hunk in hunks.split("@@\n")[1:]:
                change(step, folder / name, hunk)
            yield name


def change(step: str, file: Path, hunk: str) -> None:
    """Replace the lines that a hunk begins with by those that it ends with."""
    # Editors strip the blank from an empty line of the context.
    lines = [" \n" if line == "\n" else line for line in hunk.splitlines(keepends=True)]
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    content = file.read_text("utf-8")
    found = f"\n{content}".count(f"\n{before}")
    assert found == 1, f"{step} fits {found} places of {file.name}:\n{before}"
    file.write_text(f"\n{content}".replace(f"\n{before}", f"\n{after}")[1:], "utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, without this test."""
    folder = tmp_path_factory.mktemp("adapted")
    for file in files():
        name = file.relative_to(ROOT)
        if name != HERE:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / name)
    return folder


@pytest.fixture(scope="module")
def changed(copy: Path) -> list[str]:
    """Apply every step to the copy; the names of the changed files."""
    return [name for step, text in steps() for name in apply(step, text, copy)]


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(  # noqa: S603 -- our own programs
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_step_changes_a_file(copy: Path, changed: list[str]) -> None:
    assert len(list(steps())) == 8
    assert len(changed) == 11
    assert all((copy / name).is_file() for name in changed)


def test_the_example_is_clean(copy: Path, changed: list[str]) -> None:
    run(copy, "ruff", "check", *changed)
    run(copy, "ruff", "format", "--check", *changed)


def test_the_second_list_holds_what_the_cache_promises(copy: Path, changed: list[str]) -> None:
    assert "tests/api/test_popular.py" in changed
    run(copy, "pytest", "-q", "-p", "no:cacheprovider", "tests/api/test_popular.py")


def test_the_page_names_files_and_tests_that_exist() -> None:
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    named = re.findall(r"`((?:shared|local|tests|infra|adf|migrations)/[\w./*-]+)`", rows)
    assert len(named) > 25
    for name in named:
        place = name if not name.startswith("migrations/") else f"shared/repository/{name}"
        assert list(ROOT.glob(place.rstrip("/"))), f"{name} does not exist"
