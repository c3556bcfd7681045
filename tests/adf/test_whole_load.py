"""Loads the data set from a blob, again, and with 500 broken lines; the API shows it in time.

Nothing tells the API: it must show what was loaded within CACHE_FRESHNESS_SECONDS. The data set has
a twentieth of its size, or with `WHOLE_DATA_SET=1` all 232,725 records. The log has the times.
"""

import io
import logging
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from azure.storage.blob import BlobServiceClient

from local.sample_data import write
from local.sample_data_shape import ROWS
from shared.repository.tables import features, features_rejected, features_staging
from tests.adf.api_client import Api
from tests.adf.broken_lines import SKIPPED, Broken, broken_lines, interleaved
from tests.adf.conftest import PIPELINE
from tests.adf.rehearsal.outcome import Status
from tests.adf.rehearsal.run import rehearse
from tests.adf.rehearsal.world import World
from tests.services.cli_runner import run_cli
from tests.services.functions_host import Serve
from tests.services.long_timeouts import app_with_long_timeouts
from tests.services.redis import RedisFactory
from tests.unit.ingest.data_set import line

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
RECORDS = ROWS if os.environ.get("WHOLE_DATA_SET") else ROWS // 20
BROKEN = 500
FRESHNESS = 1.0
NEW = [line(number, genre="Pop").encode() for number in range(1, 11)]

logger = logging.getLogger(__name__)

type Ran = Callable[[bytes, int], str]
"""Loads a file, of which Copy must skip a number of records; returns the run's id."""


@pytest.fixture(scope="module")
def data_set() -> list[bytes]:
    """The header and the records of the made-up data set."""
    file = io.StringIO()
    for _ in write(file, RECORDS):
        pass
    return file.getvalue().encode().splitlines()


