"""The same function answers as on the platform."""

from collections.abc import Iterator

import httpx
import pytest

from tests.local.function_apps import write_app
from tests.services.functions_host import Serve

SOURCE = """
def answer(name, **route):
    async def handler(req: Req) -> Res:
        return Res(name)
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
    ],
)
def test_a_path_is_answered_by_its_function(client: httpx.Client, path: str, name: str) -> None:
    assert client.get(path).text == name


def test_the_first_name_of_the_alphabet_wins_over_the_literal_route(client: httpx.Client) -> None:
    assert client.get("/order/literal").text == "a_parameter"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/only/post"),
        ("HEAD", "/only/post"),
        ("GET", "/nowhere"),
        ("GET", "/any/more"),
        ("GET", "//any"),
        ("GET", "/only"),
        ("DELETE", "/with/head"),
    ],
)
def test_a_wrong_method_or_path_is_an_empty_404(
    client: httpx.Client, method: str, path: str
) -> None:
    answer = client.request(method, str(client.base_url).rstrip("/") + path)
    assert (answer.status_code, answer.content) == (404, b"")


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
