"""The same function answers as on the platform."""

from collections.abc import Iterator

import httpx
import pytest

from tests.local.function_apps import write_app
from tests.local.raw_exchange import CLOSING, RawAnswer, exchange
from tests.services.functions_host import Serve

SOURCE = """
def answer(name, **route):
    async def handler(req: Req) -> Res:
        return Res(" ".join([name, *dict(req.route_params).values()]))
    handler.__name__ = name
    return app.function_name(name)(app.route(**route)(handler))

answer("root", route="/", methods=["GET"])
answer("onlyPost", route="only/post", methods=["POST"])
answer("withHead", route="with/head", methods=["GET", "HEAD"])
answer("anyMethod", route="any")
answer("unnamed", route="")
answer("b_literal", route="order/literal")
answer("a_parameter", route="order/{word}")
answer("rest", route="files/{*path}")
"""


def raw(client: httpx.Client, method: str, path: str) -> RawAnswer:
    """The answer to a path as it stands here: a client would resolve its dots."""
    return exchange(client.base_url, f"{method} {path} HTTP/1.1\r\n".encode() + CLOSING)


@pytest.fixture(scope="module")
def client(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE))
    with httpx.Client(base_url=app.url, timeout=60) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "root"),
        ("/any", "anyMethod"),
        ("/ANY/", "anyMethod"),
        ("/unnamed", "unnamed"),
        ("/files/a/b", "rest"),
        ("/with/head/", "withHead"),
        ("/any/../any", "anyMethod"),
        ("/./any", "anyMethod"),
        ("/nowhere/%2e%2e/any", "anyMethod"),
        ("/%61ny", "anyMethod"),
        ("/files/a%2Fb", "rest"),
    ],
)
def test_a_path_is_answered_by_its_function(client: httpx.Client, path: str, name: str) -> None:
    assert raw(client, "GET", path).body.split()[0] == name.encode()


def test_the_first_name_of_the_alphabet_wins_over_the_literal_route(client: httpx.Client) -> None:
    assert client.get("/order/literal").text == "a_parameter literal"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/only/post"),
        ("HEAD", "/only/post"),
        ("GET", "/nowhere"),
        ("GET", "/any/more"),
        ("GET", "//any"),
        ("GET", "//"),
        ("GET", "///"),
        ("GET", "/any//"),
        ("GET", "/with%2Fhead"),
        ("GET", "/with%2fhead"),
        ("GET", "/any%252F"),
        ("GET", "/an%"),
        ("GET", "/any#fragment"),
        ("GET", "/only"),
        ("DELETE", "/with/head"),
        ("OPTIONS", "/with/head"),
        ("OPTIONS", "*"),
        ("FOO", "/with/head"),
        ("FOO", "/nowhere"),
        ("get", "/with/head"),
        ("M-SEARCH", "/with/head"),
    ],
)
def test_a_wrong_method_or_path_is_an_empty_404(
    client: httpx.Client, method: str, path: str
) -> None:
    answer = raw(client, method, path)
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers.get("content-length") == (None if method == "HEAD" else "0")
    assert "transfer-encoding" not in answer.headers


def test_any_method_is_served_where_none_is_listed(client: httpx.Client) -> None:
    assert raw(client, "FOO", "/any").status == 200


def test_a_parameter_keeps_its_encoded_slash(client: httpx.Client) -> None:
    for word in ("a%2Fb", "..%2f..%2fhost.json"):
        assert raw(client, "GET", f"/order/{word}").body == f"a_parameter {word}".encode()


def test_head_is_served_where_it_is_listed(client: httpx.Client) -> None:
    answer = client.head("/with/head")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_unmatched_root_is_204_as_with_the_homepage_disabled(client: httpx.Client) -> None:
    assert client.post("/").status_code == 204


def test_without_a_prefix_in_host_json_routes_stand_under_api(
    serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE, prefix=None))
    assert httpx.get(f"{app.url}/api/any", timeout=60).text == "anyMethod"
    assert httpx.get(f"{app.url}/any", timeout=60).status_code == 404


def test_a_prefix_of_its_own_stands_before_every_route(
    serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE, prefix="v1/music"))
    assert httpx.get(f"{app.url}/v1/music/any", timeout=60).text == "anyMethod"
    assert httpx.get(f"{app.url}/v1/music", timeout=60).text == "root"
