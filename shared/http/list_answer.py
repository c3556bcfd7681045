"""A list as an answer: whole, a page, or 304; never parsed and never recompressed."""

from http import HTTPStatus
from time import perf_counter
from typing import Final

import azure.functions as func
from isal import isal_zlib

from shared.cache.bodies import ListBody, builder
from shared.cache.served import Outcome, Served
from shared.errors import PreconditionFailed
from shared.http.list_request import ListRequest
from shared.http.negotiation import GZIP
from shared.http.pages import Page, encode_cursor, links
from shared.http.route import Call
from shared.tracks.track import View

MEDIA_TYPE: Final = "application/json"
CACHE_NAME: Final = "SmartCache"
_EMPTY: Final = builder(View.CORE)(iter(()))
_PAGE_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31


async def list_answer(call: Call, want: ListRequest, served: Served) -> func.HttpResponse:
    """200 with the list or the page, or 304 to a caller who has the same bytes.

    Raises Malformed for a cursor of another list, PreconditionFailed.
    """
    call.labels["outcome"] = served.outcome
    call.services.events.annotate(outcome=served.outcome, scope=served.scope)
    if want.page is not None:
        want.page.check(served.scope)
    tag = want.tag(served.digest or _EMPTY.digest)
    headers, data = _headers(want, served, tag), b""
    status = want.conditions.status(tag)
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed("The list has changed: If-Match names another version of it.")
    if status == HTTPStatus.OK:
        # A 304 describes no content (RFC 9110, section 15.4.5), so it names no coding and no links.
        if want.coding == GZIP:
            headers["Content-Encoding"] = GZIP
        if want.page is not None:
            data = await _page(call, want, want.page, served, headers)
        elif not want.head:
            data = await _whole(call, want, served)
    return func.HttpResponse(data, status_code=status, headers=headers, mimetype=MEDIA_TYPE)


def _headers(want: ListRequest, served: Served, tag: str) -> dict[str, str]:
    spent = (perf_counter() - want.started) * 1000
    return {
        "ETag": tag,
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
        "Age": str(int(served.age)),
        "Cache-Status": cache_status(served),
        "Server-Timing": f"cache;desc={served.outcome};dur={spent:.2f}",
    }


def cache_status(served: Served) -> str:
    """The Cache-Status field (RFC 9211): hit or forwarded, why, and seconds to live."""
    ttl = int(served.remaining)
    stored = "; stored" if served.stored else ""
    match served.outcome:
        case Outcome.MEMORY | Outcome.REDIS:
            return f"{CACHE_NAME}; hit; ttl={ttl}; detail={served.outcome}"
        case Outcome.STALE:
            # Negative: the seconds since SQL last confirmed the list.
            return f"{CACHE_NAME}; hit; ttl={min(-1, ttl)}; detail=stale-if-error"
        case Outcome.COLLAPSED:
            return f"{CACHE_NAME}; fwd=miss; ttl={ttl}{stored}; collapsed"
        case Outcome.FILLED:
            return f"{CACHE_NAME}; fwd=miss; ttl={ttl}{stored}"
        case Outcome.UNKNOWN:
            return f"{CACHE_NAME}; fwd=miss; detail=unknown-genre"


async def _whole(call: Call, want: ListRequest, served: Served) -> bytes:
    if want.coding == GZIP:
        return served.entry.body.gzip if served.entry else _EMPTY.gzip
    return await call.services.lists.identity(served, want.view)


async def _page(
    call: Call, want: ListRequest, page: Page, served: Served, headers: dict[str, str]
) -> bytes:
    """The page's bytes, none for HEAD; its Link header is added to `headers`."""
    body = served.entry.body if served.entry else _EMPTY
    first = body.index.after(page.after)
    last = min(first + page.limit, body.rows)
    cursor = encode_cursor(body.index.ids[last - 1], served.scope) if last < body.rows else None
    headers["Link"] = links(want.path, want.arguments, page.limit, cursor)
    if want.head:
        return b""
    return await call.services.workers.run(_cut, body, first, page.limit, want.coding)


def _cut(body: ListBody, first: int, count: int, coding: str) -> bytes:
    data = body.page(first, count)
    if coding != GZIP:
        return data
    packed: bytes = isal_zlib.compress(data, _PAGE_LEVEL, wbits=_GZIP_WINDOW)
    return packed
