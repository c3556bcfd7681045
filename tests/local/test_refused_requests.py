"""What the platform's web server refuses, or routes in its own way, the local host does, too."""

from collections.abc import Iterator

import pytest

from tests.local.function_apps import ECHO, write_app
from tests.local.raw_exchange import CLOSING, RawAnswer, exchange
from tests.services.functions_host import Serve

ECHO_X = b"GET /echo/x HTTP/1.1\r\n"
LINE_REST = len(b"GET /echo/x? HTTP/1.1\r\n")

BAD_LINES = [
    *(b"", b"GET", b"GET /echo/x", b"GET  /echo/x HTTP/1.1", b"hello", b"GET /echo/x HTTP/1.1 x"),
    *(b"GET ?x HTTP/1.1", b"GET %2fecho HTTP/1.1", b"G(T /echo/x HTTP/1.1", b"GET /\0 HTTP/1.1"),
    *(b"GET /echo/\xc3\xa9 HTTP/1.1", b"GET /echo/x?\xff HTTP/1.1", b"GET /echo/%00 HTTP/1.1"),
    *(b"GET http:///echo/x HTTP/1.1", b"GET echo/x HTTP/1.1", b"\x16\x03\x01\x02\x00\x01\x00"),
]

BAD_HEADERS = [
    *(b"Connection: close", b"Host: h\r\nHost: h", b"Host: a\r\nHost: b"),
    *(
        b"Host: evil/?arg=Rock",
        b"Host: [bad",
        b"Host: a b",
        b"Host: h:",
        b"Host: :80",
        b"Host: h:x",
    ),
    *(b"Host: a,b", b"Host: user@h", b"Host: [::1", b"Host: []", b"Host: h\xc3\xa9", b"Host: h%41"),
    *(b"Host: h\r\nX-A: \xe9", b"Host: h\r\nX A: 1", b"Host: h\r\n: 1", b"Host: h\r\nX-A"),
    *(b"Host: h\r\nX-A: 1\r\n folded", b"Host: h\r\nX-A: a\rb", b"Host: h\r\nX-A: a\0b"),
    *(b"Host: h\r\nX-\xc3\xa9: 1", b"Host: h\r\nX-A : 1"),
    *(b"Host: h\r\nContent-Length: -1", b"Host: h\r\nContent-Length: 1, 1"),
    *(b"Host: h\r\nContent-Length: 1\r\nContent-Length: 1", b"Host: h\r\nContent-Length: 0x1"),
    *(b"Host: h\r\nContent-Length:", b"Host: h\r\nTransfer-Encoding: gzip"),
    b"Host: h\r\nTransfer-Encoding: chunked, gzip",
]

GOOD_HOSTS = [b"h", b"H:80", b"127.0.0.1:7071", b"[::1]:7071", b"[1:2]", b"a_b.example", b"h:99999"]


