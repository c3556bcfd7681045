"""Runs a command's work with the app's own services."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # imported when a command runs: SQLAlchemy and redis-py take half a second
    from shared.services import Services
    from shared.settings import Settings

REDIS_SECONDS: Final = 10.0
"""Timeout of a small Redis command. It is longer than the app's: an operator may be far from Redis,
and the first token from Entra is slow."""


def run[T](settings: "Settings", work: "Callable[[Services], Awaitable[T]]") -> T:
    """Return the result of `work` after its background tasks have ended and all is closed."""
    from shared.services import Services

    async def main() -> T:
        services = Services(settings, redis_seconds=REDIS_SECONDS)
        try:
            return await work(services)
        finally:
            await services.close()

    return asyncio.run(main())
