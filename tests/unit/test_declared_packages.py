"""The app imports only what requirements.txt installs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.hosted import REPOSITORY

APP = [REPOSITORY / "function_app.py", *sorted((REPOSITORY / "shared").rglob("*.py"))]

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def imported() -> set[str]:
    """Every module that the app imports from a package, at its start or at first use."""
    names = {name for path in APP for name in _imports(path)}
    ours = {"shared", "function_app"}
    return {name for name in names if name.partition(".")[0] not in sys.stdlib_module_names | ours}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_import_of_the_app_succeeds_with_requirements_txt_alone(image_python: Path) -> None:
    modules = sorted(imported())
    assert "sqlalchemy" in modules
    subprocess.run([image_python, "-W", "ignore", "-c", IMPORT_ALL, *modules], check=True)  # noqa: S603 -- our own program
