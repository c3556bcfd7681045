"""The whole product, its worker exporting to a sink: as users run it, only faster to report."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.api.running_product import Product, running_product
from tests.telemetry.sink import Sink

EXPORTING: Final = {
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true",
    "OTEL_TRACES_SAMPLER": "always_on",
    # Milliseconds between two reports.
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    "OTEL_BLRP_SCHEDULE_DELAY": "200",
    "OTEL_METRIC_EXPORT_INTERVAL": "500",
    # Whatever would leave this machine: the exporter's own statistics and remote configuration.
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": "azure_functions",
}


@contextmanager
def observed_product(
    sink: Sink, data: Path, folder: Path, redis_url: str, emulator: str, **settings: str
) -> Iterator[Product]:
    """Serve the product; whatever it exports goes to `sink`."""
    # Reports that failed are kept there, and sent by whoever comes next.
    exporting = {
        **EXPORTING,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": sink.connection_string,
        "TMPDIR": str(folder),
    }
    with running_product(data, folder, redis_url, emulator, **exporting, **settings) as product:
        yield product
