"""Fixtures of the rehearsal: the factory of `adf/`, Azurite, and each database."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from checks.adf.resources import Factory, read
from tests.adf.rehearsal.outcome import PipelineRun
from tests.adf.rehearsal.run import rehearse
from tests.adf.rehearsal.sqlite_database import Embedded
from tests.adf.rehearsal.tsql_database import TSql
from tests.adf.rehearsal.world import Database, World

ADF = Path(__file__).parents[2] / "adf"
PIPELINE = "load_spotify_features"


class Load(Protocol):
    def __call__(self, content: bytes | None, **parameters: Any) -> PipelineRun: ...


@pytest.fixture(scope="session")
def factory() -> Factory:
    found, findings = read(ADF)
    assert findings == []
    return found


@pytest.fixture(scope="session")
def storage(azurite: str) -> Iterator[BlobServiceClient]:
    """A storage account with the two containers of the pipeline."""
    with BlobServiceClient.from_connection_string(azurite) as service:
        for container in ("raw", "load-logs"):
            try:
                service.create_container(container)
            except ResourceExistsError:
                continue
        yield service


@pytest.fixture
def target(engine: sa.Engine) -> Database:
    """The database of `engine`, for the pipeline's activities."""
    if engine.dialect.name == "sqlite":
        return Embedded(engine)
    return TSql(str(engine.url.query["odbc_connect"]))


@pytest.fixture
def waits() -> list[float]:
    """The seconds between attempts; the rehearsal records them and does not wait."""
    return []


@pytest.fixture
def world(
    factory: Factory, storage: BlobServiceClient, target: Database, waits: list[float]
) -> World:
    return World(factory, storage, target, waits.append)


@pytest.fixture
def load(world: World) -> Load:
    """`load(content)` uploads a file, unless it is None, and runs the pipeline."""

    def run(content: bytes | None, **parameters: Any) -> PipelineRun:
        file = f"{uuid.uuid4().hex}.csv"
        if content is not None:
            world.storage.get_blob_client("raw", f"new/{file}").upload_blob(content)
        return rehearse(world, PIPELINE, folder="new", file=file, **parameters)

    return run
