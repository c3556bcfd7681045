"""Application Insights gets the lines of our loggers, not those that the worker logs for a call."""

import ast
import re
from pathlib import Path

import pytest

import shared
from checks.own_files import files
from local.hosted import REPOSITORY
from tests.api.running_product import Product
from tests.services.redis import RedisServer
from tests.telemetry.ingestion_sink import Envelope, Sink
from tests.telemetry.received_traces import Caller, data, whole_trace

SWITCH = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"
LOGGER_NAME = "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME"
TEXTS = {".bicep", ".env", ".example", ".json", ".md", ".py", ".yaml", ".yml"}
GIVEN = r"{}[\"`]?\s*[:=|]\s*[\"'`]?(\w+)"
"""A name and its value in JSON, Bicep, a shell's line, a table of a page, or Python."""

LOGIN = {"email": "somebody@example.org", "password": "not the password"}
REQUESTS = 40


def lines(sink: Sink) -> list[Envelope]:
    """Those with a traceback are of another kind, to which exceptions of spans belong, too."""
    found = [data(one) for kind in ("Message", "Exception") for one in sink.envelopes(kind)]
    return [one for one in found if "logger_name" in one["properties"]]


def test_requests_leave_no_line_and_a_warning_arrives(
    product: Product, sink: Sink, redis: RedisServer
) -> None:
    for _ in range(REQUESTS):
        product.client.get("/features/custom?arg=Pop").raise_for_status()
    last = Caller()
    product.client.get("/api/version", headers=last.headers())
    whole_trace(sink, last.trace)
    assert not lines(sink)
    redis.kill()
    assert product.client.post("/login", json=LOGIN).status_code == 401
    sink.wait_for(lambda: lines(sink))
    assert {one["properties"]["logger_name"].partition(".")[0] for one in lines(sink)} == {
        shared.__name__
    }


def test_every_logger_of_ours_has_the_name_of_its_module() -> None:
    """So PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME=shared has them all."""
    for path in (REPOSITORY / "shared").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and "getLogger" in ast.unparse(node.value):
                assert ast.unparse(node.value) == "logging.getLogger(__name__)", path
    assert "logging" not in (REPOSITORY / "function_app.py").read_text("utf-8")


def telemetry_files() -> list[Path]:
    """The files of the repository that give the worker's switch for its exporter a value."""
    texts = [path for path in files() if path.suffix in TEXTS]
    return [path for path in texts if re.search(GIVEN.format(SWITCH), path.read_text("utf-8"))]


@pytest.mark.parametrize("path", telemetry_files(), ids=lambda path: path.name)
def test_where_the_exporter_is_configured_our_loggers_are_named(path: Path) -> None:
    (name,) = set(re.findall(GIVEN.format(LOGGER_NAME), path.read_text("utf-8")))
    assert name == shared.__name__


def test_those_files_are_azure_s_settings_the_example_and_the_page() -> None:
    names = {path.name for path in telemetry_files()}
    assert {"app.bicep", "local.settings.json.example", "operations.md"} <= names
