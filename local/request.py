"""An ASGI request as the platform hands it to the worker.

The rules are those of ToRpcHttp in azure-functions-host and of ASP.NET Core's query parser.
"""

import os
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from local.percent import decoded_query
from local.protos import RpcHttp, TypedData

Scope = MutableMapping[str, Any]


class UnusableRequestError(Exception):
    """A request that the platform's host fails to hand to a function; it answers 500."""


def rpc_http(scope: Scope, params: Mapping[str, str], body: bytes) -> Any:
    """Return the request as RpcHttp. Raises UnusableRequestError."""
    headers = _headers(scope["headers"])
    host = headers.get("host")
    if not host:
        raise UnusableRequestError("a request without a host has no URL")
    forward(headers, scope["client"])
    query = scope["query_string"].decode("ascii")
    return RpcHttp(
        method=scope["method"],
        url=f"{scope['scheme']}://{host}{scope['raw_path'].decode('ascii')}{_url_query(query)}",
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
            decoded = decoded_query(name)
            key = spelling.setdefault(decoded.lower(), decoded)
            text = decoded_query(value)
            values[key] = f"{values[key]},{text}" if key in values else text
    return values


def forward(headers: dict[str, str], client: tuple[str, int] | None) -> None:
    """Append the caller's `ip:port` to x-forwarded-for, as the platform's front end does.

    A caller who has reset the connection has no address any more.
    """
    if client is None:
        return
    address = f"{client[0]}:{client[1]}"
    known = headers.get("x-forwarded-for")
    headers["x-forwarded-for"] = f"{known}, {address}" if known else address


def trace_context(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the caller's traceparent and tracestate, or those of a new, sampled trace."""
    parent = headers.get("traceparent")
    if parent:
        return parent, headers.get("tracestate", "")
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01", ""


def _url_query(query: str) -> str:
    """A `#` would begin the URL's fragment (ASP.NET Core, QueryString.ToUriComponent)."""
    return f"?{query.replace('#', '%23')}" if query else ""


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("ascii"), value.decode()
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers
