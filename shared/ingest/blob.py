"""Reads a blob in ranges.

Each request has If-Match with the blob's first ETag: a read that breaks repeats one range only, and
a blob that is replaced meanwhile is an error, never a mixture of both.
"""

from http import HTTPStatus
from typing import Any, Final

import stamina
from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline import PipelineResponse
from azure.storage.blob import BlobClient

from shared.ingest.load_errors import FileError
from shared.ingest.storage import translate_storage_errors, was_answered

_RANGE_BYTES: Final = 4 * 2**20
_ATTEMPTS: Final = 5
_RETRY_SECONDS: Final = 60.0


class BlobStream:
    """A blob's bytes, from the first to the last; `size` is their number. Raises FileError."""

    def __init__(self, blob: BlobClient) -> None:
        self._blob = blob
        with translate_storage_errors(blob):
            properties = blob.get_blob_properties()
        self.size: int = properties.size
        self._etag = properties.etag
        self._fetched = 0
        self._unread = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        if not self._unread and self._fetched < self.size:
            with translate_storage_errors(self._blob):
                self._unread = memoryview(self._next_range())
            self._fetched += len(self._unread)
        taken, self._unread = self._unread[:size], self._unread[size:]
        return bytes(taken)

    def _next_range(self) -> bytes:
        """Read a range; when the connection breaks, again on a new one."""
        for attempt in stamina.retry_context(
            on=_is_broken_connection, attempts=_ATTEMPTS, timeout=_RETRY_SECONDS, wait_initial=0.2
        ):
            with attempt:
                return self._blob.download_blob(
                    self._fetched,
                    min(_RANGE_BYTES, self.size - self._fetched),
                    etag=self._etag,
                    match_condition=MatchConditions.IfNotModified,
                    raw_response_hook=self._check,
                ).readall()
        raise AssertionError  # pragma: no cover (the last attempt returns or raises)

    def _check(self, answer: PipelineResponse[Any, Any]) -> None:
        """Raise FileError for an answer with other bytes than its request asked for.

        The SDK takes them as they come. A proxy may drop the range from a request, or answer with
        a page of its own.
        """
        response, headers = answer.http_response, answer.http_response.headers
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            return
        asked = answer.http_request.headers["x-ms-range"].removeprefix("bytes=")
        first = int(asked.partition("-")[0])
        last = first + int(headers.get("Content-Length", 0)) - 1
        expected = (f"bytes {first}-{last}/{self.size}", self._etag)
        if (headers.get("Content-Range"), headers.get("ETag")) != expected:
            response.internal_response.close()  # its body is not read
            raise FileError(
                f"{self._blob.container_name}/{self._blob.blob_name}: an answer has other bytes "
                "than were asked for. Perhaps a proxy before the storage account changes requests."
            )


def _is_broken_connection(error: Exception) -> bool:
    """Whether the connection broke. The SDK itself repeats requests that the server refused."""
    if isinstance(error, ClientAuthenticationError):
        return False
    return isinstance(error, AzureError) and not was_answered(error)
