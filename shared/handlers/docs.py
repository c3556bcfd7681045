"""The API's description, for programs and for people."""

from typing import Final

import azure.functions as func
import orjson

from shared.errors import NotFound
from shared.http.docs_page.page import POLICY, page, version_of
from shared.http.docs_page.swagger_files import docs_files
from shared.http.file_answer import REVALIDATED, file_answer
from shared.http.openapi.document import openapi_document
from shared.http.query import query_of
from shared.http.route import Call, Route

_FOR_GOOD: Final = "public, max-age=31536000, immutable"


async def openapi(call: Call) -> func.HttpResponse:
    """This description (OpenAPI 3.1)."""
    data = await call.services.workers.run(_described, call.routes)
    return await file_answer(call, data, "application/json")


async def documentation(call: Call) -> func.HttpResponse:
    """A page to read the description on, to sign in, and to call every route."""
    html = await call.services.workers.run(page)
    return await file_answer(call, html, "text/html", {"Content-Security-Policy": POLICY})


async def file(call: Call) -> func.HttpResponse:
    """A file of the documentation page; kept for good under an address with its digest."""
    name = call.request.route_params.get("file", "")
    known = docs_files().get(name)
    if known is None:
        raise NotFound("The documentation has no such file.")
    data = await call.services.workers.run(known.read)
    current = query_of(call.request).one("v") == version_of(name)
    headers = {"Cache-Control": _FOR_GOOD if current else REVALIDATED}
    return await file_answer(call, data, known.media_type, headers)


def _described(routes: tuple[Route, ...]) -> bytes:
    return orjson.dumps(openapi_document(routes))
