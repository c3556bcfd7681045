"""The port to the shared cache. A store only stores; freshness and fills are decided elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from shared.repository.versions import Version

CONTROL_SECONDS: Final = 0.2
"""Longest that a request waits for an answer of a few bytes, connecting included."""


class StoreUnavailable(Exception):
    """The store cannot be reached, answered too late, or refused the command."""


class ConnectionLost(StoreUnavailable):
    """The connection broke, or was refused: another one may lead to a store that is well."""


class StoreRefused(StoreUnavailable):
    """The store is there and refuses the command: out of memory, read-only, no permission."""


class Unreadable(Exception):
    """Bytes that are no list of ours, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Generation:
    """G, the newest version known of a scope, as one query answered it.

    `connected_at` is the clock's reading when the connection that answered was made: what was
    learned before a reconnect may be undone by what the store lost in between.
    """

    version: Version | None
    connected_at: float


@dataclass(frozen=True, slots=True)
class Copy:
    """K, a stored list: its version, the fields asked for that it has, its remaining life (s)."""

    version: Version
    fields: Mapping[str, bytes]
    remaining: float


class Stored(StrEnum):
    """What became of a `put`."""

    STORED = "stored"
    NO_GENERATION = "no-generation"
    OLDER = "older"
    KEPT_NEWER = "kept-newer"


class Store(Protocol):
    """Every method raises StoreUnavailable; none blocks longer than its adapter's timeouts."""

    async def newest(self, scope: str) -> Generation:
        """Read G. What cannot be parsed counts as missing."""
        ...

    async def advance(
        self, scope: str, version: Version, *, token: str = "", void: int | None = None
    ) -> None:
        """Raise G to `version` and delete an older K; idempotent and free of order.

        Only a holder of L, who passes its token, creates a missing G. `void` names the greatest
        number that a restored database has lost: G and K in (version, void] are dropped.
        """
        ...

    async def fetch(self, scope: str, fields: Sequence[str], *, size: int = 0) -> Copy | None:
        """Read K, of which `size` bytes may be expected. Raises Unreadable for no list of ours."""
        ...

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> Stored:
        """Store K unless it is older than G; `renew` starts a new life for the same version."""
        ...

    async def lock(self, scope: str, token: str, seconds: float) -> bool:
        """Take L with this token if it is free; it frees itself after `seconds`."""
        ...

    async def unlock(self, scope: str, token: str) -> None:
        """Free L if this token holds it."""
        ...

    async def discard(self, scope: str) -> None:
        """Delete K, whatever it holds."""
        ...

    async def ping(self) -> None:
        """Ask for an answer, whatever it says."""
        ...

    async def close(self) -> None:
        """Close the connections; the app itself never does, the CLI and tests do."""
        ...
