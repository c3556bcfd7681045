"""A product that exports to a sink, with a Redis of its own; one for each module."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.catalog.sql.bulk import BulkLoad
from shared.catalog.sql.sqlite import sqlite_engine
from shared.ingest.load import load
from shared.ingest.reader import read
from tests.api.data import write_sample
from tests.api.people import Person, new_person
from tests.api.product import Product
from tests.services.redis import RedisFactory, RedisServer
from tests.telemetry.observed import observed_product
from tests.telemetry.sink import Sink, running_sink


@pytest.fixture(scope="session")
def sample_data(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("observed")
    path = Path(shutil.copy(migrated_file, folder / "loaded.sqlite"))
    engine = sqlite_engine(path, 1)
    with write_sample(folder / "sample.csv").open("rb") as stream:
        load(read(stream), BulkLoad(engine, 100_000, "sample"))
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with running_sink() as running:
        yield running


@pytest.fixture(scope="module")
def redis(redis_server: RedisFactory) -> RedisServer:
    return redis_server()


@pytest.fixture(scope="module")
def product(
    sink: Sink,
    redis: RedisServer,
    sample_data: Path,
    auth_emulator: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    with observed_product(sink, sample_data, folder, redis.url, auth_emulator) as running:
        yield running


@pytest.fixture(scope="session")
def editor(auth_emulator: str) -> Person:
    return new_person(auth_emulator, "editor")
