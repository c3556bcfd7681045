"""Commands that use the app's own services."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # imported when a command runs: SQLAlchemy and redis-py take half a second
    from shared.services import Services
    from shared.settings import Settings

REDIS_SECONDS: Final = 10.0
"""For an answer of a few bytes: Redis may be far from an operator, and Entra's first token slow."""


def run[T](settings: "Settings", work: "Callable[[Services], Awaitable[T]]") -> T:
    """The result of `work`, once all that it started has ended and is closed."""
    from shared.services import Services

    async def main() -> T:
        services = Services(settings, redis_seconds=REDIS_SECONDS)
        try:
            return await work(services)
        finally:
            await services.close()

    return asyncio.run(main())
