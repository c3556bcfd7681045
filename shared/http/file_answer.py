"""A small document as an answer: prepared once, with an ETag and 304 like a list."""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from isal import isal_zlib

from shared.errors import PreconditionFailed
from shared.http.answer import Answer
from shared.http.negotiation import GZIP, IDENTITY, Conditions, content_coding
from shared.http.route import Call

REVALIDATED: Final = "public, no-cache"
_LEVEL: Final = 3
_GZIP_WINDOW: Final = 31


@dataclass(frozen=True, slots=True)
class Coded:
    """The bytes of a document in one content coding, and their digest."""

    data: bytes
    digest: str

    @classmethod
    def of(cls, data: bytes) -> "Coded":
        return cls(data, hashlib.blake2b(data, digest_size=16).hexdigest())


@dataclass(frozen=True, slots=True)
class Document:
    """A document in the content codings that are offered."""

    media_type: str
    identity: Coded
    gzip: Coded

    @classmethod
    def of(cls, data: bytes, media_type: str) -> "Document":
        """Compress and digest the data: do it once, in a thread."""
        packed = isal_zlib.compress(data, _LEVEL, wbits=_GZIP_WINDOW)
        return cls(media_type, Coded.of(data), Coded.of(packed))


def file_answer(call: Call, document: Document, headers: dict[str, str] | None = None) -> Answer:
    """200 with the document, or 304 to a caller who has it. `headers` replace the usual ones.

    Raises NotAcceptable, PreconditionFailed.
    """
    given = call.request.headers
    coding = content_coding(given.get("accept-encoding"))
    coded = document.gzip if coding == GZIP else document.identity
    tag = f'"{coded.digest}"'
    answered = {"ETag": tag, "Vary": "Accept-Encoding", "Cache-Control": REVALIDATED}
    answered |= headers or {}
    match Conditions(given.get("if-match"), given.get("if-none-match")).status(tag):
        case HTTPStatus.PRECONDITION_FAILED:
            raise PreconditionFailed("The file has changed: If-Match names another version of it.")
        case HTTPStatus.NOT_MODIFIED:
            return Answer(b"", document.media_type, HTTPStatus.NOT_MODIFIED, answered)
    if coding != IDENTITY:
        answered["Content-Encoding"] = coding
    return Answer(coded.data, document.media_type, headers=answered)
