"""The contenders: how an instance of each is started, and who may write."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.editor import editor_headers
from benchmarks.servers import RIVALS_VENV
from benchmarks.staleness.instances import Pair, Start, running_pair
from local.hosted import REPOSITORY, start_host
from local.process import Child
from local.services import AUTH_PROJECT, start_auth_emulator
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Contender:
    """`empties_every_list`: a write of one genre removes the lists of all from Redis."""

    key: str
    title: str
    start: Start
    empties_every_list: bool = False
    needs_sign_in: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """What the product needs so that a caller may write."""

    settings: Mapping[str, str]
    headers: Mapping[str, str]


NOBODY: Final = Access({}, {})

DEFAULTS: Final = {"RUN_FILE": os.devnull} | {name.upper(): "" for name in Settings.model_fields}
"""Without the settings of this terminal and of a `make run` that runs: empty means the default."""


def _rival(name: str) -> Start:
    """Run a rival under uvicorn, as its users would."""

    def start(settings: Mapping[str, str], port: int) -> Child:
        command = [str(RIVALS_VENV / "bin" / "python"), "-m", "uvicorn"]
        command += [f"benchmarks.rivals.{name}:app", f"--port={port}", "--log-level=critical"]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), **settings}
        return Child(command, env=environment, cwd=REPOSITORY)

    return start


def _product(settings: Mapping[str, str], port: int) -> Child:
    return start_host(REPOSITORY, settings, port=port)


NAIVE: Final = Contender("naive", "naive", _rival("naive"))
PRODUCT: Final = Contender("smart_cache", "Smart Cache", _product, needs_sign_in=True)
CONTENDERS: Final = (
    NAIVE,
    Contender("naive_double_delete", "naive, deletes twice", _rival("naive_double_delete")),
    Contender(
        "fastapi_cache2", "fastapi-cache2", _rival("fastapi_cache2"), empties_every_list=True
    ),
    Contender("cashews_bytes", "cashews", _rival("cashews_bytes")),
    PRODUCT,
)


@contextmanager
def auth_emulator() -> Iterator[Mapping[str, str]]:
    """Run the Auth emulator; yield the settings that lead the product to it."""
    emulator = start_auth_emulator().wait()
    with emulator.process:
        yield {
            **DEFAULTS,
            "FIREBASE_PROJECT_ID": AUTH_PROJECT,
            "FIREBASE_API_KEY": "emulator",
            "FIREBASE_AUTH_EMULATOR_HOST": emulator.address,
        }


@contextmanager
def editor(template: Path) -> Iterator[Access]:
    """Run the Auth emulator with one user who may write."""
    with auth_emulator() as settings:
        with running_pair(PRODUCT.start, template, settings) as pair:
            signed_in = sign_in(pair, settings)
        yield Access(settings, signed_in.headers)


def sign_in(pair: Pair, settings: Mapping[str, str]) -> Pair:
    """Return the pair with the headers of a new user who may write."""
    url = f"http://127.0.0.1:{pair.instances[0].port}"
    return replace(pair, headers=editor_headers(url, settings))
