"""`redis_server`: starts Redis servers, which tests can freeze, kill and restart."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from local.redis_server import RedisServer
from tests.services.required_service import required_service

__all__ = ["RedisFactory", "RedisServer", "redis_server"]


class RedisFactory(Protocol):
    def __call__(self, *arguments: str) -> RedisServer: ...


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisFactory]:
    """`redis_server("--maxmemory", "50mb")` starts a server, which stops with the session."""
    with ExitStack() as running:

        def start(*arguments: str) -> RedisServer:
            with required_service():
                return running.enter_context(
                    RedisServer(tmp_path_factory.mktemp("redis"), arguments)
                )

        yield start
