"""Each threat of the security page, and each fault of the faults page, names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

from shared.telemetry import Count

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
FAULTS = ROOT / "docs" / "faults.md"
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!threat|---|who|anyone|a user|`)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def _tests(path: Path) -> set[str]:
    defined = ast.walk(ast.parse(path.read_text("utf-8")))
    return {one.name for one in defined if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(
    ("file", "name"), PROOF.findall(PAGE.read_text("utf-8") + FAULTS.read_text("utf-8"))
)
def test_a_test_that_a_page_names_is_there(file: str, name: str) -> None:
    assert name in _tests(ROOT / file)


def test_every_threat_has_a_proof() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert len(rows) > 20
    assert not [threat for threat, _, proof in rows if not PROOF.search(proof)]


def _faults() -> dict[str, str]:
    sections = FAULTS.read_text("utf-8").split("\n### ")[1:]
    return {name: text for name, _, text in (section.partition("\n") for section in sections)}


def test_every_fault_of_the_cache_has_a_proof() -> None:
    faults = _faults()
    assert len(faults) > 10
    assert not [name for name, text in faults.items() if not PROOF.search(text)]


def test_every_fault_says_what_callers_get_and_is_counted_as_a_metric_that_exists() -> None:
    metrics = {str(name) for name in Count}
    for name, text in _faults().items():
        assert "\n- **Callers get:** " in text, name
        counted = re.findall(r"^- \*\*Counted as:\*\* (.+)$", text, re.MULTILINE)
        assert set(re.findall(r"`([^`]+)`", " ".join(counted))) <= metrics, name


def test_the_pages_of_the_cache_are_readable_on_a_phone() -> None:
    for page in (FAULTS, FAULTS.with_name("caching.md"), FAULTS.with_name("protocol.md")):
        assert "\n|" not in page.read_text("utf-8"), f"{page.name} has a table"
