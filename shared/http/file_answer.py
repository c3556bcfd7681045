"""A small document as an answer: compressed when it is sent, with an ETag and 304 like a list."""

import hashlib
from http import HTTPStatus
from typing import Final

import azure.functions as func
from isal import isal_zlib

from shared.errors import PreconditionFailed
from shared.http.negotiation import GZIP, Conditions, content_coding, entity_tag
from shared.http.route import Call

REVALIDATED: Final = "public, no-cache"
_LEVEL: Final = 3
_GZIP_WINDOW: Final = 31


def digest_of(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


async def file_answer(
    call: Call, data: bytes, media_type: str, headers: dict[str, str] | None = None
) -> func.HttpResponse:
    """200 with the bytes, or 304 to a caller who has them; `headers` are added or replace ours.

    Raises NotAcceptable, PreconditionFailed.
    """
    given = call.request.headers
    coding = content_coding(given.get("accept-encoding"))
    tag = entity_tag(digest_of(data), coding)
    status = Conditions(given.get("if-match"), given.get("if-none-match")).status(tag)
    answered = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": REVALIDATED}
    answered |= headers or {}
    if status == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed("The file has changed: If-Match names another version of it.")
    if status == HTTPStatus.NOT_MODIFIED:
        return func.HttpResponse(b"", status_code=304, headers=answered, mimetype=media_type)
    if coding == GZIP:
        answered["Content-Encoding"] = GZIP
        data = await call.services.workers.run(_packed, data)
    return func.HttpResponse(data, headers=answered, mimetype=media_type)


def _packed(data: bytes) -> bytes:
    packed: bytes = isal_zlib.compress(data, _LEVEL, wbits=_GZIP_WINDOW)
    return packed
