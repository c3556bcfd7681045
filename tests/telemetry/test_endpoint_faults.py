"""Whatever the ingestion endpoint does, no caller of the API notices."""

import time
from collections.abc import Callable

import pytest

from tests.api.product import Product
from tests.telemetry.sink import Sink

READ = "/features/custom?arg=Pop"
PING_FAILED = "Exception occurred while pinging live metrics."
PING_SECONDS = 70.0
"""Live metrics ask every 5 s whether anybody watches; after a minute of faults, every 60 s."""

LONGEST_SECONDS = 1.0
"""Of an answer on a busy machine; the exporter itself would wait for ten."""


def slowest(product: Product, enough: Callable[[], bool]) -> float:
    """Seconds of the slowest of many reads, which go on until `enough`."""
    worst, reads = 0.0, 0
    while reads < 50 or not enough():
        began = time.perf_counter()
        product.client.get(READ).raise_for_status()
        worst, reads = max(worst, time.perf_counter() - began), reads + 1
    return worst


@pytest.fixture
def warm(product: Product) -> Product:
    product.client.get(READ).raise_for_status()
    return product


def test_an_endpoint_that_answers_nothing_costs_a_caller_nothing(warm: Product, sink: Sink) -> None:
    sink.hold()
    seen = sink.posts
    try:
        assert slowest(warm, lambda: sink.posts > seen + 1) < LONGEST_SECONDS
    finally:
        sink.release()


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_an_endpoint_that_refuses_costs_a_caller_nothing(
    warm: Product, sink: Sink, status: int
) -> None:
    sink.refuse = status
    seen = sink.posts
    try:
        assert slowest(warm, lambda: sink.posts > seen + 1) < LONGEST_SECONDS
    finally:
        sink.refuse = 0


def test_what_it_refused_for_a_while_is_told_later(warm: Product, sink: Sink) -> None:
    """Reports that failed are kept, and sent again."""
    arrived = len(sink.envelopes("Request"))
    warm.client.get(READ).raise_for_status()
    assert sink.wait_for(lambda: len(sink.envelopes("Request")) > arrived)


def test_it_is_said_on_the_console_in_one_line(warm: Product, sink: Sink) -> None:
    host = warm.app.host
    sink.refuse = 503
    try:
        host.wait_until(lambda: PING_FAILED in host.output(), PING_SECONDS)
    finally:
        sink.refuse = 0
    assert "Traceback" not in host.output()
