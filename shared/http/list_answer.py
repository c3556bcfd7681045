"""A list as an answer: negotiated, validated, whole or a page, never parsed or recompressed."""

from dataclasses import dataclass
from time import perf_counter
from typing import Final

import azure.functions as func
from isal import isal_zlib

from shared.catalog.bodies import ListBody, builder
from shared.catalog.served import Served
from shared.catalog.track import View
from shared.errors import Malformed
from shared.http.cache_status import cache_status
from shared.http.negotiation import GZIP, content_coding, entity_tag, is_known
from shared.http.pages import Page, encode_cursor, links, page_of
from shared.http.query import Query
from shared.http.route import Call

MEDIA_TYPE: Final = "application/json"
_PAGE_LEVEL: Final = 1
_GZIP_WINDOW: Final = 31


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller wants of a list. `path` and `arguments` lead back to it."""

    view: View
    page: Page | None
    coding: str
    path: str
    arguments: dict[str, str]
    started: float


def wanted(call: Call, query: Query, path: str, arguments: dict[str, str]) -> Wanted:
    """Read the request. Raises Malformed, NotAcceptable."""
    view = _view(query)
    return Wanted(
        view=view,
        page=page_of(query),
        coding=content_coding(call.request.headers.get("accept-encoding")),
        path=path,
        arguments=arguments if view is View.CORE else {**arguments, "view": view},
        started=perf_counter(),
    )


async def list_answer(call: Call, want: Wanted, served: Served) -> func.HttpResponse:
    """200 with the list or the page, or 304 when the caller has these very bytes."""
    headers = _headers(want, served)
    body = _body(served)
    if want.page is not None:
        return await _page(call, want, want.page, served, headers)
    if (unchanged := _tagged(call, body.digest, want, headers)) is not None:
        return unchanged
    if want.coding == GZIP:
        return _respond(call, body.gzip, headers)
    return _respond(call, await call.services.lists.identity(served, want.view), headers)


async def _page(
    call: Call, want: Wanted, page: Page, served: Served, headers: dict[str, str]
) -> func.HttpResponse:
    body, scope = _body(served), served.scope
    first = page.first_row(body, scope)
    last = min(first + page.limit, body.rows)
    cursor = encode_cursor(body.index.ids[last - 1], scope) if last < body.rows else None
    headers["Link"] = links(want.path, want.arguments, page, cursor)
    unchanged = _tagged(call, f"{body.digest}-{first}-{last}", want, headers)
    if unchanged is not None:
        return unchanged
    data = await call.services.workers.run(_cut, body, first, page.limit, want.coding)
    return _respond(call, data, headers)


def _body(served: Served) -> ListBody:
    """The list's body; of a genre that does not exist, an empty list's."""
    return served.entry.body if served.entry else builder(View.CORE)(iter(()))


def _cut(body: ListBody, first: int, count: int, coding: str) -> bytes:
    data = body.page(first, count)
    if coding != GZIP:
        return data
    packed: bytes = isal_zlib.compress(data, _PAGE_LEVEL, wbits=_GZIP_WINDOW)
    return packed


def _headers(want: Wanted, served: Served) -> dict[str, str]:
    headers = {
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
        "Age": str(int(served.age)),
        "Cache-Status": cache_status(served),
        "Server-Timing": f"cache;dur={(perf_counter() - want.started) * 1000:.2f}",
    }
    return headers if want.coding != GZIP else {**headers, "Content-Encoding": GZIP}


def _tagged(
    call: Call, digest: str, want: Wanted, headers: dict[str, str]
) -> func.HttpResponse | None:
    """Add the ETag; answer 304 when the caller has it (RFC 9110, section 15.4.5)."""
    headers["ETag"] = entity_tag(digest, want.coding)
    if not is_known(call.request.headers.get("if-none-match"), headers["ETag"]):
        return None
    headers.pop("Content-Encoding", None)
    return func.HttpResponse(b"", status_code=304, headers=headers, mimetype=MEDIA_TYPE)


def _respond(call: Call, data: bytes, headers: dict[str, str]) -> func.HttpResponse:
    body = b"" if call.request.method == "HEAD" else data
    return func.HttpResponse(body, headers=headers, mimetype=MEDIA_TYPE)


def _view(query: Query) -> View:
    text = query.one("view") or View.CORE
    if text not in list(View):
        raise Malformed(f"The parameter 'view' must be one of: {', '.join(View)}.")
    return View(text)
