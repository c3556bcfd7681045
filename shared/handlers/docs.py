"""`/openapi.json` and `/docs`: the API's description, as a document and as a page."""

from typing import Final

import azure.functions as func
import orjson

from shared.errors import NotFound
from shared.http.docs_page.page import POLICY, page, version_of
from shared.http.docs_page.swagger_files import docs_files
from shared.http.file_answer import REVALIDATED, file_answer
from shared.http.list_request import query_of
from shared.http.openapi.document import openapi_document
from shared.http.route import Call, Route

_IMMUTABLE: Final = "public, max-age=31536000, immutable"


async def openapi(call: Call) -> func.HttpResponse:
    """This description (OpenAPI 3.1)."""
    data = await call.services.workers.run(_document, call.routes)
    return await file_answer(call, data, "application/json")


async def documentation(call: Call) -> func.HttpResponse:
    """A page that shows this description, signs users in and calls every route."""
    html = await call.services.workers.run(page)
    return await file_answer(call, html, "text/html", {"Content-Security-Policy": POLICY})


async def file(call: Call) -> func.HttpResponse:
    """A file of the documentation page; immutable where its URL carries its digest."""
    name = call.request.route_params.get("file", "")
    found = docs_files().get(name)
    if found is None:
        raise NotFound("The documentation has no file of this name.")
    data = await call.services.workers.run(found.read)
    current = query_of(call.request).one("v") == version_of(name)
    headers = {"Cache-Control": _IMMUTABLE if current else REVALIDATED}
    return await file_answer(call, data, found.media_type, headers)


def _document(routes: tuple[Route, ...]) -> bytes:
    return orjson.dumps(openapi_document(routes))
