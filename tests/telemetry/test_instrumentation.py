"""Each statement, command and use of a connection has one span, whatever the packages."""

import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

from local.hosted import REPOSITORY
from tests.services.image_python import installed, pinned

USE_A_CONNECTION = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))  # an import of these fails
import logging
logging.basicConfig()
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
from shared.services import Services
from shared.settings import Settings
for services in (Services(Settings.load()), Services(Settings.load())):
    services._prepare()
import sqlalchemy as sa
with services.database._engine.connect() as connection:
    connection.execute(sa.text("SELECT 1"))
print(*sorted(span.name for span in spans.get_finished_spans() if span.name != "PRAGMA"))
"""
"""Builds the services twice, as a second attempt would, and uses a connection once."""


def _spans(python: str | Path, tmp_path: Path, *missing: str) -> tuple[list[str], str]:
    """Return the names of the spans, and what was logged; the imports of `missing` fail."""
    settings = {
        "SQLITE_PATH": str(tmp_path / "data.sqlite"),
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={UUID(int=0)}",
        "PYTHONPATH": str(REPOSITORY),
    }
    ended = subprocess.run(  # noqa: S603 -- our own program
        [python, "-c", USE_A_CONNECTION, *missing],
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
        text=True,
    )
    return ended.stdout.split(), ended.stderr


def test_requirements_txt_has_what_the_instrumentation_imports(
    image_python: Path, tmp_path: Path
) -> None:
    spans, logged = _spans(image_python, tmp_path)
    assert spans == ["BEGIN", "SELECT", "connect"]
    assert not logged


def test_instrumentation_that_failed_halfway_is_logged_and_not_repeated(tmp_path: Path) -> None:
    spans, logged = _spans(sys.executable, tmp_path, "greenlet")
    assert spans.count("connect") == 1
    assert "SQLAlchemyInstrumentor failed: its spans are incomplete" in logged
    assert "greenlet" in logged


def test_the_packages_that_the_tests_use_are_those_of_requirements_txt() -> None:
    """Otherwise `image_python` would prove something about other versions."""
    assert pinned().items() <= installed().items()
