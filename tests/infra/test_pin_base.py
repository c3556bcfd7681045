"""The script that names the base image by its digest, with a stand-in for the registry."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra.programs import write_program

DIGEST = f"sha256:{'0a' * 32}"
CURL = r"""
printf '%s\n' "$@" >>"$ASKED"
printf 'HTTP/2 200 \r\nDocker-Content-Digest: %s\r\nserver: none\r\n\r\n' "$DIGEST"
"""


def dockerfile(folder: Path) -> str:
    return (folder / "Dockerfile").read_text("utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    shutil.copy(REPOSITORY / "infra" / "pin-base.sh", tmp_path / "infra")
    unpinned = re.sub(r"@sha256:\w+", "", dockerfile(REPOSITORY))
    (tmp_path / "Dockerfile").write_text(unpinned, "utf-8")
    write_program(tmp_path / "curl", CURL)
    return tmp_path


def base(folder: Path) -> str:
    [line] = [line for line in dockerfile(folder).splitlines() if line.endswith(" AS base")]
    return line.split()[1]


def pin(checkout: Path, digest: str = DIGEST) -> subprocess.CompletedProcess[str]:
    path = f"{checkout}:{os.environ['PATH']}"
    environment = {"PATH": path, "ASKED": str(checkout / "asked"), "DIGEST": digest}
    return subprocess.run(
        [checkout / "infra" / "pin-base.sh"],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_it_asks_the_registry_and_writes_the_digest_beside_the_tag(checkout: Path) -> None:
    before, said = dockerfile(checkout), pin(checkout)
    assert said.returncode == 0
    assert said.stdout.strip() == base(checkout)
    assert dockerfile(checkout).replace(f"@{DIGEST}", "") == before
    asked = (checkout / "asked").read_text().splitlines()
    assert asked[-1] == "https://mcr.microsoft.com/v2/azure-functions/python/manifests/4-python3.13"
    assert {path.name for path in checkout.iterdir()} == {"infra", "Dockerfile", "curl", "asked"}


def test_a_digest_that_is_there_stays(checkout: Path) -> None:
    pin(checkout)
    again = pin(checkout, f"sha256:{'0b' * 32}")
    assert again.stdout.strip() == base(checkout)
    assert base(checkout).endswith(DIGEST)
    assert (checkout / "asked").read_text().count("https://") == 1


def test_an_answer_without_a_digest_changes_nothing(checkout: Path) -> None:
    before, said = dockerfile(checkout), pin(checkout, "")
    assert said.returncode == 1
    assert "has no digest" in said.stderr
    assert dockerfile(checkout) == before


def test_the_dockerfile_takes_one_image_from_a_registry_in_one_place() -> None:
    taken = [line for line in dockerfile(REPOSITORY).splitlines() if line.startswith("FROM ")]
    assert [line.split()[1] for line in taken[1:]] == ["base"] * (len(taken) - 1)
