"""The worker's rows have the name of OTEL_SERVICE_NAME in Azure, too: one for each slot."""

from collections.abc import Mapping

import pytest

from tests.api.running_product import Product
from tests.services.redis import RedisServer
from tests.telemetry.ingestion_sink import Sink
from tests.telemetry.received_traces import Caller, whole_trace


@pytest.fixture(scope="module")
def settings(redis: RedisServer) -> Mapping[str, str]:
    """The name of the app, which Azure sets and both slots have, and the slot's own."""
    return {
        "REDIS_URL": redis.url,
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "WEBSITE_SITE_NAME": "smart-cache-prod",
        "OTEL_SERVICE_NAME": "smart-cache-prod-staging",
    }


def test_rows_of_traces_and_metrics_name_the_slot(product: Product, sink: Sink) -> None:
    caller = Caller()
    product.client.get("/api/version", headers=caller.headers()).raise_for_status()
    rows = [*whole_trace(sink, caller.trace), *sink.wait_for(lambda: sink.envelopes("Metric"))]
    assert {row["tags"]["ai.cloud.role"] for row in rows} == {"smart-cache-prod-staging"}
