"""A list as an answer: whole, a page, or 304; never parsed and never recompressed."""

from http import HTTPStatus
from time import perf_counter
from typing import Final

import azure.functions as func
from isal import isal_zlib

from shared.cache.bodies import ListBody, builder
from shared.cache.cached_list import Outcome, Served
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
        data = await _content(call, want, served, headers)
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


async def _content(call: Call, want: ListRequest, served: Served, headers: dict[str, str]) -> bytes:
    """The bytes of the list or the page, none for HEAD; a page adds its Link to `headers`."""
    body = (served.cached and served.cached.body) or _EMPTY
    if want.page is not None:
        headers["Link"] = _page_links(want, want.page, body, served.scope)
    if want.head:
        return b""
    if want.page is not None:
        return await call.services.workers.run(_cut, body, want.page, want.coding)
    if want.coding == GZIP:
        return body.gzip
    return await call.services.reader.uncompressed(served, want.view)


def _page_links(want: ListRequest, page: Page, body: ListBody, scope: str) -> str:
    end = body.index.after(page.after) + page.limit
    cursor = encode_cursor(body.index.ids[end - 1], scope) if end < body.rows else None
    return links(want.path, want.arguments, page.limit, cursor)


def _cut(body: ListBody, page: Page, coding: str) -> bytes:
    data = body.page(body.index.after(page.after), page.limit)
    if coding != GZIP:
        return data
    packed: bytes = isal_zlib.compress(data, _PAGE_LEVEL, wbits=_GZIP_WINDOW)
    return packed
