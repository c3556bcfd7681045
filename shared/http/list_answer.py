"""A list as an answer: whole, a page, or 304; never parsed and never recompressed."""

from http import HTTPStatus
from time import perf_counter
from typing import Final

from shared.cache.bodies import ListBody, builder
from shared.cache.cached_list import Outcome, Served
from shared.errors import PreconditionFailed
from shared.http.answer import Answer
from shared.http.list_request import ListRequest
from shared.http.negotiation import GZIP
from shared.http.pages import Page, encode_cursor, links, pack
from shared.http.route import Call
from shared.tracks.track import View

MEDIA_TYPE: Final = "application/json"
CACHE_NAME: Final = "SmartCache"
_EMPTY: Final = builder(View.CORE)(iter(()))


async def list_answer(call: Call, want: ListRequest, served: Served) -> Answer:
    """200 with the list or the page, or 304 to a caller who has the same bytes.

    Raises Malformed for a cursor of another list, PreconditionFailed.
    """
    call.labels["outcome"] = served.outcome
    call.services.events.annotate(outcome=served.outcome, scope=served.scope)
    if want.page is not None:
        want.page.check(served.scope)
    tag = want.tag(served.digests or _EMPTY.digests)
    headers = _headers(want, served, tag)
    match want.conditions.status(tag):
        case HTTPStatus.PRECONDITION_FAILED:
            raise PreconditionFailed("The list has changed: If-Match names another version of it.")
        case HTTPStatus.NOT_MODIFIED:
            # It describes no content (RFC 9110, section 15.4.5): no coding and no links.
            return Answer(b"", MEDIA_TYPE, HTTPStatus.NOT_MODIFIED, headers)
    if want.coding == GZIP:
        headers["Content-Encoding"] = GZIP
    if want.page is not None:
        return await _page(call, want, want.page, served, headers)
    if want.head:
        return Answer(b"", MEDIA_TYPE, headers=headers, length=_length(served, want.coding))
    return Answer(await _content(call, want, served), MEDIA_TYPE, headers=headers)


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


def _length(served: Served, coding: str) -> int:
    """The bytes of the whole list in this coding."""
    cached = served.cached
    if cached is not None and cached.body is None:
        return cached.packed if coding == GZIP else cached.length
    body = _body(served)
    return len(body.gzip) if coding == GZIP else body.length


async def _content(call: Call, want: ListRequest, served: Served) -> bytes:
    if want.coding == GZIP:
        return _body(served).gzip
    return await call.services.reader.uncompressed(served, want.view)


def _body(served: Served) -> ListBody:
    return (served.cached and served.cached.body) or _EMPTY


async def _page(
    call: Call, want: ListRequest, page: Page, served: Served, headers: dict[str, str]
) -> Answer:
    body, target = _body(served), want.link(served.scope)
    if target is not None:
        headers["Link"] = links(target, page.limit, _next_cursor(page, body, served.scope))
    data = await call.services.workers.run(_cut, body, page, want.coding)
    return Answer(data, MEDIA_TYPE, headers=headers)


def _next_cursor(page: Page, body: ListBody, scope: str) -> str | None:
    end = body.index.after(page.after) + page.limit
    return encode_cursor(body.index.ids[end - 1], scope) if end < body.rows else None


def _cut(body: ListBody, page: Page, coding: str) -> bytes:
    data = body.page(body.index.after(page.after), page.limit)
    return pack(data) if coding == GZIP else data
