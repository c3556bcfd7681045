"""schemathesis against the served document: no 500, no answer outside it, for good and bad data."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from function_app import ROUTES
from tests.api.emulator_users import new_user
from tests.api.running_product import Product, running_product
from tests.services.redis import RedisFactory

pytestmark = pytest.mark.long

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "15"))
"""Random cases per operation; the long mode is SCHEMATHESIS_EXAMPLES=1000, some 15 minutes."""

SECONDS = 300 + EXAMPLES * 30


@pytest.fixture
def small_product(
    loaded_file: Path, tmp_path: Path, redis_server: RedisFactory, auth_emulator: str
) -> Iterator[Product]:
    """With short lists: each answer is validated against its schema."""
    settings = {"FEATURES_LIMIT": "100"}
    url = redis_server().url
    with running_product(loaded_file, tmp_path, url, auth_emulator, **settings) as running:
        yield running


def test_every_answer_to_good_and_bad_data_is_one_that_the_document_describes(
    small_product: Product, auth_emulator: str, tmp_path: Path
) -> None:
    tokens = {
        "TOKEN": new_user(auth_emulator, "admin").token,
        "LOGOUT_TOKEN": new_user(auth_emulator).token,
    }
    program = Path(sys.executable).with_name("schemathesis")
    # From a file: of a document that it loads by URL, schemathesis leaves that URL out.
    document = tmp_path / "openapi.json"
    document.write_bytes(small_product.client.get("/openapi.json").content)
    command = [str(program), "--config-file", str(CONFIG), "run", str(document)]
    options = [
        f"--url={small_product.url}",
        "--checks=all",
        "--continue-on-failure",
        f"--max-examples={EXAMPLES}",
    ]
    ended = subprocess.run(  # noqa: S603 -- a program of the development packages
        [*command, *options],
        cwd=tmp_path,
        env={**os.environ, **tokens},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    log = small_product.app.host.output()
    assert ended.returncode == 0, ended.stdout + ended.stderr + log
    assert f"Tested: {sum(len(route.methods) for route in ROUTES)}" in ended.stdout, ended.stdout
    assert small_product.client.get("/api/health").json()["status"] == "up"
