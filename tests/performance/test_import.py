"""What an instance pays before its first request."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LATE: Final = {
    "firebase_admin",
    "redis",
    "pyodbc",
    "azure.identity",
    "azure.monitor",
    "azure.storage",
}
"""Each takes 100 ms or more, and is imported by the first that needs it."""

IMPORT_SECONDS: Final = 0.8
"""Of the processor; on the machine of docs/performance.md it takes 0.55."""


def _python(code: str) -> str:
    environment = {"PATH": os.environ["PATH"], "RUN_FILE": os.devnull}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)  # noqa: S603 -- our own


def _processor_seconds(code: str) -> float:
    """The least of a few: other programs on the machine only ever add to it."""
    timed = f"{code}\nimport time; print(time.process_time())"
    return min(float(_python(timed)) for _ in range(3))


def test_the_app_imports_no_driver_and_no_client() -> None:
    loaded = _python("import function_app, sys; print(*sys.modules)").split()
    assert "function_app" in loaded
    assert not LATE & set(loaded)


def test_the_app_is_imported_quickly() -> None:
    assert _processor_seconds("import function_app") < IMPORT_SECONDS
