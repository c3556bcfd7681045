"""Content-Length: of the bytes that are sent; for HEAD, of those that GET would send."""

import gzip
import http.client
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest

from tests.api.api_client import Api, MakeApi
from tests.api.emulator_users import new_user
from tests.api.running_product import Product
from tests.services.redis import RedisFactory

TARGETS: Final = [
    "/features",
    "/features?view=full",
    "/features?limit=7",
    "/features?limit=10000",
    "/features/custom?arg=Pop",
    "/features/custom?arg=Pop&view=full&limit=3",
    "/features/custom?arg=Nothing",
    "/features/custom?arg=Nothing&limit=3",
    "/api/version",
    "/api/health",
    "/openapi.json",
    "/docs",
    "/docs/page.css",
    "/docs/swagger-ui-bundle.js",
    "/docs/nothing",
    "/features?limit=0",
    "/features/custom",
    "/",
]
CODINGS: Final = ["gzip", "identity", "gzip;q=0, identity;q=0"]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("target", TARGETS)
async def test_head_says_the_length_of_get(api: Api, target: str, coding: str) -> None:
    for _ in range(2):  # filled, then from memory
        head = await api.head(target, Accept_Encoding=coding)
        full = await api.get(target, Accept_Encoding=coding)
        assert head.status == full.status
        assert int(head.headers["Content-Length"]) > 0
        if "/version" not in target and full.status == 200:
            assert head.headers["Content-Length"] == full.headers["Content-Length"]


@pytest.mark.parametrize("coding", CODINGS[:2])
@pytest.mark.parametrize("target", TARGETS[:6])
async def test_head_of_a_list_in_redis_says_the_length_of_get(
    make_api: MakeApi, redis_server: RedisFactory, target: str, coding: str
) -> None:
    url = redis_server().url
    one, other = make_api(redis_url=url), make_api(redis_url=url)
    full = await one.get(target, Accept_Encoding=coding)
    await one.services.background.drain()
    head = await other.head(target, Accept_Encoding=coding)
    assert "detail=redis" in head.headers["Cache-Status"]
    assert head.headers["Content-Length"] == str(len(full.body))
    assert head.headers.get("Content-Encoding") == full.headers.get("Content-Encoding")


@pytest.fixture
def connection(product: Product) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(product.url).netloc, timeout=60)
    yield connection
    connection.close()


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("target", TARGETS)
def test_the_length_goes_out_with_the_bytes(
    connection: http.client.HTTPConnection, target: str, coding: str
) -> None:
    lengths = []
    for method in ("GET", "HEAD"):
        connection.request(method, target, headers={"Accept-Encoding": coding})
        answer = connection.getresponse()
        body = answer.read()
        assert answer.getheader("Transfer-Encoding") is None
        lengths.append(answer.getheader("Content-Length"))
        assert len(body) == (int(lengths[0] or -1) if method == "GET" else 0)
        if method == "GET" and answer.getheader("Content-Encoding") == "gzip":
            assert gzip.decompress(body)
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", ["/features", "/features?limit=3", "/docs", "/openapi.json"])
def test_a_304_has_no_length_and_the_connection_serves_on(
    connection: http.client.HTTPConnection, method: str, target: str
) -> None:
    for _ in range(2):
        connection.request(method, target, headers={"If-None-Match": "*"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (304, b"")
        for name in ("Content-Length", "Transfer-Encoding"):
            assert answer.getheader(name) is None


async def test_a_204_has_no_length(auth_api: Api, auth_emulator: str) -> None:
    user = new_user(auth_emulator)
    answer = await auth_api.post("/logout", Authorization=user.authorization)
    assert answer.status == 204
    assert "Content-Length" not in answer.headers
