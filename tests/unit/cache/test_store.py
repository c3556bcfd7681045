"""NoStore: where there is no Redis, every command fails as if it were unavailable."""

from collections.abc import Awaitable, Callable

import pytest

from shared.cache.store import NoStore, Store, StoreUnavailable
from shared.repository.versions import Version

V5 = Version("here", 5)

COMMANDS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "known_version": lambda store: store.known_version("Pop"),
    "advance": lambda store: store.advance("Pop", V5, owner="mine", lost=7),
    "fetch": lambda store: store.fetch("Pop", ["core"], size=1),
    "put": lambda store: store.put("Pop", V5, {"core": b"x"}, ttl=10, renew=True),
    "lock": lambda store: store.lock("Pop", "mine", 5),
    "unlock": lambda store: store.unlock("Pop", "mine"),
    "discard": lambda store: store.discard("Pop"),
    "ping": lambda store: store.ping(),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_without_redis_every_command_is_unavailable(
    command: Callable[[Store], Awaitable[object]],
) -> None:
    with pytest.raises(StoreUnavailable, match="no Redis"):
        await command(NoStore())


async def test_without_redis_closing_does_nothing() -> None:
    await NoStore().close()
