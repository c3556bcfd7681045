"""Redis in memory: three keys for each scope, and each command as one atomic step.

The steps say in Python what the scripts in shared/cache/redis say in Lua; the store's contract
suite runs on both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from shared.cache.store import Copy, Stored, Unreadable
from shared.repository.versions import Version


@dataclass(frozen=True, slots=True)
class Kept:
    """K: a hash and the moment at which it expires. `version` is None for a foreign value."""

    version: Version | None
    fields: Mapping[str, bytes]
    expires_at: float


@dataclass(slots=True)
class StoreState:
    """All keys of one server. `now` is the server's clock, in seconds."""

    now: Callable[[], float]
    lists: dict[str, Kept] = field(default_factory=dict)
    newest_known: dict[str, Version] = field(default_factory=dict)
    locks: dict[str, tuple[str, float]] = field(default_factory=dict)

    def copy(self) -> Self:
        return replace(
            self,
            lists=dict(self.lists),
            newest_known=dict(self.newest_known),
            locks=dict(self.locks),
        )

    def newest(self, scope: str) -> Version | None:
        return self.newest_known.get(scope)

    def advance(self, scope: str, version: Version, token: str, void: int | None) -> None:
        g, k = self._known(scope, version.epoch), self._listed(scope, version.epoch)
        g, k = _kept(g, version.number, void), _kept(k, version.number, void)
        out: int | None = None
        if g is not None and g >= version.number:
            out = g
        else:
            holder = self._holder(scope)
            if g is not None or (token and holder == token):
                self.newest_known[scope] = version
                out = version.number
            else:
                self.newest_known.pop(scope, None)
            if holder is not None and holder != token:
                del self.locks[scope]
        if k is None or k < (version.number if out is None else out):
            self.lists.pop(scope, None)

    def fetch(self, scope: str, fields: Sequence[str]) -> Copy | None:
        kept = self._living(scope)
        if kept is None:
            return None
        if kept.version is None:
            raise Unreadable(scope)
        present = {name: kept.fields[name] for name in fields if name in kept.fields}
        return Copy(kept.version, present, kept.expires_at - self.now())

    def put(
        self, scope: str, version: Version, fields: Mapping[str, bytes], ttl: float, *, renew: bool
    ) -> Stored:
        g = self._known(scope, version.epoch)
        if g is None:
            return Stored.NO_GENERATION
        if version.number < g:
            return Stored.OLDER
        kept, k = self._living(scope), self._listed(scope, version.epoch)
        if k is not None and k > version.number:
            return Stored.KEPT_NEWER
        if kept is not None and k == version.number and not renew:
            self.lists[scope] = replace(kept, fields={**kept.fields, **fields})
        else:
            self.lists[scope] = Kept(version, dict(fields), self.now() + ttl)
        return Stored.STORED

    def lock(self, scope: str, token: str, seconds: float) -> bool:
        if self._holder(scope) is not None:
            return False
        self.locks[scope] = (token, self.now() + seconds)
        return True

    def unlock(self, scope: str, token: str) -> None:
        if self._holder(scope) == token:
            del self.locks[scope]

    def discard(self, scope: str) -> None:
        self.lists.pop(scope, None)

    def _known(self, scope: str, epoch: str) -> int | None:
        version = self.newest_known.get(scope)
        return version.number if version is not None and version.epoch == epoch else None

    def _living(self, scope: str) -> Kept | None:
        kept = self.lists.get(scope)
        if kept is not None and kept.expires_at <= self.now():
            del self.lists[scope]
            return None
        return kept

    def _listed(self, scope: str, epoch: str) -> int | None:
        kept = self._living(scope)
        version = kept.version if kept is not None else None
        return version.number if version is not None and version.epoch == epoch else None

    def _holder(self, scope: str) -> str | None:
        token, expires_at = self.locks.get(scope, ("", 0.0))
        if token and expires_at <= self.now():
            del self.locks[scope]
            return None
        return token or None


def _kept(number: int | None, current: int, void: int | None) -> int | None:
    """The number, unless a restored database has lost it."""
    lost = void is not None and number is not None and current < number <= void
    return None if lost else number
