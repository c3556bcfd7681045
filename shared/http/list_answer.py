"""A list as an answer: negotiated, validated, whole or a page, never parsed or recompressed."""

from time import perf_counter
from typing import Final

import azure.functions as func
from isal import isal_zlib

from shared.cache.bodies import ListBody, builder
from shared.cache.cached_list import Served
from shared.errors import PreconditionFailed
from shared.http.cache_status import cache_status
from shared.http.list_request import ListRequest
from shared.http.negotiation import GZIP
from shared.http.pages import Page, encode_cursor, links
from shared.http.route import Call
from shared.tracks.track import View

MEDIA_TYPE: Final = "application/json"
_EMPTY: Final = builder(View.CORE)(iter(()))
_PAGE_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31


async def list_answer(call: Call, want: ListRequest, served: Served) -> func.HttpResponse:
    """200 with the list or the page, or 304 when the caller has these very bytes.

    Raises Malformed for a cursor of another list, PreconditionFailed.
    """
    call.labels["outcome"] = served.outcome
    call.services.events.annotate(outcome=served.outcome, scope=served.scope)
    if want.page is not None:
        want.page.check(served.scope)
    tag = want.tag(served.digest or _EMPTY.digest)
    headers = _headers(want, served, tag)
    if want.conditions.fails(tag):
        raise PreconditionFailed("The list is not, or not any more, the one that If-Match names.")
    if want.conditions.knows(tag):
        return _not_modified(headers)
    if want.page is not None:
        return await _page(call, want, want.page, served, headers)
    if want.head:
        return _respond(want, b"", headers)
    return _respond(want, await _whole(call, want, served), headers)


async def _whole(call: Call, want: ListRequest, served: Served) -> bytes:
    if want.coding == GZIP:
        return _body(served).gzip
    return await call.services.reader.uncompressed(served, want.view)


async def _page(
    call: Call, want: ListRequest, page: Page, served: Served, headers: dict[str, str]
) -> func.HttpResponse:
    body = _body(served)
    first = body.index.after(page.after)
    last = min(first + page.limit, body.rows)
    cursor = encode_cursor(body.index.ids[last - 1], served.scope) if last < body.rows else None
    headers["Link"] = links(want.path, want.arguments, page.limit, cursor)
    if want.head:
        return _respond(want, b"", headers)
    data = await call.services.workers.run(_cut, body, first, page.limit, want.coding)
    return _respond(want, data, headers)


def _body(served: Served) -> ListBody:
    """The list's body; of a genre that does not exist, an empty list's."""
    return (served.cached and served.cached.body) or _EMPTY


def _cut(body: ListBody, first: int, count: int, coding: str) -> bytes:
    data = body.page(first, count)
    if coding != GZIP:
        return data
    packed: bytes = isal_zlib.compress(data, _PAGE_LEVEL, wbits=_GZIP_WINDOW)
    return packed


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


def _not_modified(headers: dict[str, str]) -> func.HttpResponse:
    """RFC 9110, section 15.4.5: nothing that describes a content which is not there."""
    return func.HttpResponse(b"", status_code=304, headers=headers, mimetype=MEDIA_TYPE)


def _respond(want: ListRequest, data: bytes, headers: dict[str, str]) -> func.HttpResponse:
    coding = {"Content-Encoding": GZIP} if want.coding == GZIP else {}
    return func.HttpResponse(data, headers={**headers, **coding}, mimetype=MEDIA_TYPE)
