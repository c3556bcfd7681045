"""What a caller sends costs one pass: sixteen times as much costs sixteen times as much."""

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Callable, Iterator
from re import _constants as regex  # type: ignore[attr-defined]  # typeshed has no private modules
from re import _parser as regex_parser  # type: ignore[attr-defined]
from typing import Any, Final
from urllib.parse import quote

import pytest

import shared.http
from shared.auth.client_address import client_address
from shared.http.json_text import parse_json
from shared.http.media_type import MAX_LENGTH, media_type
from shared.http.negotiation import Conditions, content_coding
from shared.tracks.genres import MAX_SPELLING_LENGTH
from tests.api.api_client import Api, MakeApi
from tests.cost import cost, cost_of_awaiting

SHORT: Final = 1000
TIMES: Final = 16
CONSTANT: Final = 3000
"""Instructions that do not depend on the length, such as those of the first call of a cache."""

PIECES: Final = (
    *(
        ";",
        ",",
        " ",
        "\t ",
        '"',
        '\\"',
        '="',
        "a=",
        ";q=",
        ";q=0.5,",
        "W/",
        '"a",',
        ", ,",
        "a",
        "é",
    ),
    *("é", "0", ":", ".", "[", "%", "*", "=?utf-8?q?", "Bearer ", "/", "a/b;c=d;"),
)
HEADS: Final = ("", 'application/json; a="', "a/b;charset*=", "gzip;", '"x', "Bearer ")

HEADERS: Final[dict[str, Callable[[str], object]]] = {
    "accept-encoding": content_coding,
    "content-type": media_type,
    "if-match": lambda text: Conditions(text, None).status('"a"'),
    "if-none-match": lambda text: Conditions(None, text).status('"a"'),
    "x-forwarded-for": lambda text: client_address({"x-forwarded-for": text}),
}


def _assert_linear(short: int, long: int) -> None:
    assert long < short * TIMES * 1.2 + CONSTANT


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_costs_one_pass(name: str, piece: str) -> None:
    for head in HEADS:
        for tail in ("", "x"):
            short, long = (f"{head}{piece * count}{tail}" for count in (SHORT, SHORT * TIMES))
            read = HEADERS[name]
            _assert_linear(cost(lambda: read(short)), cost(lambda: read(long)))  # noqa: B023 - called at once


@pytest.mark.parametrize(
    ("head", "piece", "tail"),
    [
        ("", "[", ""),
        ("", '{"a":', ""),
        ("", '{"a":', "1" + "}"),
        ("[", '"a",', ""),
        ("[", '{"a":1,"b":2},', ""),
        ('{"a":"', "\\u0061", '"}'),
        ('{"a":"', '\\"', ""),
        ("", " ", "1"),
        ("", "\n", "x"),
        ("", "9", ""),
        ("[", "1e5,", "1]"),
        ("[", "12345,", ""),
    ],
)
def test_a_body_costs_one_pass(head: str, piece: str, tail: str) -> None:
    short, long = (f"{head}{piece * n}{tail}".encode() for n in (SHORT // 4, SHORT * TIMES // 4))
    _assert_linear(cost(lambda: parse_json(short)), cost(lambda: parse_json(long)))


def test_an_object_of_many_names_costs_one_pass() -> None:
    short, long = (
        ("{" + ",".join(f'"{number}":0' for number in range(count)) + "}").encode()
        for count in (SHORT // 4, SHORT * TIMES // 4)
    )
    _assert_linear(cost(lambda: parse_json(short)), cost(lambda: parse_json(long)))


@pytest.fixture
async def warm_api(make_api: MakeApi) -> Api:
    """With a long lease, so that no poll runs while costs are counted."""
    api = make_api(cache_freshness_seconds=60)
    for target in ("/features", "/features/custom?arg=Pop", "/features?limit=1"):
        await api.get(target)
    return api


@pytest.mark.parametrize(
    "name",
    [
        *("Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Content-Length"),
        *("Content-Type", "If-Match", "If-None-Match", "Origin", "X-Forwarded-For", "X-Request-Id"),
    ],
)
@pytest.mark.parametrize("request_", ["GET /features", "POST /login", "GET /", "POST /cache/purge"])
async def test_no_header_of_a_request_costs_more(warm_api: Api, name: str, request_: str) -> None:
    method, target = request_.split()
    for piece in (";", ",", " ", '"', "a", '="', "9", ";q=,"):
        head = 'application/json; a="' if name == "Content-Type" else "x"
        given = [{name: f"{head}{piece * count}"} for count in (SHORT, SHORT * TIMES)]
        costs = [
            await cost_of_awaiting(
                lambda: warm_api.call(method, target, headers)  # noqa: B023 - called at once
            )
            for headers in given
        ]
        _assert_linear(*costs)


@pytest.mark.parametrize("name", ["arg", "", "limit", "cursor", "view", "v", "other"])
async def test_no_parameter_of_a_query_costs_more(warm_api: Api, name: str) -> None:
    for piece in ("a", "%20", "%C3%A9", "+", "%CC%95%CC%80", "%", "=", "&", ";", "%2B", "/", "?"):
        targets = [
            f"/features/custom?limit=1&arg=x&{name}={piece * count}x"
            if name not in {"arg", "", "limit"}
            else f"/features/custom?{name}={piece * count}x"
            for count in (SHORT, SHORT * TIMES)
        ]
        costs = [
            await cost_of_awaiting(lambda: warm_api.get(target))  # noqa: B023 - called at once
            for target in targets
        ]
        _assert_linear(*costs)


@pytest.mark.parametrize("count", [MAX_LENGTH, 100 * MAX_LENGTH])
def test_a_media_type_of_any_length_is_parsed_up_to_a_bound(count: int) -> None:
    text = 'application/json; a="'.ljust(count + 1, ";")
    assert cost(lambda: media_type(text)) < 100


async def test_no_long_text_is_normalised(warm_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Normalising a run of marks takes the square of its length, in CPython's C."""
    lengths: list[int] = []
    normalize = unicodedata.normalize

    def recorded(form: Any, text: str) -> str:
        lengths.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(unicodedata, "normalize", recorded)
    for count in (10, MAX_SPELLING_LENGTH // 2, 5000):
        marks = quote("a" + "\u0315\u0300" * count)
        for more in ("", "&limit=3", "&view=full"):
            answer = await warm_api.get(f"/features/custom?arg={marks}{more}")
            assert (answer.status, answer.body) == (200, b"[]")
    assert lengths
    assert max(lengths) <= MAX_SPELLING_LENGTH


def test_no_pattern_for_callers_texts_backtracks_without_end() -> None:
    patterns = [pattern for name in _modules() for pattern in _patterns(name)]
    assert len(patterns) >= 6
    for pattern in patterns:
        assert not [*_backtracking(regex_parser.parse(pattern.pattern, pattern.flags))], pattern


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(shared.http.__path__, "shared.http."):
        yield module.name


def _patterns(module: str) -> Iterator[re.Pattern[str]]:
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, re.Pattern):
            yield value


def _backtracking(parsed: Any) -> Iterator[object]:
    """The unbounded repeats of a parsed pattern that may give back what they have matched."""
    for operation, argument in parsed:
        if operation in {regex.MAX_REPEAT, regex.MIN_REPEAT} and argument[1] is regex.MAXREPEAT:
            yield operation
        for part in _parts(argument):
            yield from _backtracking(part)


def _parts(argument: Any) -> Iterator[Any]:
    """The patterns within an operation's argument."""
    if isinstance(argument, regex_parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for one in argument:
            yield from _parts(one)
