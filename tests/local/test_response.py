"""A caller gets a handler's answer as from the platform."""

import hashlib
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.local.function_apps import write_app
from tests.services.functions_host import Serve

SOURCE = """
@app.route(route="binary")
async def binary(req: Req) -> Res:
    headers = {"Content-Encoding": "identity", "ETag": '"v1"'}
    return Res(bytes(range(256)) * 60_000, headers=headers, mimetype="application/x-any")

@app.route(route="duplicates")
async def duplicates(req: Req) -> Res:
    answer = Res(b"")
    for name, value in (("X-A", "one"), ("x-a", "two"), ("X-B", "one"), ("X-B", "two")):
        answer.headers.add(name, value)
    return answer

@app.route(route="cookies")
async def cookies(req: Req) -> Res:
    answer = Res(b"")
    answer.headers.add("Set-Cookie", "a=1; Path=/x; Max-Age=60; Secure; HttpOnly; SameSite=Strict")
    answer.headers.add("Set-Cookie", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT")
    return answer

@app.route(route="status/{code}")
async def status(req: Req) -> Res:
    return Res(status_code=int(req.route_params["code"]))

@app.route(route="fails")
async def fails(req: Req) -> Res:
    raise ValueError("kept from the caller")

@app.route(route="syncfails")
def syncfails(req: Req) -> Res:
    raise ValueError("kept from the caller")

@app.route(route="nothing")
async def nothing(req: Req) -> Res:
    return None

@app.route(route="text")
async def text(req: Req) -> str:
    return "plain"

@app.route(route="unicode")
async def unicode(req: Req) -> Res:
    return Res(b"", headers={"X-A": "\\u2713"})

@app.route(route="control")
async def control(req: Req) -> Res:
    return Res(b"", headers={"X-A": "\\x01"})
"""


@pytest.fixture(scope="module")
def client(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE))
    with httpx.Client(base_url=app.url, timeout=60) as client:
        yield client


def test_a_large_binary_body_is_untouched(client: httpx.Client) -> None:
    answer = client.get("/binary")
    expected = hashlib.sha256(bytes(range(256)) * 60_000).hexdigest()
    assert hashlib.sha256(answer.content).hexdigest() == expected
    assert answer.headers["content-type"] == "application/x-any"
    assert answer.headers["etag"] == '"v1"'


def test_a_body_goes_out_chunked(client: httpx.Client) -> None:
    headers = client.get("/binary").headers
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers


def test_duplicate_headers_collapse_to_the_last(client: httpx.Client) -> None:
    headers = client.get("/duplicates").headers
    assert headers.get_list("x-a") == ["two"]
    assert headers.get_list("x-b") == ["two"]


def test_each_cookie_keeps_its_own_line(client: httpx.Client) -> None:
    one, other = client.get("/cookies").headers.get_list("set-cookie")
    first, second = SimpleCookie(one)["a"], SimpleCookie(other)["b"]
    assert (first.value, first["path"], first["max-age"]) == ("1", "/x", "60")
    assert (first["secure"], first["httponly"], first["samesite"]) == (True, True, "strict")
    assert (second.value, second["path"]) == ("2", "/")
    assert second["expires"] == "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize("code", [204, 304, 418, 503])
def test_a_status_arrives_as_it_was_given(client: httpx.Client, code: int) -> None:
    answer = client.get(f"/status/{code}")
    assert (answer.status_code, answer.content) == (code, b"")


@pytest.mark.parametrize("path", ["fails", "syncfails", "nothing", "unicode", "control"])
def test_what_cannot_be_answered_is_an_empty_500(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/{path}")
    assert (answer.status_code, answer.content) == (500, b"")


def test_the_connection_serves_on_after_a_500(client: httpx.Client) -> None:
    client.get("/fails")
    assert client.get("/text").text == "plain"


def test_a_handlers_traceback_goes_to_the_terminal(
    serve: Serve, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = serve(write_app(tmp_path_factory.mktemp("app"), SOURCE))
    httpx.get(f"{app.url}/fails", timeout=60)
    app.host.stop()
    assert "ValueError: kept from the caller" in app.host.output()
