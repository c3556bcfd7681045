"""The adapter of Store for Redis 6.2 or later, one server or a cluster."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import batched
from typing import Any, Final

from redis import exceptions
from redis.asyncio.connection import AbstractConnection

from shared.cache.redis.client import Client, RedisConnections
from shared.cache.store import (
    CONTROL_SECONDS,
    KnownVersion,
    PutResult,
    StoredFields,
    Surveyed,
    Unreadable,
)
from shared.repository.versions import Version
from shared.runtime import Runtime

KEY_PREFIX: Final = "spotify:features:"

BODY_SECONDS: Final = 5.0
"""The longest wait for the next bytes while a list is transferred."""

BODY_BYTES_PER_SECOND: Final = 20_000_000
"""A slower transfer of a list is given up."""

_NO_KEY: Final = -2
"""PTTL's answer for a key that does not exist."""

_NUMBER: Final = re.compile(rb"[0-9]{1,16}")
"""A version's number is below 2**53; the scripts parse it by the same rule."""

_KNOWN: Final = re.compile(rb"([\x00-\x39\x3b-\x7f]+):([0-9]{1,16})")
"""The known version, `epoch:number`; an epoch is ASCII without `:`. Never changed (rule 3)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a scope: stored list, known version, fill lock.

    The list's key is the hash tag of the others, so all three are in one Redis Cluster slot.
    """

    list: str
    version: str
    lock: str


@lru_cache(1024)
def keys_of(scope: str) -> Keys:
    key = f"{KEY_PREFIX}{scope}"
    return Keys(key, f"{{{key}}}:version", f"{{{key}}}:lock")


