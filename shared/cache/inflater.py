"""A list's identity bytes, inflated once for all who want them at the same time."""

import asyncio
from typing import Final

from shared.cache.memory import Entry, ListKey, MemoryCopies
from shared.repository.versions import Version
from shared.runtime import Workers

_EMPTY: Final = b"[]"


class Inflater:
    """Keeps what it inflated beside the memory copy."""

    def __init__(self, memory: MemoryCopies, workers: Workers) -> None:
        self._memory = memory
        self._workers = workers
        self._under_way: dict[tuple[ListKey, Version], asyncio.Task[bytes]] = {}

    async def identity(self, key: ListKey, entry: Entry | None) -> bytes:
        """The JSON array; of a list that does not exist, an empty one."""
        if entry is None:
            return _EMPTY
        if entry.inflated is not None:
            return entry.inflated
        name = key, entry.version
        task = self._under_way.get(name)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._inflate(key, entry))
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name))
        return await asyncio.shield(task)

    async def _inflate(self, key: ListKey, entry: Entry) -> bytes:
        inflated = await self._workers.run(entry.body.identity)
        self._memory.inflate(key, entry, inflated)
        return inflated
