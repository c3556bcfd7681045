"""The app imports only what requirements.txt installs."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.services.image_python import create, pinned

APP = [REPOSITORY / "function_app.py", *sorted((REPOSITORY / "shared").rglob("*.py"))]

IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


@pytest.fixture
def local_python(tmp_path: Path) -> Path:
    """A Python that has the packages of `make run` and no others."""
    return create(tmp_path, pinned(REPOSITORY / "requirements-local.txt"))


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


@pytest.mark.parametrize(
    ("few", "more"),
    [
        ("requirements.txt", "requirements-local.txt"),
        ("requirements-local.txt", "requirements-dev.txt"),
    ],
)
def test_each_file_of_requirements_has_the_versions_of_the_smaller_one(few: str, more: str) -> None:
    versions = pinned(REPOSITORY / few)
    assert len(versions) > 50
    assert versions.items() <= pinned(REPOSITORY / more).items()


def test_what_make_run_starts_imports_only_what_requirements_local_txt_installs(
    local_python: Path,
) -> None:
    modules = ("local.run", "local.host", "shared.cli.__main__", "function_app")
    subprocess.run(  # noqa: S603 -- our own program
        [local_python, "-W", "ignore", "-c", IMPORT_ALL, *modules], cwd=REPOSITORY, check=True
    )


def test_the_sample_data_needs_no_package_at_all() -> None:
    modules = ("local.sample_file", "local.sample_data", "local.tether")
    subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-S", "-c", IMPORT_ALL, *modules], cwd=REPOSITORY, check=True
    )