class Script:
    """A Lua script, sent once to each server and called by its digest afterwards."""

    def __init__(self, name: str) -> None:
        self._source = (resources.files(__package__) / f"{name}.lua").read_text("utf-8")
        self._digest = hashlib.sha1(self._source.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Client, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        try:
            return await client.evalsha(self._digest, len(keys), *keys, *arguments)
        except exceptions.NoScriptError:
            return await client.eval(self._source, len(keys), *keys, *arguments)


class RedisStore:
    """Stored lists, known versions and fill locks in Redis.

    Bodies are transferred on connections of their own, so that they delay no small command.
    """

    def __init__(
        self, url: str, runtime: Runtime, *, control_seconds: float = CONTROL_SECONDS
    ) -> None:
        self._clock = runtime.clock
        self._control_seconds = control_seconds
        self._control = RedisConnections(
            url,
            timeout=control_seconds,
            background=runtime.background,
            on_connect=self._note_connection,
        )
        self._bodies = RedisConnections(url, timeout=BODY_SECONDS, background=runtime.background)
        self._connected_at = float("-inf")
        self._advance, self._put = Script("advance"), Script("put")
        self._lock, self._unlock = Script("lock"), Script("unlock")

    async def known_version(self, scope: str) -> KnownVersion:
        async with self._control.client(self._control_seconds) as client:
            try:
                text: Any = await client.get(keys_of(scope).version)
            except exceptions.ResponseError as error:
                if not _is_wrong_type(error):
                    raise
                text = None
        return KnownVersion(_parse_known(text), self._connected_at)

    async def advance(
        self, scope: str, version: Version, *, owner: str = "", lost: int | None = None
    ) -> None:
        keys = keys_of(scope)
        arguments = (version.epoch, version.number, owner, "" if lost is None else lost)
        async with self._control.client(self._control_seconds) as client:
            await self._advance.run(client, (keys.list, keys.version, keys.lock), arguments)

    async def fetch(
        self, scope: str, fields: Sequence[str], *, size: int = 0
    ) -> StoredFields | None:
        key = keys_of(scope).list
        connections = self._bodies if size else self._control
        async with connections.client(self._allowed_seconds(size)) as client:
            pipeline = client.pipeline(transaction=False)
            pipeline.hmget(key, ["e", "v", *fields])
            pipeline.pttl(key)
            answer, remaining = await pipeline.execute(raise_on_error=False)
            return _stored_fields(key, fields, answer, remaining)

    async def survey(self, scopes: Sequence[str], fields: Sequence[str]) -> Sequence[Surveyed]:
        async with self._control.client(self._control_seconds) as client:
            pipeline = client.pipeline(transaction=False)
            for keys in map(keys_of, scopes):
                pipeline.get(keys.version)
                pipeline.hmget(keys.list, ["e", "v", *fields])
                pipeline.pttl(keys.list)
            answers = batched(await pipeline.execute(raise_on_error=False), 3, strict=True)
            return [
                _surveyed(scope, fields, *answer)
                for scope, answer in zip(scopes, answers, strict=True)
            ]

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> PutResult:
        keys = keys_of(scope)
        size = sum(map(len, fields.values()))
        pairs = [part for pair in fields.items() for part in pair]
        arguments = (version.epoch, version.number, round(ttl * 1000), int(renew), *pairs)
        async with self._bodies.client(self._allowed_seconds(size)) as client:
            answer = await self._put.run(client, (keys.list, keys.version), arguments)
        return PutResult(answer.decode())

    async def lock(self, scope: str, owner: str, seconds: float) -> bool:
        async with self._control.client(self._control_seconds) as client:
            life = round(seconds * 1000)
            taken = await self._lock.run(client, (keys_of(scope).lock,), (owner, life))
        return bool(taken)

    async def unlock(self, scope: str, owner: str) -> None:
        async with self._control.client(self._control_seconds) as client:
            await self._unlock.run(client, (keys_of(scope).lock,), (owner,))

    async def discard(self, scope: str) -> None:
        async with self._control.client(self._control_seconds) as client:
            await client.delete(keys_of(scope).list)

    async def ping(self) -> None:
        """Send a command that writes nothing and that every Redis user may send."""
        async with self._control.client(self._control_seconds) as client:
            await client.get(keys_of("").version)

    async def close(self) -> None:
        await self._control.close()
        await self._bodies.close()

    def _allowed_seconds(self, size: int) -> float:
        """Return the timeout of a command that transfers `size` bytes."""
        return self._control_seconds + size / BODY_BYTES_PER_SECOND

    async def _note_connection(self, connection: AbstractConnection) -> None:
        """Note when the newest connection was made; the one that answers is never newer."""
        await connection.on_connect()
        self._connected_at = self._clock()


def _stored_fields(
    key: str, fields: Sequence[str], answer: Any, remaining: Any
) -> StoredFields | None:
    """Read the answers to HMGET and PTTL. Raises Unreadable, and an error that is an answer."""
    if isinstance(answer, Exception):
        if _is_wrong_type(answer):
            raise Unreadable(key) from answer
        raise answer
    if remaining == _NO_KEY:
        return None
    epoch, number, *values = answer
    version = _version(epoch, number)
    if version is None or remaining < 0:
        raise Unreadable(key)
    present = {
        field: value for field, value in zip(fields, values, strict=True) if value is not None
    }
    return StoredFields(version, present, remaining / 1000)


def _surveyed(
    scope: str, fields: Sequence[str], known: Any, answer: Any, remaining: Any
) -> Surveyed:
    if isinstance(known, Exception) and not _is_wrong_type(known):
        raise known
    version = _parse_known(known) if isinstance(known, bytes) else None
    try:
        return Surveyed(version, _stored_fields(scope, fields, answer, remaining))
    except Unreadable:
        return Surveyed(version, None, readable=False)


def _is_wrong_type(error: Exception) -> bool:
    return str(error).startswith("WRONGTYPE")


def _parse_known(text: bytes | None) -> Version | None:
    found = _KNOWN.fullmatch(text or b"")
    return Version(found[1].decode("ascii"), int(found[2])) if found else None


def _version(epoch: bytes | None, number: bytes | None) -> Version | None:
    if not epoch or not epoch.isascii() or number is None or not _NUMBER.fullmatch(number):
        return None
    return Version(epoch.decode("ascii"), int(number))
