"""For each module: a product that exports to a sink, with a Redis of its own.

It has the packages of requirements.txt alone.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.api.emulator_users import SignedInUser, new_user
from tests.api.running_product import Product
from tests.services.redis import RedisFactory, RedisServer
from tests.telemetry.exporting_product import exporting_product
from tests.telemetry.ingestion_sink import Sink, running_sink


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def redis(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


@pytest.fixture(scope="module")
def settings(redis: RedisServer) -> Mapping[str, str]:
    """The product's settings, as environment variables."""
    return {"REDIS_URL": redis.url}


@pytest.fixture(scope="module")
def product(
    *,
    sink: Sink,
    settings: Mapping[str, str],
    loaded_file: Path,
    auth_emulator: str,
    image_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    folder, url = tmp_path_factory.mktemp("product"), settings["REDIS_URL"]
    with exporting_product(
        sink, loaded_file, folder, url, auth_emulator, python=image_python, **settings
    ) as running:
        yield running


@pytest.fixture(scope="session")
def editor(auth_emulator: str) -> SignedInUser:
    return new_user(auth_emulator, "editor")