@pytest.fixture(scope="module")
def url(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host; after all tests nothing of theirs is in its log but one line for each failure."""
    app = serve(write_app(tmp_path_factory.mktemp("app"), ECHO))
    yield app.url
    assert "Traceback" not in app.host.output()


def refusal(answer: RawAnswer) -> int:
    """The status of an answer that is empty and ends the connection."""
    assert answer.body == b""
    assert answer.headers["content-length"] == "0"
    assert answer.headers["connection"] == "close"
    return answer.status


@pytest.mark.parametrize("line", BAD_LINES, ids=repr)
def test_a_line_that_is_no_request_is_400(url: str, line: bytes) -> None:
    assert refusal(exchange(url, line + b"\r\n" + CLOSING)) == 400


@pytest.mark.parametrize("headers", BAD_HEADERS, ids=repr)
def test_a_head_that_is_malformed_or_names_no_single_host_is_400(url: str, headers: bytes) -> None:
    assert refusal(exchange(url, ECHO_X + headers + b"\r\n\r\n")) == 400


@pytest.mark.parametrize("host", GOOD_HOSTS, ids=repr)
def test_any_well_formed_host_is_taken(url: str, host: bytes) -> None:
    answer = exchange(url, ECHO_X + b"Host: " + host + b"\r\nConnection: close\r\n\r\n")
    assert (answer.status, host in answer.body) == (200, True)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://h/echo/x", 200),
        (b"http://h:80/echo/x", 200),
        (b"http://user:secret@h/echo/x?a=b", 200),
        (b"http://other/echo/x", 400),
        (b"http://h.other/echo/x", 400),
        (b"http://h:81/echo/x", 400),
    ],
)
def test_an_absolute_target_must_name_the_host(url: str, target: bytes, status: int) -> None:
    assert exchange(url, b"GET " + target + b" HTTP/1.1\r\n" + CLOSING).status == status


@pytest.mark.parametrize(("line", "allow"), [(b"GET *", "OPTIONS"), (b"POST h:443", "CONNECT")])
def test_a_target_for_another_method_is_405(url: str, line: bytes, allow: str) -> None:
    answer = exchange(url, line + b" HTTP/1.1\r\n" + CLOSING)
    assert (refusal(answer), answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/0.9", b"HTTPS1.1"])
def test_another_version_is_505(url: str, version: bytes) -> None:
    assert refusal(exchange(url, b"GET /echo/x " + version + b"\r\n" + CLOSING)) == 505


@pytest.mark.parametrize(("length", "status"), [(8192, 200), (8193, 414), (2_000_000, 414)])
def test_a_request_line_has_8_kb(url: str, length: int, status: int) -> None:
    line = b"GET /echo/x?" + b"a" * (length - LINE_REST) + b" HTTP/1.1\r\n"
    assert exchange(url, line + CLOSING).status == status


@pytest.mark.parametrize(("length", "status"), [(32_768, 200), (32_769, 431), (2_000_000, 431)])
def test_headers_have_32_kb(url: str, length: int, status: int) -> None:
    name = b"X-Long: "
    value = b"a" * (length - len(name + b"\r\n" + CLOSING.removesuffix(b"\r\n")))
    assert exchange(url, ECHO_X + name + value + b"\r\n" + CLOSING).status == status


@pytest.mark.parametrize(("number", "status"), [(100, 200), (101, 431)])
def test_there_are_at_most_100_headers(url: str, number: int, status: int) -> None:
    assert exchange(url, ECHO_X + b"X-A: 1\r\n" * (number - 2) + CLOSING).status == status


def test_a_long_line_or_head_is_refused_before_it_ends(url: str) -> None:
    assert refusal(exchange(url, b"GET /" + b"a" * 9_000)) == 414
    assert refusal(exchange(url, ECHO_X + b"X-A: " + b"a" * 33_000)) == 431


def test_http_1_0_needs_a_host_and_for_post_a_length(url: str) -> None:
    answer = exchange(url, b"GET /echo/x HTTP/1.0\r\n\r\n")
    assert (answer.status, answer.body) == (500, b"")
    assert (
        exchange(url, b"GET /echo/x HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n").status == 500
    )
    assert exchange(url, b"GET /echo/x HTTP/1.0\r\nHost: h\r\n\r\n").status == 200
    assert refusal(exchange(url, b"POST /echo/x HTTP/1.0\r\nHost: h\r\n\r\n")) == 400


def test_http_1_0_gets_a_length_and_no_chunks(url: str) -> None:
    answer = exchange(url, b"GET /echo/x HTTP/1.0\r\nHost: h\r\n\r\n")
    assert "transfer-encoding" not in answer.headers
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_lines_may_end_with_a_line_feed_alone(url: str) -> None:
    assert exchange(url, ECHO_X.replace(b"\r", b"") + CLOSING.replace(b"\r", b"")).status == 200


def test_a_caller_who_sends_all_of_a_refused_request_gets_the_answer(url: str) -> None:
    """A connection that is closed with bytes unread is reset, and its answer may be lost."""
    body = b"x" * 20_000_000
    too_large = b"POST /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 104857601\r\n\r\n"
    assert exchange(url, too_large + body).status == 500
    assert exchange(url, b"no request\r\n" + body).status == 400