@pytest.fixture
def connection(engine: sa.Engine, request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The settings with which the product uses the test's database."""
    if engine.dialect.name == "sqlite":
        path = request.getfixturevalue("sqlite_file")
        return {"SQLITE_PATH": str(path), "SQL_CONNECTION_STRING": ""}
    return {"SQL_CONNECTION_STRING": str(engine.url.query["odbc_connect"])}


@pytest.fixture
def api(
    serve: Serve, redis_server: RedisFactory, connection: Mapping[str, str], tmp_path: Path
) -> Iterator[Api]:
    """An instance with Redis; without it every read would be validated in SQL."""
    with redis_server() as redis:
        variables = {
            **connection,
            "REDIS_URL": redis.url,
            "CACHE_FRESHNESS_SECONDS": str(FRESHNESS),
            "CACHE_MODE": "auto",
        }
        hosted = serve(app_with_long_timeouts(tmp_path), variables)
        with httpx.Client(base_url=hosted.url, timeout=60) as client:
            yield Api(client, FRESHNESS)


@pytest.fixture
def by_pipeline(world: World) -> Ran:
    def ran(content: bytes, skipped: int) -> str:
        file = f"{uuid.uuid4().hex}.csv"
        world.storage.get_blob_client("raw", file).upload_blob(content)
        run = rehearse(world, PIPELINE, file=file)
        assert run.status is Status.SUCCEEDED, run.message
        output = run.outcomes["Stage the file"].output
        assert output["rowsSkipped"] == skipped
        logger.info("Copy: %s", output)
        return run.run_id

    return ran


@pytest.fixture
def by_cli(
    storage: BlobServiceClient,
    azurite: str,
    connection: Mapping[str, str],
    engine: sa.Engine,
    tmp_path: Path,
) -> Ran:
    variables = {
        **os.environ,
        **connection,
        "PYTHONPATH": str(ROOT),
        "STORAGE_CONNECTION_STRING": azurite,
        "CACHE_MODE": "sql",  # it invalidates nothing in Redis
    }

    def ran(content: bytes, skipped: int) -> str:
        del skipped
        name = f"{uuid.uuid4().hex}.csv"
        storage.get_blob_client("raw", name).upload_blob(content)
        before = _runs(engine)
        ended = run_cli(["load", f"raw/{name}"], cwd=tmp_path, env=variables)
        assert ended.returncode == 0, ended.stderr
        return next(iter(_runs(engine) - before), "")

    return ran


@pytest.fixture(params=["pipeline", "cli"])
def ran(request: pytest.FixtureRequest) -> Ran:
    """Load by the pipeline, and by the CLI."""
    found: Ran = request.getfixturevalue(f"by_{request.param}")
    return found


def test_a_data_set_is_loaded_again_and_with_broken_lines_and_the_api_follows(
    ran: Ran, request: pytest.FixtureRequest, engine: sa.Engine, api: Api, data_set: list[bytes]
) -> None:
    api.genre("Pop")
    _timed("first", ran, b"\n".join(data_set), api)
    assert _count(engine, features) == RECORDS
    tags = api.genre("Pop")[0], api.all()[0]
    pop = len(api.genre("Pop")[1])
    assert len(api.all()[1]) == min(RECORDS, 100_000)

    _timed("again", ran, b"\n".join(data_set), api)
    assert _count(engine, features) == RECORDS
    assert (api.genre("Pop")[0], api.all()[0]) == tags

    staged = "pipeline" in request.node.name
    lines = list(interleaved([*NEW, *data_set[1:]], broken_lines(BROKEN, staged=staged)))
    content = b"\n".join([data_set[0], *(_content(item) for item in lines)])
    skipped = sum(isinstance(item, Broken) and item.kind.staged == SKIPPED for item in lines)
    run_id = _timed("broken", ran, content, api, skipped)
    assert len(api.genre("Pop")[1]) == pop + len(NEW)
    assert _count(engine, features) == RECORDS + len(NEW)
    assert _rejects(engine, run_id) == (_staged(lines) if staged else _read(lines))
    assert _count(engine, features_staging) == 0


def _timed(what: str, ran: Ran, content: bytes, api: Api, skipped: int = 0) -> str:
    started = time.perf_counter()
    run_id = ran(content, skipped)
    ended = time.monotonic()
    logger.info(
        "%s load: %.1f MB in %.1f s", what, len(content) / 1e6, time.perf_counter() - started
    )
    api.after_freshness(ended)
    return run_id


def _content(item: bytes | Broken) -> bytes:
    return item if isinstance(item, bytes) else item.content


def _read(lines: Sequence[bytes | Broken]) -> list[tuple[int, str]]:
    """Return (line, reason) as our reader must: with the line where each record starts."""
    found, number = [], 2
    for item in lines:
        if isinstance(item, Broken):
            found.append((number, item.kind.reason))
        number += _content(item).count(b"\n") + 1
    return found


def _staged(lines: Sequence[bytes | Broken]) -> list[tuple[int, str]]:
    """Return (line, reason) as the procedure must: in the order in which Copy staged them."""
    found, number = [], 2
    for item in lines:
        if isinstance(item, Broken):
            if item.kind.staged == SKIPPED:
                continue
            found.append((number, str(item.kind.staged)))
        number += 1
    return found


def _rejects(engine: sa.Engine, run_id: str) -> list[tuple[int, str]]:
    columns = features_rejected.c
    query = sa.select(columns.line, columns.reason).where(columns.run_id == run_id)
    with engine.connect() as connection:
        return [(row.line, row.reason) for row in connection.execute(query.order_by(columns.line))]


def _runs(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(sa.select(features_rejected.c.run_id).distinct()))


def _count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_every_kind_of_broken_line_is_among_them() -> None:
    staged = Counter(item.kind.reason for item in broken_lines(BROKEN, staged=True))
    read = Counter(item.kind.reason for item in broken_lines(BROKEN, staged=False))
    assert len(read) > len(staged) > 20
    assert min(read.values()) >= 10
