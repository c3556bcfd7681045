"""CI compares azure.yaml with one known version of its published schema, and with no other."""

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra.programs import write_program

SCRIPT = REPOSITORY / ".github" / "azure-yaml.sh"
CURL = """
while [ "$1" != --output ]; do shift; done
printf "%s" "$PUBLISHED" >"$2"
echo "$3" >>"$ASKED"
"""
UVX = """
echo "$1 $2 $(cat "$3") $4" >>"$ASKED"
"""


def programs(folder: Path) -> str:
    for name, text in (("curl", CURL), ("uvx", UVX)):
        write_program(folder / name, text)
    return f"{folder}:{os.environ['PATH']}"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script, which expects the digest of `known` here."""
    text = SCRIPT.read_text("utf-8")
    digest = hashlib.sha256(b"known").hexdigest()
    (tmp_path / ".github").mkdir()
    path = tmp_path / ".github" / SCRIPT.name
    path.write_text(re.sub("(?m)^digest=.*", f"digest={digest}", text), "utf-8")
    path.chmod(0o755)
    return path


def run(script: Path, folder: Path, published: str) -> tuple[subprocess.CompletedProcess[str], str]:
    asked = folder / "asked"
    environment = {"PATH": programs(folder), "ASKED": str(asked), "PUBLISHED": published}
    done = subprocess.run(
        [script], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done, asked.read_text("utf-8")


def test_the_file_is_compared_with_the_schema_of_one_commit(script: Path, tmp_path: Path) -> None:
    done, asked = run(script, tmp_path, "known")
    url, compared = asked.splitlines()
    assert re.search(r"/Azure/azure-dev/[0-9a-f]{40}/schemas/v1.0/azure.yaml.json$", url)
    assert compared.endswith(" --schemafile known azure.yaml")
    assert done.returncode == 0


def test_another_schema_is_refused(script: Path, tmp_path: Path) -> None:
    done, asked = run(script, tmp_path, "changed")
    assert "schemafile" not in asked
    assert "its SHA-256 differs" in done.stderr
    assert done.returncode == 1
