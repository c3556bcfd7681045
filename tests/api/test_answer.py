"""The one place where answers leave: their length, and headers in ASCII."""

from collections.abc import Iterator
from http import HTTPStatus

import azure.functions as func
import pytest
from azure.functions.http import HttpResponseConverter
from hypothesis import strategies as st

from shared.http.answer import EXPOSED_HEADERS, SECURITY_HEADERS, Answer, response_to
from tests.examples import given

STATUSES = [200, 201, 400, 404, 412, 422, 500, 503]


def _sent(answer: Answer, method: str = "GET") -> func.HttpResponse:
    request = func.HttpRequest(method, "http://localhost/", body=b"")
    return response_to(request, answer, "1")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("body", [b"", b"x", "é漢".encode(), bytes(range(256)) * 300])
def test_the_length_is_that_of_the_bytes_that_get_sends(
    method: str, status: int, body: bytes
) -> None:
    sent = _sent(Answer(body, "a/b", status), method)
    assert sent.headers["Content-Length"] == str(len(body))
    assert sent.get_body() == (b"" if method == "HEAD" else body)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED])
def test_an_answer_that_has_no_content_has_no_length(method: str, status: int) -> None:
    assert "Content-Length" not in _sent(Answer(b"", "a/b", status, length=5), method).headers


def test_a_length_without_a_body_is_sent_for_head_alone() -> None:
    answer = Answer(b"abc", "a/b", length=77)
    assert _sent(answer, "HEAD").headers["Content-Length"] == "77"
    assert _sent(answer, "GET").headers["Content-Length"] == "3"


@pytest.mark.parametrize("name", ["Content-Length", "content-length", "CONTENT-LENGTH"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_handler_s_own_length_is_ignored(name: str, method: str) -> None:
    sent = _sent(Answer(b"abc", "a/b", headers={name: "5", "transfer-Encoding": "chunked"}), method)
    assert _all(sent, "content-length") == ["3"]
    assert _all(sent, "transfer-encoding") == []


def test_a_handler_may_replace_a_security_header() -> None:
    sent = _sent(Answer(b"", "a/b", headers={"X-Frame-Options": "SAMEORIGIN"}))
    assert _all(sent, "x-frame-options") == ["SAMEORIGIN"]
    assert set(SECURITY_HEADERS) <= set(sent.headers.keys())


def _all(response: func.HttpResponse, name: str) -> list[str]:
    return [value for key, value in response.headers.items() if key.lower() == name]


@given(st.dictionaries(st.sampled_from([*EXPOSED_HEADERS, "Location"]), st.text(max_size=40)))
def test_no_value_leaves_that_the_platform_cannot_send(values: dict[str, str]) -> None:
    response = _sent(Answer(b"", "a/b", headers=values))
    for name, value in _encoded(response):
        assert name.isascii()
        assert value.isascii()
        assert value.isprintable()


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("</a?b=é>", "</a?b=%C3%A9>"),
        ("a\r\nSet-Cookie: b", "a%0D%0ASet-Cookie: b"),
        ("a\tb\x00\x7f", "a%09b%00%7F"),
        ('max-age=5; x="100%"', 'max-age=5; x="100%"'),
        ("\ud800", "?"),
    ],
)
def test_what_is_not_printable_is_percent_encoded(value: str, sent: str) -> None:
    assert _sent(Answer(b"", "a/b", headers={"Link": value})).headers["Link"] == sent


def _encoded(response: func.HttpResponse) -> Iterator[tuple[str, str]]:
    """The headers as the worker hands them to the platform."""
    datum = HttpResponseConverter.encode(response, expected_type=None)
    for name, value in datum.value["headers"].items():
        yield name, value.value
