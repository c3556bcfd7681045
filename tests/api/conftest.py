"""Fixtures: the API on a real SQLite database, with Redis or the Auth emulator on request."""

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
from tests.api.api_client import Api, MakeApi
from tests.api.emulator_users import SignedInUser, new_user
from tests.api.running_product import Product, running_product
from tests.services.databases import MakeDatabase
from tests.services.long_timeouts import use_long_timeouts
from tests.services.redis import RedisFactory


@pytest.fixture
def data_file(loaded_file: Path, tmp_path: Path) -> Path:
    """A database with the sample data, for this test alone."""
    return Path(shutil.copy(loaded_file, tmp_path / "data.sqlite"))


@pytest.fixture
async def make_api(
    data_file: Path, database_on: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[MakeApi]:
    """`make_api(redis_url=..., reader=...)`: settings and dependencies by name."""
    monkeypatch.setenv(EMULATOR_VARIABLE, "")
    # These tests do not measure how fast services answer: tests/faults does.
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
    """Close the sockets. The app itself never does: the platform ends its process."""
    built = vars(services)
    if isinstance(breaker := built.get("store"), CircuitBreaker):
        adapter: Any = breaker._store
        await adapter.close()
    if "auth" in built:
        await built["auth"].accounts.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    """Without Redis and without Firebase: enough for the public routes."""
    return make_api()


@pytest.fixture
def auth_api(make_api: MakeApi, auth_emulator: str) -> Api:
    """With the Auth emulator."""
    return make_api(**firebase_settings(auth_emulator))


@pytest.fixture(scope="session")
def reader(auth_emulator: str) -> SignedInUser:
    return new_user(auth_emulator)


@pytest.fixture(scope="session")
def editor(auth_emulator: str) -> SignedInUser:
    return new_user(auth_emulator, "editor")


@pytest.fixture(scope="session")
def admin(auth_emulator: str) -> SignedInUser:
    return new_user(auth_emulator, "admin")


@pytest.fixture(scope="module")
def product(
    loaded_file: Path,
    redis_server: RedisFactory,
    auth_emulator: str,
    image_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Product]:
    """The running product with the sample data, its own Redis and the emulator; one per module.

    It has the packages of requirements.txt alone.
    """
    folder, redis = tmp_path_factory.mktemp("product"), redis_server()
    with running_product(
        loaded_file, folder, redis.url, auth_emulator, python=image_python
    ) as running:
        yield running


def firebase_settings(emulator: str) -> dict[str, str]:
    return {
        "firebase_auth_emulator_host": emulator,
        "firebase_project_id": AUTH_PROJECT,
        "firebase_api_key": "emulator",
    }
