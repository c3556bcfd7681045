"""The whole product with telemetry, exported to a sink as in Azure, but more often."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.api.running_product import Product, running_product
from tests.telemetry.ingestion_sink import Sink

EXPORTING: Final = {
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true",
    "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME": "shared",
    "OTEL_TRACES_SAMPLER": "always_on",
    # Milliseconds between two reports.
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    "OTEL_BLRP_SCHEDULE_DELAY": "200",
    "OTEL_METRIC_EXPORT_INTERVAL": "500",
    # The exporter would send its own statistics, and load its configuration, over the internet.
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "azure_functions",
}


@contextmanager
def exporting_product(
    sink: Sink,
    data: Path,
    folder: Path,
    redis_url: str,
    emulator: str,
    *,
    python: Path,
    **settings: str,
) -> Iterator[Product]:
    """Serve the product; it exports to `sink`. `python` has the packages that it may use."""
    # The exporter keeps failed reports in TMPDIR, and would send those of an earlier test.
    exporting = {
        **EXPORTING,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": sink.connection_string,
        "TMPDIR": str(folder),
    }
    with running_product(
        data, folder, redis_url, emulator, python=python, **exporting, **settings
    ) as product:
        yield product
