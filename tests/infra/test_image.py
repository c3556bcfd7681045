"""Builds the Dockerfile: the content of the image, and that its app answers."""

import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from uv import find_uv_bin

from function_app import ROUTES
from local.host import READY
from local.hosted import REPOSITORY
from tests.infra import base_image, host_packages
from tests.infra.buildah import Buildah
from tests.services.required_service import required_service

pytestmark = pytest.mark.long

BASE = "localhost/base"
ROOT = "/home/site/wwwroot"
PACKAGES = f"{ROOT}/.python_packages/lib/site-packages"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MEGABYTES = 200
"""The most that the app and its packages may take, without the base image."""

START_SECONDS = 60


@dataclass(frozen=True)
class Image:
    buildah: Buildah
    container: str
    files: Path
    """The container's root folder."""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    with required_service():
        buildah = Buildah(tmp_path_factory.mktemp("buildah"))
    with closing(buildah):
        _base(buildah)
        _build(buildah, "app", COMMIT=COMMIT)
        container = buildah("from", "--pull-never", "app")
        yield Image(buildah, container, Path(buildah("mount", container)))


def _base(buildah: Buildah) -> None:
    container = buildah("from", "scratch")
    base_image.copy_into(Path(buildah("mount", container)))
    variables = (f"--env={name}={value}" for name, value in base_image.environment().items())
    buildah("config", *variables, container)
    buildah("commit", "--quiet", "--rm", container, BASE)


def _build(buildah: Buildah, tag: str, **args: str) -> None:
    volumes = {_uv_cache(): "/var/cache/uv"}
    buildah.build(REPOSITORY, base=BASE, tag=tag, volumes=volumes, **args)


def _uv_cache() -> Path:
    """Return the cache of the packages that `make` installed, to avoid downloads."""
    told = subprocess.run([find_uv_bin(), "cache", "dir"], check=True, capture_output=True)
    cache = Path(told.stdout.decode().strip())
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def test_the_image_serves_its_commit_as_a_user_who_is_not_root(
    image: Image, tmp_path: Path
) -> None:
    host_packages.copy_into(tmp_path)
    tmp_path.chmod(0o755)
    paths = f"{PACKAGES}:/worker"
    serve = ("python", "-m", "local.host", "--port=0", f"--app-dir={ROOT}")
    with image.buildah.start(
        image.container, {tmp_path: "/worker"}, serve, PYTHONPATH=paths, PYTHONUNBUFFERED="1"
    ) as host:
        host.wait_until(lambda: READY in host.output(), START_SECONDS)
        url = host.output().rpartition(READY)[2].split()[0]
        answer = httpx.get(f"{url}/api/version", timeout=60)
    assert answer.json()["commit"] == COMMIT


def test_it_migrates_a_database_as_the_workflow_has_it_do(image: Image) -> None:
    migrate = (REPOSITORY / "infra" / "migrate.sh").read_text("utf-8")
    path = migrate.partition("export PYTHONPATH=")[2].partition("\n")[0]
    command = migrate.rpartition('"$1" python')[2].partition("\n")[0].split()
    variables = (f"--env=PYTHONPATH={path}", "--env=SQLITE_PATH=/tmp/data.sqlite")
    said = image.buildah("run", *variables, image.container, "--", "python", *command)
    assert "The database is up to date." in said


def test_its_user_may_change_nothing_of_the_app(image: Image) -> None:
    said = image.buildah("run", image.container, "--", "sh", "-c", f"id -u; mkdir {ROOT}/x; true")
    assert said == "1654"
    assert not (image.files / ROOT[1:] / "x").exists()


def test_it_can_be_built_to_run_as_root_where_another_user_cannot_start(image: Image) -> None:
    _build(image.buildah, "root", COMMIT=COMMIT, RUN_AS="0")
    container = image.buildah("from", "--pull-never", "root")
    assert image.buildah("run", container, "--", "id", "-u") == "0"


def test_only_what_runs_is_in_it(image: Image) -> None:
    app = image.files / ROOT[1:]
    assert {path.name for path in app.iterdir()} == {
        ".python_packages",
        "function_app.py",
        "host.json",
        "shared",
    }
    assert not any("test" in path.name for path in (app / "shared").rglob("*"))


def test_no_package_of_a_developer_is_in_it(image: Image) -> None:
    installed = {path.name for path in (image.files / PACKAGES[1:]).iterdir()}
    assert "azure" in installed
    assert installed.isdisjoint({"pytest", "mypy", "azure_functions_runtime", "uvicorn", "pip"})


def test_it_is_small(image: Image) -> None:
    sizes = (file.lstat().st_size for file in (image.files / ROOT[1:]).rglob("*"))
    assert sum(sizes) < MEGABYTES * 1e6


def test_every_module_is_compiled_since_its_user_may_not_write_there(image: Image) -> None:
    shared = image.files / ROOT[1:] / "shared"
    modules = {path.stem for path in shared.glob("*.py")}
    assert modules == {path.name.split(".")[0] for path in (shared / "__pycache__").iterdir()}


def test_its_label_and_its_health_check(image: Image) -> None:
    config = image.buildah.inspect("app")
    assert config["Labels"]["org.opencontainers.image.revision"] == COMMIT
    *_, url = config["Healthcheck"]["Test"]
    assert url.removeprefix("http://127.0.0.1:8080/") in {route.path for route in ROUTES}


def test_no_variable_of_it_is_a_secret(image: Image) -> None:
    names = {text.partition("=")[0] for text in image.buildah.inspect("app")["Env"]}
    secret = ("KEY", "SECRET", "PASSWORD", "TOKEN", "CONNECTION_STRING", "CREDENTIALS")
    assert not [name for name in names if name.upper().endswith(secret)]
