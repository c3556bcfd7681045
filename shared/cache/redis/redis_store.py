"""The port Store on Redis 6.2 or later, single or cluster."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from redis import exceptions
from redis.asyncio.connection import AbstractConnection

from shared.cache.coalescer import Coalescer
from shared.cache.redis.keys import Keys
from shared.cache.redis.line import Line
from shared.cache.redis.scripts import load_script
from shared.cache.store import CONTROL_SECONDS, Copy, Generation, Stored, Unreadable
from shared.repository.versions import Version
from shared.runtime import Background, Clock

BODY_SECONDS: Final = 5.0
"""Longest silence while a list travels."""

_GONE: Final = -2
"""PTTL's answer for a key that is not there."""

_NUMBER: Final = re.compile(rb"[0-9]{1,16}")
"""A version's number is below 2**53; the scripts read it by the same rule."""

BODY_BYTES_PER_SECOND: Final = 20_000_000
"""The slowest transfer of a list that is waited for."""


class RedisStore:
    """Lists, versions and locks in Redis; bodies travel on connections of their own."""

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        background: Background,
        control_seconds: float = CONTROL_SECONDS,
    ) -> None:
        self._clock = clock
        self._control_seconds = control_seconds
        self._control = Line(
            url,
            timeout=control_seconds,
            background=background,
            on_connect=self._note_connection,
        )
        self._bodies = Line(url, timeout=BODY_SECONDS, background=background)
        self._connected_at = float("-inf")
        self._generations = Coalescer(self._newest, background)
        self._advance = load_script("advance")
        self._put = load_script("put")
        self._unlock = load_script("unlock")

    async def newest(self, scope: str) -> Generation:
        return await self._generations.ask(scope)

    async def _newest(self, scope: str) -> Generation:
        async with self._control.client(self._control_seconds) as client:
            try:
                text: Any = await client.get(Keys.of(scope).version)
            except exceptions.ResponseError as error:
                if not _is_wrong_type(error):
                    raise
                text = None
        return Generation(_parse(text), self._connected_at)

    async def advance(
        self, scope: str, version: Version, *, token: str = "", void: int | None = None
    ) -> None:
        keys = Keys.of(scope)
        arguments = (version.epoch, version.number, token, "" if void is None else void)
        async with self._control.client(self._control_seconds) as client:
            await self._advance.run(client, (keys.list, keys.version, keys.lock), arguments)

    async def fetch(self, scope: str, fields: Sequence[str], *, size: int = 0) -> Copy | None:
        key = Keys.of(scope).list
        line = self._bodies if size else self._control
        async with line.client(self._allowed(size)) as client:
            pipeline = client.pipeline(transaction=False)
            pipeline.hmget(key, ["e", "v", *fields])
            pipeline.pttl(key)
            answer, remaining = await pipeline.execute(raise_on_error=False)
            if isinstance(answer, Exception):
                if _is_wrong_type(answer):
                    raise Unreadable(key) from answer
                raise answer
        if remaining == _GONE:
            return None
        epoch, number, *values = answer
        version = _version(epoch, number)
        if version is None or remaining < 0:
            raise Unreadable(key)
        present = {
            field: value for field, value in zip(fields, values, strict=True) if value is not None
        }
        return Copy(version, present, remaining / 1000)

    async def put(
        self,
        scope: str,
        version: Version,
        fields: Mapping[str, bytes],
        *,
        ttl: float,
        renew: bool = False,
    ) -> Stored:
        keys = Keys.of(scope)
        size = sum(len(value) for value in fields.values())
        pairs = [part for pair in fields.items() for part in pair]
        arguments = (version.epoch, version.number, round(ttl * 1000), int(renew), *pairs)
        async with self._bodies.client(self._allowed(size)) as client:
            answer = await self._put.run(client, (keys.list, keys.version), arguments)
        return Stored(answer.decode())

    async def lock(self, scope: str, token: str, seconds: float) -> bool:
        async with self._control.client(self._control_seconds) as client:
            taken = await client.set(Keys.of(scope).lock, token, nx=True, px=round(seconds * 1000))
        return bool(taken)

    async def unlock(self, scope: str, token: str) -> None:
        async with self._control.client(self._control_seconds) as client:
            await self._unlock.run(client, (Keys.of(scope).lock,), (token,))

    async def discard(self, scope: str) -> None:
        async with self._control.client(self._control_seconds) as client:
            await client.delete(Keys.of(scope).list)

    async def ping(self) -> None:
        """An answer to a command that writes nothing and that every user may send."""
        async with self._control.client(self._control_seconds) as client:
            await client.get(Keys.of("").version)

    async def close(self) -> None:
        await self._control.close()
        await self._bodies.close()

    def _allowed(self, size: int) -> float:
        """Seconds for a command that carries `size` bytes."""
        return self._control_seconds + size / BODY_BYTES_PER_SECOND

    async def _note_connection(self, connection: AbstractConnection) -> None:
        """Whichever connection answers for G, it was made no later than the last one noted."""
        await connection.on_connect()
        self._connected_at = self._clock()


def _is_wrong_type(error: Exception) -> bool:
    return str(error).startswith("WRONGTYPE")


def _parse(text: bytes | None) -> Version | None:
    """G's text, `epoch:number`; its form is frozen for ever, and any other counts as missing."""
    if text is None:
        return None
    epoch, _, number = text.partition(b":")
    return _version(epoch, number)


def _version(epoch: bytes | None, number: bytes | None) -> Version | None:
    if not epoch or not epoch.isascii() or number is None or not _NUMBER.fullmatch(number):
        return None
    return Version(epoch.decode("ascii"), int(number))
