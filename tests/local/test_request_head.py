"""Any bytes are a request that a function can be given, or are refused with a status."""

import re
from typing import Any

import pytest
from hypothesis import example
from hypothesis import strategies as st

from local.percent import decoded_path, decoded_query, encoded_path
from local.request import UnusableRequestError, rpc_http
from local.request_head import RequestHead, request_head
from local.request_line import RefusedRequestError
from tests.examples import given

STATUSES = {400, 405, 414, 431, 505}

PIECES = st.sampled_from(
    [
        *(b"GET", b"POST", b"FOO", b" ", b"  ", b"/", b"//", b"/..", b"/./", b"%2F", b"%00"),
        *(b"%ff", b"?", b"#", b"*", b"http://", b"h", b"@", b":", b":80", b"[", b"]", b"\t", b"\0"),
        *(b"\xe9", b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", b"HTTP/2.0", b"\r\n", b"\n", b"\r"),
        *(b"Host: ", b"Host: h\r\n", b"Content-Length: ", b"1", b"-1", b","),
        *(b"Transfer-Encoding: chunked\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n"),
    ]
)
HEADS = st.lists(PIECES, max_size=30).map(b"".join)


def head_of(data: bytes) -> RequestHead | int | None:
    """The head at the begin of the data, or the status with which it is refused."""
    try:
        found = request_head(bytearray(data), 0)
    except RefusedRequestError as refusal:
        return refusal.status
    return found and found[0]


def handed_over(head: RequestHead) -> Any:
    """The request as a function gets it; None if its URL would have no host."""
    try:
        return rpc_http({**head.scope(), "scheme": "http", "client": None}, {}, b"")
    except UnusableRequestError:
        return None


@given(HEADS | st.binary())
@example(b"GET /\x1c HTTP/1.1\r\nHost: h\r\n\r\n")
@example(b"GET http://h?\t HTTP/1.1\r\nHost: h\r\n\r\n")
def test_any_bytes_are_refused_or_handed_over(data: bytes) -> None:
    head = head_of(data)
    if isinstance(head, RequestHead):
        http = handed_over(head)
        hosts = [value for name, value in head.headers if name == b"host"]
        assert (http is not None) == bool(hosts and hosts[0])
    else:
        assert head is None or head in STATUSES


@given(HEADS)
def test_a_head_that_comes_in_parts_is_read_as_one(data: bytes) -> None:
    parts = (head_of(data[:end]) for end in range(len(data) + 1))
    first = next((found for found in parts if found is not None), None)
    assert first == head_of(data)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("//", "//"),
        ("/a/../b", "/b"),
        ("/a/./b", "/a/b"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/..", "/"),
        ("/../../a", "/a"),
        ("/a//../b", "/a/b"),
        ("/a/%2e%2E/b", "/b"),
        ("/a/..%2fb", "/a/..%2fb"),
        ("/.../.a/a.", "/.../.a/a."),
        ("/%41%C3%A9", "/Aé"),
        ("/a%2Fb%2fc", "/a%2Fb%2fc"),
        ("/%252F", "/%2F"),
        ("/%ff%zz%", "/%ff%zz%"),
    ],
)
def test_a_path_is_decoded_but_for_slashes_then_dot_segments_go(target: str, path: str) -> None:
    head = head_of(f"GET {target} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    assert isinstance(head, RequestHead)
    assert head.line.path == path


@given(st.text())
def test_what_was_encoded_is_decoded_again(text: str) -> None:
    escapes = "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
    valid = text.isascii() or not re.search("[\ud800-\udfff]", text)
    assert decoded_query(escapes) == text or not valid
    if valid:
        assert decoded_path(escapes) == text.replace("/", "%2f")
        assert encoded_path(text).isascii()


# A decoded `%` could not be told from an escape that is left.
@given(st.binary(max_size=20).map(lambda data: data.replace(b"%", b"")))
def test_escapes_that_are_no_characters_stay_as_they_came(data: bytes) -> None:
    """Only the escapes are left of bytes that are not UTF-8; characters become themselves."""
    escapes = "".join(f"%{byte:02X}" for byte in data)
    again = b"".join(
        bytes.fromhex(part[1:]) if part.startswith("%") else part.encode()
        for part in re.split("(%[0-9A-F]{2})", decoded_query(escapes))
    )
    assert again == data
