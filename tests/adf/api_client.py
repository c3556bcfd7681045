"""A client of the API, which runs in a process of its own on the test's database."""

import time
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass(frozen=True)
class Api:
    """`freshness`: the seconds after which reads must see what was loaded around the API."""

    client: httpx.Client
    freshness: float

    def genre(self, name: str) -> tuple[str, list[dict[str, Any]]]:
        """Return the ETag and the records of a genre's list."""
        return self._list("/features/custom", {"arg": name})

    def all(self) -> tuple[str, list[dict[str, Any]]]:
        return self._list("/features", {})

    def after_freshness(self, since: float) -> None:
        """Wait until reads must see what was committed at `since` (time.monotonic)."""
        time.sleep(max(0.0, since + self.freshness - time.monotonic()))

    def _list(self, path: str, query: dict[str, str]) -> tuple[str, list[dict[str, Any]]]:
        answer = self.client.get(path, params=query)
        answer.raise_for_status()
        records: list[dict[str, Any]] = answer.json()
        return answer.headers["ETag"], records
