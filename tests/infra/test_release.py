"""The scripts of a deployment, with fake programs that record their calls."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.hosted import REPOSITORY

IMAGE = "registry.example/smart-cache:c0ffee"
AZ = """
[ "$1" = account ] && echo 1234 && exit
echo "$*" >>"$ASKED"
case "$*" in *"get"*staging*) echo staging.example ;; *get*) echo app.example ;; esac
"""
SMOKE = """
echo "smoke ${*:3}" >>"$ASKED"
case " $BROKEN " in *" $3 "*) exit 1 ;; esac
"""
DOCKER = """
echo "$*" >"$ASKED"
token=$(echo "$*" | sed 's/.*--volume \\([^:]*\\):.*/\\1/')
cat "$token" >>"$ASKED"
stat -c ' %a' "$token" >>"$ASKED"
echo "$SQL_CONNECTION_STRING" >>"$ASKED"
"""
CURL = """
cat "${7#@}" >"$ASKED.header"
echo "$8" >"$ASKED.url"
echo '{"value": "signed"}'
"""
SITE = "/subscriptions/1234/resourceGroups/music/providers/Microsoft.Web/sites/music-app"
VERSION = "?api-version=2025-05-01"
SET = (
    f"rest --method patch --uri {SITE}/slots/staging/config/web{VERSION} "
    f'--body {{"properties": {{"linuxFxVersion": "DOCKER|{IMAGE}"}}}} --output none'
)
SHOW = f"rest --method get --uri {SITE}{VERSION} --query properties.defaultHostName --output tsv"
SHOW_STAGING = SHOW.replace(SITE, f"{SITE}/slots/staging")
SWAP = (
    "functionapp deployment slot swap --resource-group music --name music-app "
    "--slot staging --target-slot production --output none"
)


class Programs:
    """Fake programs, first on the PATH; `asked` are the calls that they recorded."""

    def __init__(self, folder: Path, **scripts: str) -> None:
        self._folder, self.file = folder, folder / "asked"
        for name, text in scripts.items():
            (folder / name).write_text(f"#!/usr/bin/env bash\n{text}")
            (folder / name).chmod(0o755)

    def run(self, script: str, *arguments: str, **variables: str) -> int:
        path = f"{self._folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "ASKED": str(self.file), **variables}
        command: list[str | Path] = [REPOSITORY / "infra" / script, *arguments]
        return subprocess.run(command, env=environment, check=False, timeout=120).returncode

    @property
    def asked(self) -> list[str]:
        return self.file.read_text().splitlines()


def release(folder: Path, *, broken: str) -> tuple[int, list[str]]:
    programs = Programs(folder, az=AZ, python3=SMOKE)
    variables = {"GROUP": "music", "APP": "music-app", "BROKEN": broken}
    status = programs.run("release.sh", IMAGE, "c0ffee", **variables)
    return status, programs.asked


TRIED_IN_THE_SLOT = [
    SET,
    SHOW_STAGING,
    "smoke https://staging.example --wait 600 --commit c0ffee",
]
TRIED_IN_PRODUCTION = [SHOW, "smoke https://app.example --wait 120 --commit c0ffee"]


def test_a_release_is_tried_in_the_slot_swapped_and_tried_again(tmp_path: Path) -> None:
    status, asked = release(tmp_path, broken="")
    assert status == 0
    assert asked == [*TRIED_IN_THE_SLOT, SWAP, *TRIED_IN_PRODUCTION]


def test_a_release_that_does_not_work_in_the_slot_never_gets_to_the_users(tmp_path: Path) -> None:
    status, asked = release(tmp_path, broken="https://staging.example")
    assert status == 1
    assert asked == TRIED_IN_THE_SLOT


def test_a_release_that_does_not_work_for_the_users_is_swapped_back(tmp_path: Path) -> None:
    status, asked = release(tmp_path, broken="https://app.example")
    assert status == 1
    assert asked == [
        *TRIED_IN_THE_SLOT,
        SWAP,
        *TRIED_IN_PRODUCTION,
        SWAP,
        SHOW,
        "smoke https://app.example --wait 120 --commit ",
    ]


def test_the_image_migrates_with_the_token_of_the_run(tmp_path: Path) -> None:
    programs = Programs(tmp_path, docker=DOCKER, curl=CURL)
    status = programs.run(
        "migrate.sh",
        IMAGE,
        SQL_SERVER="sql.example",
        DATABASE="tracks",
        AZURE_CLIENT_ID="client",
        AZURE_TENANT_ID="tenant",
        ACTIONS_ID_TOKEN_REQUEST_URL="https://token.example?version=1",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN="secret of the run",
    )
    assert status == 0
    command, token, connection = programs.asked
    assert command.endswith(f" {IMAGE} python -m shared.cli migrate")
    assert "signed" not in command
    assert token == "signed 644"
    assert "Server=tcp:sql.example,1433;Database=tracks;" in connection
    header = Path(f"{programs.file}.header").read_text()
    assert header == "Authorization: bearer secret of the run\n"
    url = Path(f"{programs.file}.url").read_text()
    assert url == "https://token.example?version=1&audience=api://AzureADTokenExchange\n"
    assert not Path(command.split("--volume ")[1].partition(":")[0]).exists()


@pytest.mark.parametrize("script", ["release.sh", "migrate.sh"])
def test_a_script_names_a_missing_variable(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str
) -> None:
    assert Programs(tmp_path).run(script, IMAGE, "c0ffee") == 1
    assert "the " in capfd.readouterr().err
