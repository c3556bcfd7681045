"""The packages of shared/ depend on each other in the direction that docs/architecture.md draws."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "shared"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
MIGRATIONS = SHARED / "repository" / "migrations"

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in SHARED.rglob("*.py")
    if not path.is_relative_to(MIGRATIONS) and path != SHARED / "__init__.py"
}
PACKAGES = {path.parent.name for path in SHARED.glob("*/__init__.py")}

MAY_IMPORT = {
    "tracks": set[str](),
    "settings": set[str](),
    "repository": {"tracks", "settings"},
    "cache": {"tracks", "repository", "settings"},
    "ingest": {"tracks", "repository", "settings"},
    "auth": {"settings"},
    "http": {"tracks", "cache", "auth", "services"},
    "handlers": {"tracks", "cache", "auth", "http", "services"},
    "cli": {"tracks", "repository", "cache", "ingest", "auth", "services", "settings"},
}
"""Of each package: packages, and the module `services`. Every other module is free."""

REDIS = "shared.cache.redis"
LIBRARIES_OF_ADAPTERS = {"sqlalchemy", "alembic", "pyodbc", "redis", "azure", "firebase_admin"}
MAY_CHOOSE_ADAPTERS = re.compile(r"shared\.services|shared\.cli\..*")


@cache
def imported(module: str) -> frozenset[str]:
    """The modules and libraries that a module imports, wherever in it."""
    return frozenset(_imports(module))


def _imports(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(MODULES[module].read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            yield from inner or {node.module}


def part_of(module: str) -> str:
    """The package or the module directly below shared/ that this module belongs to."""
    return module.split(".")[1]


def graph() -> dict[str, set[str]]:
    """What each part of shared/ imports of the others."""
    edges: dict[str, set[str]] = {part_of(module): set() for module in MODULES}
    for module in MODULES:
        targets = {part_of(name) for name in imported(module) if name.startswith("shared.")}
        edges[part_of(module)] |= targets - {part_of(module)}
    return edges


def reaches(edges: dict[str, set[str]], start: str) -> set[str]:
    """Everything that can be reached from `start`."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        new = edges.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found


def adapters() -> set[str]:
    """Modules that need a driver or a client's library, directly or through another module."""
    own = {name for name in MODULES if part_of(name) in {"cache", "repository"}}
    found = {
        name
        for name in own
        if {library.partition(".")[0] for library in imported(name)} & LIBRARIES_OF_ADAPTERS
    }
    while new := {name for name in own - found if imported(name) & found}:
        found |= new
    return found


def test_no_packages_import_each_other_in_a_circle() -> None:
    TopologicalSorter(graph()).prepare()


def test_every_package_has_its_rule() -> None:
    assert MAY_IMPORT.keys() == PACKAGES


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_lies_further_inside(package: str) -> None:
    assert graph()[package] & (PACKAGES | {"services"}) <= MAY_IMPORT[package]


def test_the_cache_needs_no_driver_and_no_client_outside_its_adapter() -> None:
    policy = {name for name in MODULES if part_of(name) == "cache" and not name.startswith(REDIS)}
    assert len(policy) > 8
    assert not policy & adapters()


def test_adapters_are_chosen_by_the_services_and_the_command_line_alone() -> None:
    found = adapters()
    assert {f"{REDIS}.redis_store", "shared.repository.sql_database"} <= found
    users = {
        name
        for name in MODULES
        if part_of(name) != "repository" and not name.startswith(REDIS)
        if imported(name) & found
    }
    assert not [name for name in users if not MAY_CHOOSE_ADAPTERS.fullmatch(name)]


def _arrows() -> dict[str, set[str]]:
    """The arrows of the page's picture of the packages."""
    (picture,) = re.findall(r"```mermaid\n(flowchart TD\n.*?)```", PAGE, re.DOTALL)
    edges: dict[str, set[str]] = {}
    for left, right in re.findall(r"^  ([\w &]+) --> ([\w &]+)$", picture, re.MULTILINE):
        for start in left.split(" & "):
            edges.setdefault(start, set()).update(right.split(" & "))
    return edges


def test_the_picture_has_an_arrow_for_each_import_or_a_way_over_other_packages() -> None:
    arrows, edges = _arrows(), graph()
    parts = PACKAGES | {"services"}
    assert {*arrows, *(end for ends in arrows.values() for end in ends)} == parts
    for start in parts:
        assert arrows.get(start, set()) <= edges[start], start
        assert edges[start] & parts <= reaches(arrows, start), start


def test_the_page_lists_every_package_and_no_other() -> None:
    listed = re.findall(r"^- \*\*`shared/(\w+)/`\*\*", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(PACKAGES)


def test_every_module_that_the_page_names_with_its_package_is_there() -> None:
    lines = re.findall(r"^- \*\*`shared/(\w+)/`\*\*(.+(?:\n  .+)*)", PAGE, re.MULTILINE)
    named = [(package, name) for package, text in lines for name in re.findall(r"`(\w+)`", text)]
    assert len(named) > 20
    assert not [f"{p}.{n}" for p, n in named if f"shared.{p}.{n}" not in MODULES]


def test_the_map_of_the_cache_names_each_of_its_modules() -> None:
    text = ast.get_docstring(ast.parse(MODULES["shared.cache"].read_text("utf-8"))) or ""
    named = set(re.findall(r"`(\w+)`", text))
    held = {name.split(".")[2] for name in MODULES if name.startswith("shared.cache.")}
    assert held <= named


def test_no_two_files_have_the_same_name() -> None:
    names = [path.name for path in MODULES.values() if path.name != "__init__.py"]
    assert sorted(names) == sorted(set(names))
