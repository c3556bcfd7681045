"""Each kind of envelope arrives, with its names and attributes."""

from typing import Any

import httpx
import pytest

from shared.telemetry import ROUTE, STATUS, Count, Gauge, Measure, Requests
from tests.api.emulator_users import SignedInUser
from tests.api.running_product import Product
from tests.api.sample_records import REFERENCE
from tests.services.redis import RedisServer
from tests.telemetry.ingestion_sink import Envelope, Sink
from tests.telemetry.received_traces import Caller, arrived, data, request_of, whole_trace

UNAVAILABLE = "Redis is unavailable: "

type Points = list[tuple[dict[str, str], dict[str, Any]]]
"""(attributes, value) of each report of a metric."""


def reports(sink: Sink, name: str) -> Points:
    points = [data(one) for one in sink.envelopes("Metric")]
    return [
        (point["properties"], point["metrics"][0])
        for point in points
        if point["metrics"][0]["name"] == name
    ]


def total(sink: Sink, name: str, **attributes: str) -> float:
    """Return the sum of the reports with these attributes so far."""
    wanted = attributes.items()
    return sum(
        float(value["value"]) for known, value in reports(sink, name) if wanted <= known.items()
    )


@pytest.fixture(scope="module")
def used(product: Product, editor: SignedInUser) -> Product:
    """A product after requests that each metric counts."""
    client = product.client
    etag = client.get("/features/custom?arg=Pop").headers["ETag"]
    client.get("/features/custom?arg=Pop")
    not_modified = client.get("/features/custom?arg=Pop", headers={"If-None-Match": etag})
    assert not_modified.status_code == 304
    client.get("/features/custom?arg=Nothing+of+the+kind")
    headers = {"Authorization": editor.authorization}
    assert client.post("/features/new", json=REFERENCE, headers=headers).status_code == 201
    login = {"email": editor.email, "password": "not the password"}
    assert client.post("/login", json=login).status_code == 401
    return product


@pytest.mark.parametrize(
    ("status", "outcome", "requests"),
    [("200", "filled", 1), ("200", "memory", 1), ("304", "memory", 1), ("200", "unknown", 1)],
)
def test_requests_are_counted_by_route_status_and_outcome(
    used: Product, sink: Sink, status: str, outcome: str, requests: int
) -> None:
    assert used
    wanted = {ROUTE: "/features/custom", STATUS: status, "outcome": outcome}
    counted = sink.wait_for(lambda: total(sink, Requests.COUNT.exported, **wanted))
    assert counted == requests
    seconds = total(sink, Requests.SECONDS.exported, **wanted)
    slowest = max(
        value["value"]
        for known, value in reports(sink, Requests.SLOWEST.exported)
        if wanted.items() <= known.items()
    )
    assert 0 < slowest <= seconds < 1000


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        (Count.READ, {"outcome": "memory"}),
        (Count.FILL, {}),
        (Count.STORE, {"outcome": "stored"}),
        (Count.PUSH, {}),
        (Count.LEASE_POLL, {}),
        (Count.LOGIN_REJECTED, {}),
        (Gauge.MEMORY_BYTES, {}),
        *(
            (Measure.FILL_SECONDS, {"stage": s})
            for s in ("query", "serialise", "compress", "store")
        ),
        *((Measure.FILL_BYTES, {"coding": coding}) for coding in ("identity", "gzip")),
    ],
    ids=str,
)
def test_what_happened_is_counted(
    used: Product, sink: Sink, name: Count | Gauge | Measure, attributes: dict[str, str]
) -> None:
    assert used
    assert sink.wait_for(lambda: total(sink, name.exported, **attributes)) > 0


def test_what_never_happened_is_not_counted(used: Product, sink: Sink) -> None:
    assert used
    sink.wait_for(lambda: total(sink, Count.LOGIN_REJECTED.exported))
    assert total(sink, Gauge.CIRCUIT_OPEN.exported) == 0
    assert not reports(sink, Count.MEMORY_EVICTED.exported)
    assert not reports(sink, Count.STORE_FAILED.exported)


@pytest.fixture(scope="module")
def faulty(used: Product, sink: Sink, redis: RedisServer) -> tuple[Caller, httpx.Response]:
    """A login while Redis is unavailable, which works, but is logged."""
    redis.kill()
    caller = Caller()
    login = {"email": "somebody@example.org", "password": "not the password"}
    answer = used.client.post("/login", json=login, headers=caller.headers())
    assert answer.status_code == 401
    whole_trace(sink, caller.trace)
    return caller, answer


def kinds(envelopes: list[Envelope]) -> set[str]:
    return {one["name"].rpartition(".")[2] for one in envelopes}


def test_a_request_has_four_kinds_of_envelopes_and_metrics_are_the_fifth(
    faulty: tuple[Caller, httpx.Response], sink: Sink
) -> None:
    four = {"Request", "RemoteDependency", "Exception", "Message"}
    caller, _ = faulty
    sink.wait_for(lambda: kinds(arrived(sink, caller.trace)) == four)
    assert kinds(arrived(sink, caller.trace)) == four
    assert sink.envelopes("Metric")


def test_a_log_line_has_the_request_id_of_the_answer(
    faulty: tuple[Caller, httpx.Response], sink: Sink
) -> None:
    caller, answer = faulty
    lines = sink.wait_for(lambda: arrived(sink, caller.trace, "Message"))
    ids = {data(line)["properties"]["request_id"] for line in lines}
    assert ids == {request_of(answer)}
    assert {data(line)["properties"]["logger_name"] for line in lines} == {
        "shared.auth.rate_limits"
    }


def test_each_log_line_arrives_once(faulty: tuple[Caller, httpx.Response], sink: Sink) -> None:
    caller, _ = faulty
    lines = sink.wait_for(lambda: arrived(sink, caller.trace, "Message"))
    texts = [data(line)["message"] for line in lines]
    assert len(texts) == len(set(texts))


def test_an_exception_names_its_class_and_where_it_came_from(
    faulty: tuple[Caller, httpx.Response], sink: Sink
) -> None:
    caller, _ = faulty
    (first, *_) = sink.wait_for(lambda: arrived(sink, caller.trace, "Exception"))
    (exception,) = data(first)["exceptions"]
    assert "redis.exceptions" in exception["typeName"]
    assert "Traceback" in exception["stack"]


def test_an_open_circuit_is_counted_gauged_and_logged(
    faulty: tuple[Caller, httpx.Response], used: Product, sink: Sink
) -> None:
    assert faulty
    assert used.client.get("/features/custom?arg=Pop").status_code == 200
    assert sink.wait_for(lambda: total(sink, Count.CIRCUIT_OPENED.exported)) == 1
    assert sink.wait_for(lambda: total(sink, Gauge.CIRCUIT_OPEN.exported)) >= 1
    assert sink.wait_for(lambda: [text for text in messages(sink) if text.startswith(UNAVAILABLE)])


def messages(sink: Sink) -> list[str]:
    return [data(one)["message"] for one in sink.envelopes("Message")]
