"""The port Store in memory, whose commands a test can delay, fail, or let something precede."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from shared.cache.list_format import ListFormat
from shared.cache.store import KnownVersion, Surveyed
from shared.repository.versions import Version
from shared.tracks.track import View
from tests.simulation.memory_store import MemoryStore
from tests.simulation.store_state import StoreState
from tests.unit.cache.scripted_calls import ScriptedCalls
from tests.unit.cache.scripted_database import body_of
from tests.unit.cache.virtual_time import now

FORM: Final = ListFormat(100_000)
LIFE: Final = 3600.0

_COMMANDS: Final = ("advance", "fetch", "put", "lock", "unlock", "discard", "ping")


class ScriptedStore(ScriptedCalls, MemoryStore):
    """`connected_at` is when the connection that answers was made; `state` holds the keys."""

    def __init__(self, *, seconds: float = 0.001, fault: Exception | None = None) -> None:
        ScriptedCalls.__init__(self, seconds, fault)
        MemoryStore.__init__(self, StoreState(now))
        self.connected_at = float("-inf")
        for name in _COMMANDS:
            setattr(self, name, partial(self._command, name, getattr(self, name)))

    async def known_version(self, scope: str) -> KnownVersion:
        async with self.call(f"known_version {scope}"):
            return KnownVersion(self.state.known_version(scope), self.connected_at)

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        async with self.call("survey"):
            return await super().survey(scopes, fields)

    async def _command(
        self, name: str, command: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any
    ) -> Any:
        async with self.call(f"{name} {args[0]}" if args else name):
            return await command(*args, **kwargs)

    def push(self, version: Version, scope: str = "Pop") -> None:
        """Push a version as a writer on another instance does; nothing is recorded."""
        self.state.advance(scope, version, "", None)

    def put_list(self, version: Version, scope: str = "Pop", *, life: float = LIFE) -> None:
        """Set the stored list and the known version; nothing is recorded."""
        self.state.discard(scope)
        self.state.known_versions[scope] = version
        fields = FORM.encode(View.CORE, body_of(scope, version))
        self.state.put(scope, version, fields, life, renew=True)

    def wipe(self) -> None:
        """Lose every key, as a Redis that was restarted."""
        for keys in (self.state.lists, self.state.known_versions, self.state.locks):
            keys.clear()
