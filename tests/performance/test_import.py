"""The cost of importing the app, which each instance pays before its first request."""

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
"""Libraries whose import takes 100 ms or more; they are imported at first use."""

CALLS: Final = 268_000
"""Calls of Python functions, module code included: the present figure plus a seventh."""

COUNTED: Final = """
import sys
calls = 0
def count(code, offset):
    global calls
    calls += 1
m = sys.monitoring
m.use_tool_id(m.PROFILER_ID, "calls")
m.register_callback(m.PROFILER_ID, m.events.PY_START, count)
m.set_events(m.PROFILER_ID, m.events.PY_START)
import function_app
m.set_events(m.PROFILER_ID, m.events.NO_EVENTS)
print(calls)
"""


def _python(code: str) -> str:
    environment = {"PATH": os.environ["PATH"], "RUN_FILE": os.devnull}
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, cwd=ROOT, env=environment, text=True)  # noqa: S603 -- our own


def test_the_app_imports_no_driver_and_no_client() -> None:
    loaded = _python("import function_app, sys; print(*sys.modules)").split()
    assert "function_app" in loaded
    assert not LATE & set(loaded)


def test_the_app_is_imported_in_a_bounded_number_of_calls() -> None:
    """Calls, because seconds depend on the machine."""
    assert 100_000 < int(_python(COUNTED)) < CALLS
