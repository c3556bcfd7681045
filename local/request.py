"""An ASGI request as the platform hands it to the worker.

The rules are those of ToRpcHttp in azure-functions-host and of ASP.NET Core's query parser.
"""

import os
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote_plus

from local.protos import RpcHttp, TypedData

Scope = MutableMapping[str, Any]


class MalformedRequestError(Exception):
    """A request that the platform's web server refuses with 400."""


def rpc_http(scope: Scope, params: Mapping[str, str], body: bytes) -> Any:
    """Return the request as RpcHttp. Raises MalformedRequestError if a header is not UTF-8."""
    headers = _headers(scope["headers"])
    forward(headers, scope["client"])
    query = scope["query_string"].decode("ascii")
    path = scope["raw_path"].decode("ascii")
    mark = "?" if query else ""
    url = f"{scope['scheme']}://{headers.get('host', '')}{path}{mark}{query}"
    return RpcHttp(
        method=scope["method"],
        url=url,
        headers=headers,
        query=parse_query(query),
        params=params,
        body=TypedData(bytes=body) if body else TypedData(),
    )


def parse_query(query: str) -> dict[str, str]:
    """Return the values by name. Names ignore case; repeated values are joined with a comma.

    Empty values are dropped: `?Pop` gives `{}`, but `?=Pop` gives `{"": "Pop"}`.
    """
    values: dict[str, str] = {}
    spelling: dict[str, str] = {}
    for part in query.split("&") if query else ():
        name, _, value = part.partition("=")
        if value:
            decoded = _decode(name)
            key = spelling.setdefault(decoded.lower(), decoded)
            values[key] = f"{values[key]},{_decode(value)}" if key in values else _decode(value)
    return values


def forward(headers: dict[str, str], client: tuple[str, int]) -> None:
    """Append the caller's `ip:port` to x-forwarded-for, as the platform's front end does."""
    address = f"{client[0]}:{client[1]}"
    known = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{known}, {address}" if known else address


def trace_context(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the caller's traceparent and tracestate, or those of a new, sampled trace."""
    parent = headers.get("traceparent")
    if parent:
        return parent, headers.get("tracestate", "")
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01", ""


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    try:
        for name, value in raw:
            key, text = name.decode("ascii"), value.decode("utf-8")
            headers[key] = f"{headers[key]},{text}" if key in headers else text
    except UnicodeDecodeError as error:
        raise MalformedRequestError from error
    return headers


def _decode(text: str) -> str:
    """Percent-decode a text, unless the result is not UTF-8, as ASP.NET Core does."""
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        return text.replace("+", " ")
