"""Which packages of the product the records, SQL and the load may import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import shared

ROOT = Path(shared.__path__[0])
SUPPORT = {"connection_string", "errors", "runtime", "settings", "telemetry", "imports"}
ALLOWED = {
    "tracks": set[str](),
    "repository": {"tracks", *SUPPORT},
    "ingest": {"tracks", "repository", *SUPPORT},
}


def imported(path: Path) -> Iterator[str]:
    """The names right below `shared` that a file imports, at its top or later."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (name.split(".")[1] for name in names if name.startswith("shared."))


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_is_below_it(package: str) -> None:
    files = [*(ROOT / package).rglob("*.py")]
    assert files
    found = {name for path in files for name in imported(path)}
    assert found <= {package} | ALLOWED[package]
