"""Each threat of the security page, and each fault of the caching page, names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
CACHING = ROOT / "docs" / "caching.md"
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (?!threat|---|who|anyone|a user|`)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def _tests(path: Path) -> set[str]:
    defined = ast.walk(ast.parse(path.read_text("utf-8")))
    return {one.name for one in defined if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(
    ("file", "name"), PROOF.findall(PAGE.read_text("utf-8") + CACHING.read_text("utf-8"))
)
def test_a_test_that_a_page_names_is_there(file: str, name: str) -> None:
    assert name in _tests(ROOT / file)


def test_every_threat_has_a_proof() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert len(rows) > 20
    assert not [threat for threat, _, proof in rows if not PROOF.search(proof)]


def test_every_fault_of_the_cache_has_a_proof() -> None:
    table = CACHING.read_text("utf-8").partition("## Faults and answers")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 10
    assert not [row for row in rows if not PROOF.search(row)]
