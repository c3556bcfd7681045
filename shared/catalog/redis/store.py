"""The port Store on Redis 6.2 or later, single or cluster."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis import exceptions
from redis.asyncio.connection import AbstractConnection

from shared.background import Background
from shared.catalog.redis.connect import Client, connect
from shared.catalog.redis.keys import Keys
from shared.catalog.redis.scripts import load_script
from shared.catalog.store import Copy, Generation, StoreAway, Stored, StoreRefused, Unreadable
from shared.catalog.versions import Version
from shared.clock import Clock
from shared.coalescer import Coalescer

CONTROL_SECONDS: Final = 0.2
"""Longest wait for an answer of a few bytes, connecting included."""

_GONE: Final = -2
"""PTTL's answer for a key that is not there."""

BODY_BYTES_PER_SECOND: Final = 20_000_000
"""The slowest transfer of a list that is waited for."""


class RedisStore:
    """Lists, versions and locks in Redis; bodies travel on connections of their own."""

    def __init__(self, url: str, *, clock: Clock, background: Background) -> None:
        self._url = url
        self._clock = clock
        self._control: Client | None = None
        self._bodies: Client | None = None
        self._connected_at = float("-inf")
        self._generations = Coalescer(self._newest, background)
        self._advance = load_script("advance")
        self._put = load_script("put")
        self._unlock = load_script("unlock")

    async def newest(self, scope: str) -> Generation:
        return await self._generations.ask(scope)

    async def _newest(self, scope: str) -> Generation:
        async with _bounded(CONTROL_SECONDS):
            try:
                text: Any = await self._controls().get(Keys.of(scope).version)
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
        async with _bounded(CONTROL_SECONDS):
            await self._advance.run(
                self._controls(), (keys.list, keys.version, keys.lock), arguments
            )

    async def fetch(self, scope: str, fields: Sequence[str], *, size: int = 0) -> Copy | None:
        key = Keys.of(scope).list
        client = self._bulk() if size else self._controls()
        async with _bounded(CONTROL_SECONDS + size / BODY_BYTES_PER_SECOND):
            pipeline = client.pipeline(transaction=False)
            pipeline.hmget(key, ["e", "v", *fields])
            pipeline.pttl(key)
            try:
                (epoch, number, *values), remaining = await pipeline.execute()
            except exceptions.ResponseError as error:
                if _is_wrong_type(error):
                    raise Unreadable(key) from error
                raise
        if remaining == _GONE:
            return None
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
        async with _bounded(CONTROL_SECONDS + size / BODY_BYTES_PER_SECOND):
            answer = await self._put.run(self._bulk(), (keys.list, keys.version), arguments)
        return Stored(answer.decode())

    async def lock(self, scope: str, token: str, seconds: float) -> bool:
        async with _bounded(CONTROL_SECONDS):
            taken = await self._controls().set(
                Keys.of(scope).lock, token, nx=True, px=round(seconds * 1000)
            )
        return bool(taken)

    async def unlock(self, scope: str, token: str) -> None:
        async with _bounded(CONTROL_SECONDS):
            await self._unlock.run(self._controls(), (Keys.of(scope).lock,), (token,))

    async def discard(self, scope: str) -> None:
        async with _bounded(CONTROL_SECONDS):
            await self._controls().delete(Keys.of(scope).list)

    async def ping(self) -> None:
        """An answer to a command that writes nothing and that every user may send."""
        async with _bounded(CONTROL_SECONDS):
            await self._controls().get(Keys.of("").version)

    async def close(self) -> None:
        for client in (self._control, self._bodies):
            if client is not None:
                await client.aclose()

    def _controls(self) -> Client:
        if self._control is None:
            self._control = connect(
                self._url, timeout=CONTROL_SECONDS, on_connect=self._note_connection
            )
        return self._control

    def _bulk(self) -> Client:
        if self._bodies is None:
            self._bodies = connect(self._url, timeout=5.0, on_connect=AbstractConnection.on_connect)
        return self._bodies

    async def _note_connection(self, connection: AbstractConnection) -> None:
        """Whichever connection answers for G, it was made no later than the last one noted."""
        await connection.on_connect()
        self._connected_at = self._clock()


@asynccontextmanager
async def _bounded(seconds: float) -> AsyncIterator[None]:
    """At most `seconds`; every failure of the driver becomes StoreAway or StoreRefused."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except (exceptions.ConnectionError, exceptions.TimeoutError, TimeoutError, OSError) as error:
        raise StoreAway(type(error).__name__) from error
    except exceptions.RedisError as error:
        raise StoreRefused(type(error).__name__) from error


def _is_wrong_type(error: exceptions.ResponseError) -> bool:
    return str(error).startswith("WRONGTYPE")


def _parse(text: bytes | None) -> Version | None:
    """G's text, `epoch:number`; its form is frozen for ever, and any other counts as missing."""
    if text is None:
        return None
    epoch, _, number = text.partition(b":")
    return _version(epoch, number)


def _version(epoch: Any, number: Any) -> Version | None:
    try:
        digits = number.decode("ascii")
        return Version(epoch.decode("ascii"), int(digits)) if digits.isdecimal() else None
    except (AttributeError, UnicodeDecodeError):
        return None
