"""A handler gets a request as on the platform."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.local.function_apps import ECHO, write_app
from tests.local.raw_exchange import CLOSING, exchange
from tests.services.functions_host import Serve


@pytest.fixture(scope="module")
def client(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    app = serve(write_app(tmp_path_factory.mktemp("app"), ECHO))
    with httpx.Client(base_url=app.url, timeout=60) as client:
        yield client


def _params(client: httpx.Client, query: str) -> Any:
    return client.get(f"/echo/x?{query}").json()["params"]


def test_an_empty_query_name_keeps_its_value(client: httpx.Client) -> None:
    assert _params(client, "=Pop") == {"": "Pop"}


@pytest.mark.parametrize("query", ["arg=", "Pop", "arg", "=", "&&", ""])
def test_empty_query_values_are_dropped(client: httpx.Client, query: str) -> None:
    assert _params(client, query) == {}


def test_repeated_query_values_join_with_a_comma(client: httpx.Client) -> None:
    assert _params(client, "arg=Pop&arg=&arg=Rock") == {"arg": "Pop,Rock"}


def test_query_names_that_differ_by_case_are_one(client: httpx.Client) -> None:
    assert _params(client, "arg=Pop&ARG=Rock") == {"arg": "Pop,Rock"}


def test_query_values_are_decoded_once(client: httpx.Client) -> None:
    query = "a=R%26B&b=A+Capella&c=%2541&d=Children%E2%80%99s"
    assert _params(client, query) == {"a": "R&B", "b": "A Capella", "c": "%41", "d": "Children’s"}


def test_what_is_not_utf_8_in_a_query_value_stays_as_it_came(client: httpx.Client) -> None:
    assert _params(client, "a=%ff&b=%fF%41%e2%82&c=%e2%82%ac%") == {
        "a": "%ff",
        "b": "%fFA%e2%82",
        "c": "€%",
    }


def test_a_nul_and_a_hash_are_part_of_a_query_value(client: httpx.Client) -> None:
    assert _params(client, "arg=a%00b") == {"arg": "a\0b"}
    answer = exchange(client.base_url, b"GET /echo/x?arg=a#b HTTP/1.1\r\n" + CLOSING)
    seen = json.loads(answer.body)
    assert seen["params"] == {"arg": "a#b"}
    assert seen["url"] == "http://h/echo/x?arg=a%23b"


def test_header_names_arrive_in_lower_case(client: httpx.Client) -> None:
    headers = client.get("/echo/x", headers={"X-Some-Name": "Value"}).json()["headers"]
    assert headers["x-some-name"] == "Value"
    assert all(name == name.lower() for name in headers)


def test_repeated_headers_join_with_a_comma(client: httpx.Client) -> None:
    answer = client.get("/echo/x", headers=[("X-Twice", "one"), ("X-Twice", "two")])
    assert answer.json()["headers"]["x-twice"] == "one,two"


def test_an_empty_header_is_kept(client: httpx.Client) -> None:
    assert client.get("/echo/x", headers={"X-Empty": ""}).json()["headers"]["x-empty"] == ""


def test_a_header_in_utf_8_is_decoded(client: httpx.Client) -> None:
    answer = client.get("/echo/x", headers=[(b"X-Text", "Sigur Rós ☃".encode())])
    assert answer.json()["headers"]["x-text"] == "Sigur Rós ☃"


def test_the_callers_address_is_appended_to_x_forwarded_for(client: httpx.Client) -> None:
    alone = client.get("/echo/x").json()["headers"]["x-forwarded-for"]
    assert alone.startswith("127.0.0.1:")
    headers = {"X-Forwarded-For": "203.0.113.9"}
    chain = client.get("/echo/x", headers=headers).json()["headers"]["x-forwarded-for"]
    assert chain.startswith("203.0.113.9, 127.0.0.1:")


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("/echo/a%20b?x=%41", "/echo/a%20b?x=%41"),
        ("/echo/%41%C3%A9%7B", "/echo/A%C3%A9%7B"),
        ("/echo/a%2fb", "/echo/a%2fb"),
        ("/echo/100%25", "/echo/100%25"),
    ],
)
def test_the_url_has_the_path_decoded_and_encoded_again(
    client: httpx.Client, sent: str, given: str
) -> None:
    answer = exchange(client.base_url, f"GET {sent} HTTP/1.1\r\n".encode() + CLOSING)
    assert json.loads(answer.body)["url"] == f"http://h{given}"


def test_a_route_parameter_is_decoded(client: httpx.Client) -> None:
    assert client.get("/echo/a%20b").json()["route"] == {"word": "a b"}


def test_a_body_of_16_mb_arrives_whole(client: httpx.Client) -> None:
    assert client.post("/echo/x", content=b"\x00\xff" * 8_000_000).json()["length"] == 16_000_000


def test_a_chunked_body_is_dropped(client: httpx.Client) -> None:
    seen = client.post("/echo/x", content=iter([b"lost"])).json()
    assert seen["headers"]["transfer-encoding"] == "chunked"
    assert seen["length"] == 0


def test_the_connection_serves_on_after_a_dropped_body(client: httpx.Client) -> None:
    for _ in range(3):
        client.post("/echo/x", content=iter([b"lost"] * 100))
        assert client.post("/echo/x", content=b"kept").json()["body"] == "kept"


def test_a_caller_that_leaves_within_its_body_invokes_nothing(client: httpx.Client) -> None:
    url = urlsplit(str(client.base_url))
    before = _calls(client)
    with socket.create_connection((url.hostname or "", url.port or 0)) as connection:
        connection.sendall(b"POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert _calls(client) == before


def test_a_body_above_100_mb_is_an_empty_500(client: httpx.Client) -> None:
    head = b"POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 104857601\r\n\r\n"
    answer = exchange(client.base_url, head)
    assert (answer.status, answer.body) == (500, b"")


def test_a_traceparent_reaches_the_trace_context(client: httpx.Client) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    seen = client.get("/echo/x", headers={"traceparent": parent, "tracestate": "a=b"}).json()
    assert (seen["parent"], seen["state"]) == (parent, "a=b")


def test_without_a_traceparent_a_trace_begins_here(client: httpx.Client) -> None:
    first, second = (client.get("/echo/x").json() for _ in range(2))
    assert [len(part) for part in first["parent"].split("-")] == [2, 32, 16, 2]
    assert first["parent"] != second["parent"]
    assert first["invocation"] != second["invocation"]


def _calls(client: httpx.Client) -> int:
    return int(json.loads(client.get("/count").text))
