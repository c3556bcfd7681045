"""A caller gets a handler's answer as from the platform."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.local.function_apps import write_app
from tests.local.raw_exchange import exchange
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

@app.route(route="header")
async def header(req: Req) -> Res:
    return Res(b"", headers=dict([tuple(json.loads(req.get_body()))]))

@app.route(route="sized")
async def sized(req: Req) -> Res:
    asked = req.params
    body = b"x" * int(asked.get("body", 0)) if req.method != "HEAD" else b""
    headers = {"Content-Length": asked["length"]} if "length" in asked else {}
    return Res(body, status_code=int(asked.get("status", 200)), headers=headers)
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


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("size", [0, 5, 3_000_000])
def test_a_content_length_is_passed_on(client: httpx.Client, method: str, size: int) -> None:
    answer = client.request(method, f"/sized?length={size}&body={size}")
    assert answer.headers.get_list("content-length") == [str(size)]
    assert "transfer-encoding" not in answer.headers
    assert len(answer.content) == (size if method == "GET" else 0)


def test_head_and_304_say_the_length_of_a_body_that_they_do_not_have(client: httpx.Client) -> None:
    for answer in (client.head("/sized?length=9"), client.get("/sized?length=9&status=304")):
        assert answer.headers["content-length"] == "9"
        assert "transfer-encoding" not in answer.headers
    assert client.get("/text").text == "plain"


@pytest.mark.parametrize("status", [204, 304])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_without_content_there_is_no_length_and_no_chunk(
    client: httpx.Client, method: str, status: int
) -> None:
    headers = client.request(method, f"/sized?status={status}").headers
    assert not {"content-length", "transfer-encoding"} & set(headers)


def test_a_length_of_zero_is_dropped_from_204(client: httpx.Client) -> None:
    answer = client.get("/sized?status=204&length=0")
    assert (answer.status_code, answer.headers.get("content-length")) == (204, None)


@pytest.mark.parametrize(
    "query",
    [
        "length=2&body=3",
        "length=0&body=2000000",
        "length=-1",
        "length=1.0&body=1",
        "length=%C2%B2&body=2",
        "length=three&body=3",
        f"length={'1' * 30}&body=3",
        "status=204&length=3",
        *(f"status={status}&body=3" for status in (204, 205, 304)),
        *(f"status={status}" for status in (0, 99, 600, 1000)),
    ],
)
def test_a_length_or_status_that_does_not_fit_the_body_is_an_empty_500(
    client: httpx.Client, query: str
) -> None:
    answer = client.get(f"/sized?{query}")
    assert (answer.status_code, answer.content) == (500, b"")
    assert answer.headers["content-length"] == "0"


@pytest.mark.parametrize("size", [0, 3, 3_000_000])
def test_a_body_shorter_than_its_length_is_cut_off(client: httpx.Client, size: int) -> None:
    head = f"GET /sized?length={size + 1}&body={size} HTTP/1.1\r\nHost: h\r\n\r\n".encode()
    answer = exchange(client.base_url, head)
    assert (answer.status, answer.headers["content-length"]) == (200, str(size + 1))
    assert answer.body == b"x" * size


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Date", "Tue, 01 Feb 2022 03:04:05 GMT"),
        ("Server", "ours"),
        ("Connection", "close"),
        ("X-Empty", ""),
    ],
)
def test_a_header_of_the_function_replaces_the_host_s(
    client: httpx.Client, name: str, value: str
) -> None:
    answer = client.post("/header", json=[name, value])
    assert answer.headers.get_list(name) == [value]


def test_the_host_adds_a_date(client: httpx.Client) -> None:
    (date,) = client.get("/text").headers.get_list("date")
    assert abs(parsedate_to_datetime(date) - datetime.now(UTC)) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("X-A", value) for value in ("é", "\u2713", "a\nb", "a\r\nX-B: c", "\t", "\x7f", "\x00")),
        *((name, "a") for name in ("X A", "X:A", "Xé", "", "X\nA")),
    ],
)
def test_a_header_outside_ascii_or_malformed_is_an_empty_500(
    client: httpx.Client, name: str, value: str
) -> None:
    answer = client.post("/header", json=[name, value])
    assert (answer.status_code, answer.content) == (500, b"")


def test_connection_close_closes(client: httpx.Client) -> None:
    body = json.dumps(["Connection", "close"]).encode()
    head = f"POST /header HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert exchange(client.base_url, head + body).headers["connection"] == "close"
