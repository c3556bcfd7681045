"""The Functions host writes no line for each request, to Application Insights or to its log.

Its lines are not sampled, so two of them cost more than all traces (docs/costs.md).
"""

import json
import re
from pathlib import Path

import pytest

from checks.own_files import files
from local.hosted import REPOSITORY
from tests.telemetry.test_log_lines import GIVEN, SWITCH, TEXTS

CONNECTED = r"APPLICATIONINSIGHTS_CONNECTION_STRING[\"`]?\s*[:=|]\s*[\"'`]?[^\"'`\s|,]"
"""The connection string with a value, in the same notations as `GIVEN`."""

QUIET = {"Warning", "Error", "Critical", "None"}


def connected_files() -> list[Path]:
    """The files that give the connection string a value; tests give it to one process alone."""
    texts = [path for path in files() if path.suffix in TEXTS and "tests" not in path.parts]
    return [path for path in texts if re.search(CONNECTED, path.read_text("utf-8"))]


@pytest.mark.parametrize("path", connected_files(), ids=lambda path: path.name)
def test_where_telemetry_is_sent_the_worker_announces_its_own(path: Path) -> None:
    """Else the host exports two lines of each request."""
    assert set(re.findall(GIVEN.format(SWITCH), path.read_text("utf-8"))) == {"true"}


def test_telemetry_is_sent_from_azure_and_as_the_page_says() -> None:
    assert {"app.bicep", "operations.md"} <= {path.name for path in connected_files()}


def test_the_example_of_a_laptop_has_the_switch_beside_the_connection_string() -> None:
    text = (REPOSITORY / "local.settings.json.example").read_text("utf-8")
    names = list(json.loads(text)["Values"])
    assert names[names.index("APPLICATIONINSIGHTS_CONNECTION_STRING") + 1] == SWITCH


@pytest.mark.parametrize("category", ["Function", "Host.Results"])
def test_the_host_logs_a_call_only_if_it_failed(category: str) -> None:
    """Else FunctionAppLogs has two rows of each request."""
    levels = json.loads((REPOSITORY / "host.json").read_text("utf-8"))["logging"]["logLevel"]
    assert levels[category] in QUIET


def test_the_host_exports_as_the_settings_in_azure_say_and_adds_nothing_to_routes() -> None:
    """The host ignores a key that it does not know."""
    settings = json.loads((REPOSITORY / "host.json").read_text("utf-8"))
    assert settings.keys() == {"version", "telemetryMode", "extensions", "logging"}
    assert settings["telemetryMode"] == "OpenTelemetry"
    assert settings["extensions"] == {"http": {"routePrefix": ""}}
