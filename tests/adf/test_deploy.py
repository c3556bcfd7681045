"""`adf/deploy.sh` with a fake `az`, which records its calls."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from checks.adf.rules import findings

ROOT = Path(__file__).parents[2]
SUBSCRIPTION = "12345678-1234-1234-1234-123456789012"
NAMES = {
    "GROUP": "music",
    "FACTORY": "music-factory",
    "STORAGE": "musicdata",
    "SQL_SERVER": "music-sql.database.windows.net",
    "DATABASE": "tracks",
}
AZ = f"""#!/usr/bin/env bash
path=${{5##*factories/}}
case "$1 $2 $3 $path" in
  "account show"*) echo {SUBSCRIPTION} ;;
  "group show"*) echo northeurope ;;
  *" get "*/triggers/*) [ -e "$ASKED/trigger" ] || {{ echo EntityNotFound >&2; exit 1; }}
    cat "$ASKED/trigger" ;;
  *" get "*) [ "$EXISTS" = yes ] || {{ echo "${{REFUSAL:-ResourceNotFound}}" >&2; exit 1; }} ;;
  *)
    [ "$3" != "${{REFUSED:-}}" ] || exit 3
    echo "$3 $path" >>"$ASKED/calls"
    case "$path" in *start*) echo Started ;; *) echo Stopped ;; esac >"$ASKED/trigger"
    for argument; do
      case "$argument" in @*) cp "${{argument#@}}" "$ASKED/$(basename "${{argument#@}}")" ;; esac
    done ;;
esac
"""


@pytest.fixture
def az(tmp_path: Path) -> dict[str, str]:
    """The environment, with the fake `az` first on the PATH."""
    program = tmp_path / "bin" / "az"
    program.parent.mkdir()
    program.write_text(AZ)
    program.chmod(0o755)
    asked = tmp_path / "asked"
    asked.mkdir()
    path = f"{program.parent}:{os.environ['PATH']}"
    return {"PATH": path, "ASKED": str(asked), "EXISTS": "no", "PAUSE_SECONDS": "0", **NAMES}


def deploy(variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [ROOT / "adf" / "deploy.sh"], env=variables, capture_output=True, text=True, check=False
    )


def test_every_resource_is_put_after_what_it_refers_to(az: dict[str, str]) -> None:
    assert deploy(az).returncode == 0
    version = "?api-version=2018-06-01"
    assert Path(az["ASKED"], "calls").read_text().splitlines() == [
        f"{method} music-factory{path}{version}"
        for method, path in (
            ("put", ""),
            ("put", "/linkedservices/database"),
            ("put", "/linkedservices/storage"),
            ("put", "/datasets/features_staging"),
            ("put", "/datasets/spotify_csv"),
            ("put", "/pipelines/load_spotify_features"),
            ("put", "/triggers/new_csv"),
            ("post", "/triggers/new_csv/start"),
        )
    ]


def test_a_factory_that_is_there_keeps_its_settings(az: dict[str, str]) -> None:
    assert deploy(az | {"EXISTS": "yes"}).returncode == 0
    assert not Path(az["ASKED"], "factory.json").exists()


def test_no_example_name_is_left(az: dict[str, str], tmp_path: Path) -> None:
    assert deploy(az).returncode == 0
    adf = Path(shutil.copytree(ROOT / "adf", tmp_path / "adf"))
    for file in Path(az["ASKED"]).glob("*.json"):
        text = file.read_text("utf-8")
        for example in ("smart-cache", "smartcache", "00000000", "westeurope"):
            assert example not in text, file.name
        for found in adf.rglob(file.name):
            found.write_text(text, "utf-8")
    assert findings(adf) == []
    trigger = json.loads((adf / "trigger" / "new_csv.json").read_text("utf-8"))
    assert trigger["properties"]["typeProperties"]["scope"] == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/music"
        "/providers/Microsoft.Storage/storageAccounts/musicdata"
    )


@pytest.mark.parametrize("name", list(NAMES))
def test_a_name_that_is_missing_is_asked_for_before_anything_is_done(
    az: dict[str, str], name: str
) -> None:
    del az[name]
    ended = deploy(az)
    assert ended.returncode != 0
    assert name in ended.stderr
    assert not Path(az["ASKED"], "calls").exists()


def test_a_running_trigger_is_stopped_before_it_is_replaced(az: dict[str, str]) -> None:
    Path(az["ASKED"], "trigger").write_text("Started")
    assert deploy(az | {"EXISTS": "yes"}).returncode == 0
    calls = Path(az["ASKED"], "calls").read_text().splitlines()
    assert "/triggers/new_csv/stop?" in calls[0]
    assert "/triggers/new_csv/start?" in calls[-1]


@pytest.mark.parametrize("refused", ["put", "post"])
def test_a_refusal_of_azure_ends_the_script_and_says_how_to_go_on(
    az: dict[str, str], refused: str
) -> None:
    Path(az["ASKED"], "trigger").write_text("Started")
    done = deploy(az | {"EXISTS": "yes", "REFUSED": refused})
    assert done.returncode == 1
    assert "run: adf/deploy.sh" in done.stderr or "run: infra/trigger.sh stop" in done.stderr


def test_a_factory_that_cannot_be_looked_at_is_not_replaced(az: dict[str, str]) -> None:
    done = deploy(az | {"REFUSAL": "(AuthorizationFailed) no"})
    assert done.returncode == 1
    assert "(AuthorizationFailed) no" in done.stderr
    assert not Path(az["ASKED"], "calls").exists()
