"""A request is one trace; each span arrives once, with its parent and without parameters."""

import re
from collections.abc import Mapping

import pytest

from tests.api.emulator_users import SignedInUser
from tests.api.running_product import Product
from tests.api.sample_records import REFERENCE
from tests.services.redis import RedisServer
from tests.telemetry.ingestion_sink import Envelope, Sink
from tests.telemetry.received_traces import Caller, arrived, data, names, whole_trace


@pytest.fixture(scope="module")
def settings(redis: RedisServer) -> Mapping[str, str]:
    """With a long lease: a short one might end between the fill and the hit on a busy machine."""
    return {"REDIS_URL": redis.url, "CACHE_FRESHNESS_SECONDS": "60"}


@pytest.fixture(scope="module")
def fill(product: Product, sink: Sink) -> tuple[Caller, list[Envelope]]:
    """The spans of a read that filled a list."""
    caller = Caller()
    answer = product.client.get("/features/custom?arg=Pop", headers=caller.headers())
    assert "fwd=miss" in answer.headers["Cache-Status"]
    return caller, whole_trace(sink, caller.trace)


@pytest.fixture(scope="module")
def hit(product: Product, sink: Sink, fill: tuple[Caller, list[Envelope]]) -> list[Envelope]:
    assert fill
    caller = Caller()
    answer = product.client.get("/features/custom?arg=Pop", headers=caller.headers())
    assert "detail=memory" in answer.headers["Cache-Status"]
    return whole_trace(sink, caller.trace)


@pytest.fixture(scope="module")
def write(product: Product, sink: Sink, editor: SignedInUser) -> list[Envelope]:
    caller = Caller()
    headers = {**caller.headers(), "Authorization": editor.authorization}
    product.client.post("/features/new", json=REFERENCE, headers=headers).raise_for_status()
    return whole_trace(sink, caller.trace)


def test_a_fill_is_one_trace_of_function_commands_statements_and_fill(
    fill: tuple[Caller, list[Envelope]],
) -> None:
    _, spans = fill
    assert {"GET /features/custom", "cache fill", "GET", "EVALSHA", "SELECT"} <= set(names(spans))
    assert {data(one).get("type", "") for one in spans} == {"", "InProc", "SQL", "redis"}


def test_every_span_has_its_parent_in_the_trace_and_the_first_the_caller(
    fill: tuple[Caller, list[Envelope]],
) -> None:
    caller, spans = fill
    ids = {data(one)["id"] for one in spans}
    parents = [one["tags"]["ai.operation.parentId"] for one in spans]
    assert set(parents) <= ids | {caller.span}
    assert parents.count(caller.span) == 1


def test_the_statements_of_a_fill_stand_within_it(
    fill: tuple[Caller, list[Envelope]],
) -> None:
    _, spans = fill
    (filling,) = (data(one)["id"] for one in spans if data(one)["name"] == "cache fill")
    rows = [one for one in spans if "track_name" in data(one).get("data", "")]
    assert [one["tags"]["ai.operation.parentId"] for one in rows] == [filling]


def test_every_span_arrives_once(fill: tuple[Caller, list[Envelope]]) -> None:
    _, spans = fill
    ids = [data(one)["id"] for one in spans]
    assert len(ids) == len(set(ids))
    assert names(spans).count("GET /features/custom") == 2


def test_a_hit_is_the_function_and_one_command(hit: list[Envelope]) -> None:
    assert sorted(names(hit)) == ["GET", "GET /features/custom", "GET /features/custom"]


def test_a_span_says_what_answered_and_which_request(hit: list[Envelope]) -> None:
    (ours,) = (data(one)["properties"] for one in hit if data(one).get("type") == "InProc")
    assert (ours["outcome"], ours["scope"]) == ("memory", "Pop")
    assert ours["request_id"]


def test_the_request_has_route_status_and_no_query(hit: list[Envelope]) -> None:
    (request,) = (data(one) for one in hit if "responseCode" in data(one))
    assert request["responseCode"] == "200"
    assert request["success"] is True
    assert request["url"].endswith("/features/custom")


def test_a_write_is_one_trace_of_its_statements_and_its_announcement(write: list[Envelope]) -> None:
    assert {"POST /features/new", "write record", "INSERT", "UPDATE", "EVALSHA"} <= set(
        names(write)
    )


def test_statements_and_commands_come_without_their_parameters(
    fill: tuple[Caller, list[Envelope]], write: list[Envelope]
) -> None:
    texts = [data(one).get("data", "") for one in (*fill[1], *write)]
    assert any("?" in one for one in texts)
    # As whole words, because the emulator's random port may contain one of the numbers.
    secrets = "|".join(map(re.escape, ("Pop", *REFERENCE.values())))
    assert not [one for one in texts if re.search(rf"\b({secrets})\b", one)]


def test_a_caller_who_keeps_no_trace_gets_none(product: Product, sink: Sink) -> None:
    silent, later = Caller(), Caller()
    product.client.get("/features/custom?arg=Jazz", headers=silent.headers(flags="00"))
    product.client.get("/features/custom?arg=Jazz", headers=later.headers())
    whole_trace(sink, later.trace)
    assert not [
        one for kind in ("Request", "RemoteDependency") for one in arrived(sink, silent.trace, kind)
    ]


def test_a_host_that_is_none_for_python_is_traced_or_refused(product: Product, sink: Sink) -> None:
    """The platform's web server takes `[1:2]`; Python's parser of URLs refuses both."""
    caller = Caller()
    taken = product.client.get("/api/version", headers={"Host": "[1:2]", **caller.headers()})
    assert taken.status_code == 200
    (request,) = (
        data(one) for one in whole_trace(sink, caller.trace) if "responseCode" in data(one)
    )
    assert request["url"] == "http://[1:2]/api/version"
    assert product.client.get("/api/version", headers={"Host": "[bad"}).status_code == 400
