"""The port to the shared store (Redis). Of the rules it has only those of the scripts.

For each scope it holds a stored list, its known version and its fill lock (docs/protocol.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Never, Protocol

from shared.repository.versions import Version

CONTROL_SECONDS: Final = 0.2
"""The longest wait for an answer of a few bytes, connecting included."""


class StoreUnavailable(Exception):
    """The store cannot be reached, answered too late, or refused the command."""


class ConnectionLost(StoreUnavailable):
    """The connection broke or was refused; a new one may succeed."""


class StoreRefused(StoreUnavailable):
    """The store refused the command: out of memory, read-only, or no permission."""


class Unreadable(Exception):
    """The stored bytes are not a list in our format, or are damaged."""


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """The known version of a scope, or None where it is missing.

    `connected_at` is the clock's reading when the connection that answered was made, or a later
    one (rule 7).
    """

    version: Version | None
    connected_at: float


@dataclass(frozen=True, slots=True)
class StoredFields:
    """A stored list as the store has it: its version, some of its fields, its seconds to live."""

    version: Version
    fields: Mapping[str, bytes]
    remaining: float


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The known version of a scope and its stored list, unless that is unreadable."""

    known: Version | None
    stored: StoredFields | None
    readable: bool = True


class PutResult(StrEnum):
    """The result of a `put`; the values are also those of the metric `cache.store`."""

    STORED = "stored"
    NO_KNOWN_VERSION = "no-generation"
    OLDER = "older"
    KEPT_NEWER = "kept-newer"


class Store(Protocol):
    """Every method may raise StoreUnavailable, within the adapter's short timeouts."""

    async def known_version(self, scope: str) -> KnownVersion:
        """Read the known version. One that cannot be parsed counts as missing."""
        ...

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        """Raise the known version to `version` and delete an older stored list (rule 29).

        Only the owner of the fill lock creates a missing known version. After a rollback `lost` is
        the greatest number that SQL no longer has: versions above `version` up to it are dropped.
        """
        ...

    async def fetch(
        self, scope: str, fields: Sequence[str], *, size: int = 0
    ) -> StoredFields | None:
        """Read fields of the stored list, or return None where there is none.

        `size` is the expected number of bytes and sets the timeout; 0 if they are few. Raises
        Unreadable.
        """
        ...

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        """Read the known version and these few bytes of the stored list of each scope.

        One round trip to each server, so that it takes no more of the store than a read does.
        """
        ...

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> PutResult:
        """Store a list unless it is older than the known version (rule 30).

        It lives for `ttl` seconds. Fields that are added to a list of the same version do not
        extend its life, unless `renew` is set.
        """
        ...

    async def lock(self, scope: str, owner: str, seconds: float) -> bool:
        """Take the fill lock if it is free. It expires after `seconds`."""
        ...

    async def unlock(self, scope: str, owner: str) -> None:
        """Free the fill lock if `owner` owns it."""
        ...

    async def discard(self, scope: str) -> None:
        """Delete the stored list."""
        ...

    async def ping(self) -> None:
        """Wait until the store answers."""
        ...

    async def close(self) -> None:
        """Close the connections. Only the CLI and tests do so; the app never depends on it."""
        ...


class NoStore:
    """The store of an environment without Redis: always unavailable."""

    async def _refuse(self, *_arguments: object, **_options: object) -> Never:
        raise StoreUnavailable("this environment has no Redis")

    known_version = advance = fetch = survey = put = lock = unlock = discard = ping = _refuse

    async def close(self) -> None:
        """Nothing to close."""
