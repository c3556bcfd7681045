"""The warm-up of a new instance fills its memory, and fails no start while a service is down."""

import os
from pathlib import Path

import httpx
import pytest

from local.hosted import hosted_app
from shared.handlers import features
from shared.http.app import create_app
from shared.http.route import Access, Route
from tests.api.api_client import MakeApi
from tests.services.long_timeouts import LONG_SECONDS, app_with_long_timeouts

FAILED = "The warm-up failed, the first reads will take longer"
NO_SERVER = "127.0.0.1:1"


def env(database: Path, **settings: str) -> dict[str, str]:
    return {"SQLITE_PATH": str(database), "WARM_UP": "true", **settings}


def test_it_fills_the_memory_though_redis_and_firebase_are_unavailable(
    loaded_file: Path, tmp_path: Path
) -> None:
    services = {"REDIS_URL": f"redis://{NO_SERVER}", "FIREBASE_AUTH_EMULATOR_HOST": NO_SERVER}
    settings = env(loaded_file, FIREBASE_PROJECT_ID="demo-none", **services)
    with hosted_app(app_with_long_timeouts(tmp_path, redis=False), settings) as app:
        answer = httpx.head(f"{app.url}/features", timeout=LONG_SECONDS)
        assert answer.status_code == 200
        assert "detail=memory" in answer.headers["Cache-Status"]
        assert FAILED not in app.host.output()


@pytest.mark.parametrize("damage", ["missing", "not a database"])
def test_without_sql_it_is_logged_and_the_instance_serves(tmp_path: Path, damage: str) -> None:
    database = tmp_path / "database"
    if damage == "missing":
        database /= "in no folder"
    else:
        database.write_bytes(os.urandom(8192))
    with hosted_app(app_with_long_timeouts(tmp_path), env(database)) as app:
        output = app.host.output()
        assert FAILED in output
        assert "Traceback" not in output
        assert "warmup failed" not in output
        assert httpx.get(f"{app.url}/api/version", timeout=LONG_SECONDS).status_code == 200


async def test_a_fault_of_ours_is_logged_with_its_traceback(
    make_api: MakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    services = make_api(reader=object()).services
    route = Route("features", "features", ("GET",), Access.PUBLIC, features.read_all)
    functions = create_app((route,), services).get_functions()
    (warm_up,) = (one for one in functions if one.get_function_name() == "warmup")
    await warm_up.get_user_function()(None)
    assert f"{FAILED}\nTraceback" in caplog.text
