"""Redis in memory: three keys for each scope, and each command as one atomic step.

The steps say in Python what the scripts in shared/cache/redis say in Lua; the store's contract
suite runs on both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from shared.cache.store import PutResult, StoredFields, Surveyed, Unreadable
from shared.repository.versions import Version


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored list and the moment at which it expires. `version` is None for a foreign value."""

    version: Version | None
    fields: Mapping[str, bytes]
    expires_at: float


@dataclass(slots=True)
class StoreState:
    """All keys of one server. `now` is the server's clock, in seconds."""

    now: Callable[[], float]
    lists: dict[str, Kept] = field(default_factory=dict)
    known_versions: dict[str, Version] = field(default_factory=dict)
    locks: dict[str, tuple[str, float]] = field(default_factory=dict)

    def copy(self) -> Self:
        return replace(
            self,
            lists=dict(self.lists),
            known_versions=dict(self.known_versions),
            locks=dict(self.locks),
        )

    def known_version(self, scope: str) -> Version | None:
        return self.known_versions.get(scope)

    def advance(self, scope: str, version: Version, owner: str, lost: int | None) -> None:
        known, stored = self._known(scope, version.epoch), self._stored(scope, version.epoch)
        known, stored = (_kept(number, version.number, lost) for number in (known, stored))
        out: int | None = None
        if known is not None and known >= version.number:
            out = known
        else:
            holder = self._holder(scope)
            if known is not None or (owner and holder == owner):
                self.known_versions[scope] = version
                out = version.number
            else:
                self.known_versions.pop(scope, None)
            if holder is not None and holder != owner:
                del self.locks[scope]
        if stored is None or stored < (version.number if out is None else out):
            self.lists.pop(scope, None)

    def survey(self, scope: str, fields: Sequence[str]) -> Surveyed:
        return Surveyed(self.known_version(scope), self.fetch(scope, fields))

    def fetch(self, scope: str, fields: Sequence[str]) -> StoredFields | None:
        kept = self._living(scope)
        if kept is None:
            return None
        if kept.version is None:
            raise Unreadable(scope)
        present = {name: kept.fields[name] for name in fields if name in kept.fields}
        return StoredFields(kept.version, present, kept.expires_at - self.now())

    def put(
        self, scope: str, version: Version, fields: Mapping[str, bytes], ttl: float, *, renew: bool
    ) -> PutResult:
        known = self._known(scope, version.epoch)
        if known is None:
            return PutResult.NO_KNOWN_VERSION
        if version.number < known:
            return PutResult.OLDER
        kept, stored = self._living(scope), self._stored(scope, version.epoch)
        if stored is not None and stored > version.number:
            return PutResult.KEPT_NEWER
        if kept is not None and stored == version.number and not renew:
            self.lists[scope] = replace(kept, fields={**kept.fields, **fields})
        else:
            self.lists[scope] = Kept(version, dict(fields), self.now() + ttl)
        return PutResult.STORED

    def lock(self, scope: str, owner: str, seconds: float) -> bool:
        if self._holder(scope) is not None:
            return False
        self.locks[scope] = (owner, self.now() + seconds)
        return True

    def unlock(self, scope: str, owner: str) -> None:
        if self._holder(scope) == owner:
            del self.locks[scope]

    def discard(self, scope: str) -> None:
        self.lists.pop(scope, None)

    def _known(self, scope: str, epoch: str) -> int | None:
        version = self.known_versions.get(scope)
        return version.number if version is not None and version.epoch == epoch else None

    def _living(self, scope: str) -> Kept | None:
        kept = self.lists.get(scope)
        if kept is not None and kept.expires_at <= self.now():
            del self.lists[scope]
            return None
        return kept

    def _stored(self, scope: str, epoch: str) -> int | None:
        kept = self._living(scope)
        version = kept.version if kept is not None else None
        return version.number if version is not None and version.epoch == epoch else None

    def _holder(self, scope: str) -> str | None:
        owner, expires_at = self.locks.get(scope, ("", 0.0))
        if owner and expires_at <= self.now():
            del self.locks[scope]
            return None
        return owner or None


def _kept(number: int | None, current: int, lost: int | None) -> int | None:
    """Return the number, unless SQL lost it in a rollback."""
    is_lost = lost is not None and number is not None and current < number <= lost
    return None if is_lost else number
