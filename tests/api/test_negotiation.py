"""Content negotiation by Accept-Encoding (RFC 9110, section 12.5.3)."""

import gzip

import pytest

from shared.errors import NotAcceptable
from shared.http.negotiation import GZIP, IDENTITY, content_coding
from tests.api.api_client import Api


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "GZIP",
        "x-gzip",
        "gzip, deflate, br, zstd",
        "*",
        "gzip;q=0.001",
        "gzip;q=1.000",
        "gzip ; q=0.5",
        "gzip;Q=1",
        "br;q=1, gzip;q=0.8, *;q=0.1",
        "identity;q=0.5, gzip;q=0.5",
        "identity;q=0, gzip",
        "identity;q=0, *",
        "gzip;q=0.2;level=9",
        ",, gzip ,",
        "gzip;q=0, gzip",
    ],
)
def test_gzip_is_sent_to_who_wants_it_no_less(header: str) -> None:
    assert content_coding(header) == GZIP


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "identity",
        "deflate",
        "br, zstd;q=0.9",
        "gzip;q=0",
        "gzip;q=0.000",
        "x-gzip;q=0",
        "gzip;q=0, *;q=0.5",
        "gzip;q=0.5, identity",
        "gzip; q=0.5, identity; q=0.501",
    ],
)
def test_identity_is_sent_to_who_wants_it_more_or_names_nothing_of_ours(
    header: str | None,
) -> None:
    assert content_coding(header) == IDENTITY


@pytest.mark.parametrize(
    "header", ["gzip;q=2", "gzip;q=-1", "gzip;q=abc", "gzip;q=0.1234", "gzip;q=", "gzip;q=1e0"]
)
def test_an_item_with_a_weight_that_is_none_says_nothing(header: str) -> None:
    assert content_coding(header) == IDENTITY


@pytest.mark.parametrize("header", ["identity;q=abc", "identity;q=9, br", "*;q=none"])
def test_a_weight_that_is_none_excludes_nothing(header: str) -> None:
    assert content_coding(header) == IDENTITY


@pytest.mark.parametrize(
    "header", ["identity;q=0", "*;q=0", "br, *;q=0", "gzip;q=0, identity;q=0", "identity;q=0.0, br"]
)
def test_a_caller_who_excludes_both_codings_gets_406(header: str) -> None:
    with pytest.raises(NotAcceptable):
        content_coding(header)


def test_an_absurd_header_is_read_in_no_time() -> None:
    assert content_coding("gzip;q=0," * 20_000 + " ;" * 20_000 + "x" * 100_000) == IDENTITY


async def test_both_codings_carry_the_same_list_under_different_tags(api: Api) -> None:
    plain = await api.get("/features")
    packed = await api.get("/features", Accept_Encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


async def test_excluding_both_codings_is_406(api: Api) -> None:
    answer = await api.get("/features", Accept_Encoding="identity;q=0")
    assert (answer.status, answer.media_type) == (406, "application/problem+json")


async def test_an_accept_that_excludes_json_is_disregarded(api: Api) -> None:
    answer = await api.get("/features?limit=1", Accept="image/png, application/json;q=0")
    assert (answer.status, answer.media_type) == (200, "application/json")
