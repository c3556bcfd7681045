"""No file cites what is not in the repository: pages, files, modules, and documents by section."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from checks.own_files import ROOT, files

SELF = Path(__file__)
LOCKED = {"package-lock.json", "requirements.txt", "requirements-dev.txt"}
"""Written by programs: names of packages."""

FOLDERS = sorted({path.relative_to(ROOT).parts[0] for path in files() if path.parent != ROOT})
SUFFIXES = sorted({path.suffix for path in files() if path.suffix})
PATH = re.compile(
    rf"(?<![\w/.$*}}-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*\w"
    rf"(?:{'|'.join(map(re.escape, SUFFIXES))})(?![\w*/-])"
)
MADE_UP = {
    "docs/adapt.md",
    "tests/checks/test_kql_check.py",
    "tests/checks/test_shell_check.py",
    "tests/docs/test_adapt_page.py",
    "tests/docs/test_deploy_page.py",
    "tests/repository/test_editors.py",
}

ELSEWHERE = {
    "an issue or a step by its number": r"\b[Ii]ssue #?\d|\bpoint \d"
    r"|\b[Ss]teps \d+ (?:to|and) \d+ of\b",
    "a document that is not here": r"\bdesign, section|\bof the design[,.]|\bas the design \w+s\b"
    r"|\bdesign's\b|\bwhat the issue\b|DEVELOPERS",
    "the place where it was written": r"farm.studio|fresh.machine|\btrips\.py|/work/|/var/tmp/",
}
STANDARD = re.compile(r"RFC \d+|ASVS|Unicode \d+")
SERVER = re.compile(r"Babelfish(?! for PostgreSQL|%)")

PAGES = [path for path in files() if path.suffix == ".md"]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that people write, but this one."""
    for path in files():
        if path == SELF or path.name in LOCKED:
            continue
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


@pytest.mark.parametrize("what", ELSEWHERE)
def test_no_file_cites(what: str) -> None:
    found = [
        f"{name}: {match}" for name, text in texts() for match in re.findall(ELSEWHERE[what], text)
    ]
    assert not found


def test_one_script_alone_looks_for_programs_beside_the_checkout() -> None:
    assert [name for name, text in texts() if "shared/tools" in text] == [".ci/run"]


def test_a_section_is_one_of_a_standard_that_the_file_names() -> None:
    citing = [name for name, text in texts() if re.search(r"\b[Ss]ection \d", text)]
    assert citing
    assert not [name for name in citing if not STANDARD.search((ROOT / name).read_text("utf-8"))]


def test_a_server_that_stands_in_for_sql_server_is_named_in_full() -> None:
    assert not [name for name, text in texts() if SERVER.search(text)]


def test_every_file_that_is_named_with_its_folder_exists() -> None:
    missing = [
        f"{name}: {path}"
        for name, text in texts()
        if name not in MADE_UP
        for path in PATH.findall(text)
        if not (ROOT / path).exists()
    ]
    assert not missing


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", prose(page)):
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@each_page
def test_every_file_that_a_page_names_without_a_folder_exists(page: Path) -> None:
    names = {path.name for path in files()}
    quoted = re.findall(r"`(\w[\w-]*\.(?:py|md|lua|sql|bicep|sh|kql))`", prose(page))
    assert set(quoted) <= names


@each_page
def test_every_folder_and_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    for folder in re.findall(rf"`((?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*)`", text):
        assert (ROOT / folder).exists(), folder
    own = {folder for folder in FOLDERS if not folder.startswith(".")}
    for module in re.findall(r"-m ([a-z_]+(?:\.\w+)*)", text):
        assert module.partition(".")[0] not in own or find_spec(module), module
