"""A machine with Python and make alone can collect every test; what is missing is found later."""

import ast
from collections.abc import Iterator
from pathlib import Path

from local.hosted import REPOSITORY

MAY_BE_MISSING = {"pyodbc"}
"""Modules whose import fails where a library of the system is missing."""


def imported_at_the_top(file: Path) -> Iterator[str]:
    for node in ast.parse(file.read_text("utf-8")).body:
        match node:
            case ast.Import(names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module)):
                yield module.partition(".")[0]


def test_no_module_imports_at_its_top_what_may_be_missing() -> None:
    folders = (REPOSITORY / name for name in ("tests", "local", "shared", "checks", "deployment"))
    files = [file for folder in folders for file in folder.rglob("*.py")]
    assert len(files) > 100
    found = [file for file in files if MAY_BE_MISSING & set(imported_at_the_top(file))]
    assert found == []
