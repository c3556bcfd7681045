"""Faults of the ingestion endpoint have no effect on callers of the API."""

from collections.abc import Callable

import pytest

from tests.api.running_product import Product
from tests.telemetry.ingestion_sink import Sink

READ = "/features/custom?arg=Pop"
PING_FAILED = "Exception occurred while pinging live metrics."
PING_SECONDS = 180.0
"""Live metrics connect every 5 s; after a minute of faults, every 60 s."""


def read(product: Product, enough: Callable[[], bool]) -> None:
    """Read 50 times, and on until `enough`. Raises for a read that fails."""
    reads = 0
    while reads < 50 or not enough():
        product.client.get(READ).raise_for_status()
        reads += 1


@pytest.fixture
def warm(product: Product) -> Product:
    product.client.get(READ).raise_for_status()
    return product


def test_an_endpoint_that_answers_nothing_costs_a_caller_nothing(warm: Product, sink: Sink) -> None:
    """The exporter's timeout is five minutes, that of these callers one."""
    sink.hold()
    seen = sink.posts
    try:
        read(warm, lambda: sink.posts > seen + 1)
    finally:
        sink.release()


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_an_endpoint_that_refuses_costs_a_caller_nothing(
    warm: Product, sink: Sink, status: int
) -> None:
    sink.refuse = status
    seen = sink.posts
    try:
        read(warm, lambda: sink.posts > seen + 1)
    finally:
        sink.refuse = 0


def test_what_it_refused_for_a_while_arrives_later(warm: Product, sink: Sink) -> None:
    """Reports that failed are kept, and sent again."""
    arrived = len(sink.envelopes("Request"))
    warm.client.get(READ).raise_for_status()
    assert sink.wait_for(lambda: len(sink.envelopes("Request")) > arrived)


def test_the_fault_is_one_line_on_the_console(warm: Product, sink: Sink) -> None:
    host = warm.app.host
    sink.refuse = 503
    try:
        host.wait_until(lambda: PING_FAILED in host.output(), PING_SECONDS)
    finally:
        sink.refuse = 0
    assert "Traceback" not in host.output()
