"""Without a connection string nothing of telemetry is loaded."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.hosted import REPOSITORY

SERVE = """
import asyncio, sys
import azure.functions as func
from function_app import app
handler = {f.get_function_name(): f.get_user_function() for f in app.get_functions()}["health"]
request = func.HttpRequest("GET", "/api/health", body=b"")
print(asyncio.run(handler(request)).status_code)
telemetry = ("opentelemetry", "azure.monitor", "redis_entraid", "azure.identity")
print(*sorted(name for name in sys.modules if name.startswith(telemetry)))
"""


def modules(environment: dict[str, str]) -> tuple[str, str]:
    """Call the API in a new process; return the status and the telemetry modules that it loaded."""
    output = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-c", SERVE],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    status, loaded = output.splitlines()
    return status, loaded


@pytest.mark.parametrize("string", ["", None])
def test_without_a_connection_string_nothing_of_telemetry_is_loaded(
    string: str | None, migrated_file: Path
) -> None:
    given = {} if string is None else {"APPLICATIONINSIGHTS_CONNECTION_STRING": string}
    environment = {"SQLITE_PATH": str(migrated_file), "FIREBASE_PROJECT_ID": "", **given}
    assert modules(environment) == ("200", "")


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_our_code_uses_the_api_and_configures_nothing() -> None:
    """The worker configures the exporter; a second configuration would send everything twice."""
    files = [REPOSITORY / "function_app.py", *(REPOSITORY / "shared").rglob("*.py")]
    users = {path.name for path in files if any(map(is_telemetry, imports(path)))}
    assert users == {"open_telemetry.py"}
    used = imports(REPOSITORY / "shared" / "open_telemetry.py")
    assert not [name for name in used if name.startswith(("opentelemetry.sdk", "azure"))]


def is_telemetry(module: str) -> bool:
    return module.startswith(("opentelemetry", "azure.monitor"))


def test_with_a_connection_string_alone_nothing_is_exported(migrated_file: Path) -> None:
    string = "InstrumentationKey=00000000-0000-0000-0000-000000000000"
    environment = {
        "SQLITE_PATH": str(migrated_file),
        "APPLICATIONINSIGHTS_CONNECTION_STRING": string,
    }
    status, loaded = modules(environment)
    assert status == "200"
    assert "opentelemetry.trace" in loaded.split()
    assert "azure.monitor" not in loaded
