"""Readers and writers over HTTP, which use any instance that is ready."""

import asyncio
import time
from random import Random
from typing import Final

import httpx

from tests.faults.torture.fleet import Fleet
from tests.faults.torture.ledger import ALL, Ledger

GENRES: Final = ("Pop", "R&B", "Children’s Music")
NEW_GENRES: Final = 12


class Callers:
    """Callers that read and write until `over` is set."""

    def __init__(self, fleet: Fleet, ledger: Ledger, token: str, seed: int) -> None:
        self._fleet, self._ledger = fleet, ledger
        self._headers = {"Authorization": f"Bearer {token}"}
        self._random = Random(seed)  # noqa: S311 -- a plan, no secret
        self._numbers = iter(range(10**6))
        self._client = httpx.AsyncClient(timeout=60)
        self.over = asyncio.Event()

    async def close(self) -> None:
        await self._client.aclose()

    async def write(self) -> None:
        while not self.over.is_set():
            try:
                await self._add()
            except httpx.TransportError:
                self._ledger.counts["unknown"] += 1
            await asyncio.sleep(self._random.uniform(0.05, 0.3))

    async def read(self) -> None:
        etags: dict[str, str] = {}
        while not self.over.is_set():
            scope = self._random.choice((ALL, *self._ledger.told, *GENRES))
            try:
                await self.look(scope, self._url(), etags)
            except httpx.TransportError:
                self._ledger.counts["broken"] += 1
            await asyncio.sleep(self._random.uniform(0.0, 0.05))

    async def look(self, scope: str, url: str, etags: dict[str, str]) -> httpx.Response:
        """Read a list, and check the answer against the promise at the time when the read began."""
        headers = {"Accept-Encoding": self._random.choice(("gzip", "identity"))}
        if scope in etags and self._random.random() < 0.3:
            headers["If-None-Match"] = etags[scope]
        path = "/features" if scope == ALL else "/features/custom"
        query = {} if scope == ALL else {"arg": scope}
        promised, began = self._ledger.promised(scope), time.monotonic()
        answer = await self._client.get(url + path, params=query, headers=headers)
        self._ledger.slowest = max(self._ledger.slowest, time.monotonic() - began)
        self._judge(scope, promised, answer, etags)
        return answer

    def _judge(
        self, scope: str, promised: list[str], answer: httpx.Response, etags: dict[str, str]
    ) -> None:
        ledger = self._ledger
        if answer.status_code == httpx.codes.OK:
            ledger.counts["reads"] += 1
            etags[scope] = answer.headers["ETag"]
            ids = [record["track_id"] for record in answer.json()]
            ledger.check_list(scope, promised, etags[scope], ids)
        elif answer.status_code == httpx.codes.NOT_MODIFIED:
            ledger.counts["unchanged"] += 1
            ledger.check_unchanged(scope, promised, etags[scope])
        else:
            ledger.wrong.append(f"a read of {scope} was answered {answer.status_code}")

    async def _add(self) -> None:
        number = next(self._numbers)
        new = self._random.random() < 0.1
        genre = f"New {number % NEW_GENRES}" if new else self._random.choice(GENRES)
        track_id = f"{number:022}"
        self._ledger.tried.add(track_id)
        record = {"genre": genre, "artist_name": "A", "track_name": f"T {number}"}
        record |= {"track_id": track_id, "popularity": "1", "duration_ms": "20000"}
        answer = await self._client.post(
            self._url() + "/features/new", json=record, headers=self._headers
        )
        if answer.status_code == httpx.codes.CREATED:
            self._ledger.acknowledge(track_id, genre)
        elif answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self._ledger.counts["refused"] += 1
        else:
            self._ledger.wrong.append(f"a write was answered {answer.status_code}: {answer.text}")

    def _url(self) -> str:
        return self._random.choice(self._fleet.ready).url
