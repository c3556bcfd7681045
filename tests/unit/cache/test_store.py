"""NoStore: where there is no Redis, every command fails as if it were unavailable."""

from collections.abc import Awaitable, Callable

import pytest

from shared.cache.store import NoStore, Store, StoreUnavailable
from tests.services.store_commands import COMMANDS


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
async def test_without_redis_every_command_is_unavailable(
    command: Callable[[Store], Awaitable[object]],
) -> None:
    with pytest.raises(StoreUnavailable, match="no Redis"):
        await command(NoStore())


async def test_without_redis_closing_does_nothing() -> None:
    await NoStore().close()
