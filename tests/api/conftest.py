"""The API on a real SQLite and the real Auth emulator; with a shared store where a test asks."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.services import AUTH_PROJECT
from shared.auth.firebase import EMULATOR_VARIABLE
from shared.cache.circuit_breaker import CircuitBreaker
from shared.repository.sqlite import sqlite_engine
from shared.services import Services
from shared.settings import Settings
from tests.api.client import Api, MakeApi
from tests.api.people import Person, new_person
from tests.api.product import Product, running_product
from tests.services.databases import MakeDatabase
from tests.services.long_timeouts import use_long_timeouts
from tests.services.redis import RedisFactory


@pytest.fixture
def data_file(loaded_file: Path, tmp_path: Path) -> Path:
    """This test's own database with the sample in it."""
    return Path(shutil.copy(loaded_file, tmp_path / "data.sqlite"))


@pytest.fixture
async def make_api(
    data_file: Path, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeApi]:
    """`make_api(redis_url=..., lists=...)`: settings and dependencies by name; the rest is real."""
    monkeypatch.setenv(EMULATOR_VARIABLE, "")
    # What is asked here is not how fast services answer: that is asked in tests/faults.
    use_long_timeouts(monkeypatch.setattr)
    made: list[Services] = []

    def make(**changes: Any) -> Api:
        given = {name: changes.pop(name) for name in [*changes] if name in Settings.model_fields}
        settings = Settings.load(sqlite_path=data_file, **given)
        changes.setdefault(
            "database",
            database_on(sqlite_engine(data_file, 8), features_limit=settings.features_limit),
        )
        made.append(Services(settings, **changes))
        return Api(made[-1])

    yield make
    for services in made:
        await services.background.drain()
        await _disconnect(services)


async def _disconnect(services: Services) -> None:
    """The app never closes anything: the platform kills it. A test does not leave sockets."""
    built = vars(services)
    if isinstance(breaker := built.get("store"), CircuitBreaker):
        adapter: Any = breaker._store
        await adapter.close()
    if "identity" in built:
        await built["identity"].accounts.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """Without Redis and without Firebase: whatever a public route needs."""
    return make_api()


@pytest.fixture
def identified_api(make_api: MakeApi, auth_emulator: str) -> Api:
    """With the Auth emulator."""
    return make_api(**identity_settings(auth_emulator))


@pytest.fixture(scope="session")
def reader(auth_emulator: str) -> Person:
    return new_person(auth_emulator)


@pytest.fixture(scope="session")
def editor(auth_emulator: str) -> Person:
    return new_person(auth_emulator, "editor")


@pytest.fixture(scope="session")
def admin(auth_emulator: str) -> Person:
    return new_person(auth_emulator, "admin")


@pytest.fixture(scope="module")
def product(
    loaded_file: Path,
    redis_server: RedisFactory,
    auth_emulator: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The whole product with the sample, a Redis of its own and the emulator; for one module."""
    folder, redis = tmp_path_factory.mktemp("product"), redis_server()
    with running_product(loaded_file, folder, redis.url, auth_emulator) as running:
        yield running


def identity_settings(emulator: str) -> dict[str, str]:
    return {
        "firebase_auth_emulator_host": emulator,
        "firebase_project_id": AUTH_PROJECT,
        "firebase_api_key": "emulator",
    }
