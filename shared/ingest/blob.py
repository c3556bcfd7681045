"""Reading a blob to its end.

Range by range, each with If-Match on the ETag of the first answer: a broken read costs its range
only, and a blob that is replaced meanwhile is noticed, never mixed with its successor.
"""

from typing import Final

import stamina
from azure.core import MatchConditions
from azure.core.exceptions import AzureError
from azure.storage.blob import BlobClient

from shared.ingest.storage import plainly, refused

_RANGE_BYTES: Final = 4 * 2**20
_ATTEMPTS: Final = 5
_RETRY_SECONDS: Final = 60.0


class BlobStream:
    """A blob's bytes from first to last; `size` is all of them. Raises FileError."""

    def __init__(self, blob: BlobClient) -> None:
        self._blob = blob
        with plainly(blob):
            properties = blob.get_blob_properties()
        self.size: int = properties.size
        self._etag = properties.etag
        self._fetched = 0
        self._ahead = memoryview(b"")

    def read(self, size: int, /) -> bytes:
        if not self._ahead and self._fetched < self.size:
            with plainly(self._blob):
                self._ahead = memoryview(self._next_range())
            self._fetched += len(self._ahead)
        taken, self._ahead = self._ahead[:size], self._ahead[size:]
        return bytes(taken)

    def _next_range(self) -> bytes:
        """Ask again, on a new connection, for a range whose read broke."""
        for attempt in stamina.retry_context(
            on=_may_pass, attempts=_ATTEMPTS, timeout=_RETRY_SECONDS, wait_initial=0.2
        ):
            with attempt:
                return self._blob.download_blob(
                    self._fetched,
                    min(_RANGE_BYTES, self.size - self._fetched),
                    etag=self._etag,
                    match_condition=MatchConditions.IfNotModified,
                ).readall()
        raise AssertionError  # pragma: no cover (the last attempt returns or raises)


def _may_pass(error: Exception) -> bool:
    """Whether the connection broke; what a server answered, the SDK has asked for again already."""
    return isinstance(error, AzureError) and not refused(error)
