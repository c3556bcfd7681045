"""What the rows of a request cost, as docs/costs.md says it, measured on envelopes that arrive."""

import json
import re
from collections.abc import Callable, Iterable, Mapping

import httpx
import pytest

from local.hosted import REPOSITORY
from tests.api.emulator_users import SignedInUser
from tests.api.running_product import Product
from tests.api.sample_records import REFERENCE
from tests.services.redis import RedisServer
from tests.telemetry.ingestion_sink import Envelope, Sink
from tests.telemetry.received_traces import Caller, arrived, data, names, whole_trace

PAGE = (REPOSITORY / "docs" / "costs.md").read_text("utf-8")
DOLLARS_PER_GB = float(re.findall(r"Logs and traces, ([\d.]+) per GB", PAGE)[0])
READ = "/features/custom?arg=Pop"
OTHER_READ = "/features/custom?arg=Rock"
MINUTES_A_MONTH = 730 * 60

type Send = Callable[[Mapping[str, str]], httpx.Response]


def table(title: str) -> dict[str, list[str]]:
    """Return the rows of the page's table whose first column has this title, by their names."""
    rows = re.search(rf"^\| {title} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert rows, title
    split = [[cell.strip() for cell in row.strip("|\n").split("|")] for row in rows[1].splitlines()]
    return {row[0].removesuffix("|").strip(): [c for c in row[1:] if c] for row in split}


def kilobytes(rows: Iterable[Envelope]) -> float:
    return sum(len(json.dumps(row, separators=(",", ":"))) for row in rows) / 1000


@pytest.fixture(scope="module")
def settings(redis: RedisServer) -> Mapping[str, str]:
    """With a long lease, so that no request polls the versions; a fill is measured by itself."""
    return {
        "REDIS_URL": redis.url,
        "CACHE_FRESHNESS_SECONDS": "60",
        "CACHE_REBUILD_AFTER_WRITE": "false",
    }


@pytest.fixture(scope="module")
def requests(product: Product, editor: SignedInUser) -> Mapping[str, Send]:
    """The kinds of requests, after one of each: Redis knows the scripts, connections are open."""
    client = product.client
    signed_in = {"Authorization": editor.authorization}
    client.post("/features/new", json=REFERENCE, headers=signed_in).raise_for_status()
    etag = client.get(READ).headers["ETag"]
    another = {**REFERENCE, "track_id": REFERENCE["track_id"][::-1]}
    return {
        "hit in memory": lambda trace: client.get(READ, headers=trace),
        "read that fills a list": lambda trace: client.get(OTHER_READ, headers=trace),
        "304": lambda trace: client.get(READ, headers={**trace, "If-None-Match": etag}),
        "POST, 201": lambda trace: client.post(
            "/features/new", json=another, headers={**trace, **signed_in}
        ),
    }


@pytest.fixture(scope="module")
def measured(requests: Mapping[str, Send], sink: Sink) -> Mapping[str, list[Envelope]]:
    """The rows of each kind of request, in a trace that is kept."""
    rows = {}
    for kind, send in requests.items():
        caller = Caller()
        assert send(caller.headers()).status_code in {200, 201, 304}
        whole_trace(sink, caller.trace)
        rows[kind] = arrived(sink, caller.trace)
    return rows


def test_the_page_has_each_kind_of_request(measured: Mapping[str, list[Envelope]]) -> None:
    assert set(table("a request")) == set(measured)


@pytest.mark.parametrize("kind", table("a request"))
def test_the_rows_of_a_request_are_those_of_the_page(
    measured: Mapping[str, list[Envelope]], kind: str
) -> None:
    rows, size, *_ = table("a request")[kind]
    assert len(measured[kind]) == pytest.approx(int(rows), rel=0.2)
    assert kilobytes(measured[kind]) == pytest.approx(float(size), rel=0.2), names(
        [row for row in measured[kind] if "name" in data(row)]
    )


@pytest.mark.parametrize("kind", table("a request"))
def test_the_dollars_of_a_million_requests_follow_from_their_bytes(kind: str) -> None:
    _, size, every, hundredth = table("a request")[kind]
    dollars = float(size) * DOLLARS_PER_GB
    assert float(every) == pytest.approx(dollars, abs=0.06)
    assert float(hundredth) == pytest.approx(dollars / 100, abs=0.006)


def test_a_trace_that_is_not_kept_has_no_rows(
    requests: Mapping[str, Send], sink: Sink, measured: Mapping[str, list[Envelope]]
) -> None:
    assert measured
    dropped, kept = Caller(), Caller()
    requests["hit in memory"](dropped.headers("00")).raise_for_status()
    requests["hit in memory"](kept.headers()).raise_for_status()
    whole_trace(sink, kept.trace)
    assert not arrived(sink, dropped.trace)


def test_the_rows_of_metrics_are_those_of_the_page(
    sink: Sink, measured: Mapping[str, list[Envelope]]
) -> None:
    assert measured
    wanted = {"smartcache.request.count", "smartcache.cache.push"}
    sink.wait_for(lambda: wanted <= {_series(row)[0] for row in sink.envelopes("Metric")})
    series = {_series(row): row for row in sink.envelopes("Metric")}
    ((rows, size, gigabytes, dollars),) = table("a process").values()
    assert len(series) == pytest.approx(int(rows), rel=0.3)
    assert kilobytes(series.values()) == pytest.approx(float(size), rel=0.3)
    assert float(gigabytes) == pytest.approx(float(size) * MINUTES_A_MONTH / 1e6, abs=0.06)
    assert float(dollars) == pytest.approx(float(gigabytes) * DOLLARS_PER_GB, abs=0.06)


def _series(row: Envelope) -> tuple[str, str]:
    """Name the metric and its attributes: each pair is a row in every minute."""
    return data(row)["metrics"][0]["name"], json.dumps(data(row)["properties"], sort_keys=True)
