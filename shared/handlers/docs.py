"""`/openapi.json`, `/docs` and `/docs/status`: the API's description, and pages.

Each document is the same for every caller, so it is built once in the process, at its first use.
"""

from collections.abc import Callable, Mapping
from typing import Final

import orjson

from shared.errors import NotFound
from shared.http.answer import Answer
from shared.http.docs_page.page import POLICY, api_page, status_page, version_of
from shared.http.docs_page.static_files import docs_files
from shared.http.file_answer import REVALIDATED, Document, file_answer
from shared.http.list_request import query_of
from shared.http.openapi.document import openapi_document
from shared.http.route import Call, Route

_IMMUTABLE: Final = "public, max-age=31536000, immutable"
_STATUS: Final = "status"
"""A file to the platform: it would try `docs/{file}` before a route of this name."""


async def openapi(call: Call) -> Answer:
    """This description (OpenAPI 3.1)."""
    documents = call.services.documents
    description = await documents.get("openapi.json", lambda: _description(call.routes))
    return file_answer(call, description)


async def documentation(call: Call) -> Answer:
    """A page that shows this description, signs users in and calls every route."""
    return await _page(call, "docs", api_page)


async def file(call: Call) -> Answer:
    """A file of the documentation page, or `status`: a page that shows the cache.

    A file is immutable where its URL carries its digest.
    """
    name = call.request.route_params.get("file", "")
    if name == _STATUS:
        return await _page(call, "docs/status", status_page)
    files = await call.services.documents.get("docs/*", docs_files)
    found = files.get(name)
    if found is None:
        raise NotFound("The documentation has no file of this name.")
    current = query_of(call.request).one("v") == version_of(found)
    return file_answer(call, found, {"Cache-Control": _IMMUTABLE if current else REVALIDATED})


async def _page(
    call: Call, name: str, build: Callable[[Mapping[str, Document]], Document]
) -> Answer:
    documents = call.services.documents
    files = await documents.get("docs/*", docs_files)
    html = await documents.get(name, lambda: build(files))
    return file_answer(call, html, {"Content-Security-Policy": POLICY})


def _description(routes: tuple[Route, ...]) -> Document:
    return Document.of(orjson.dumps(openapi_document(routes)), "application/json")
