"""`secrets.sh`: Firebase's two secrets get into the vault, and nowhere else."""

import json
import subprocess
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra.conftest import ACCOUNT, KEY, written
from tests.infra.stand_ins import GROUP, StandIns

NAMES = {"GROUP": GROUP, "VAULT": "music-vault", "FIREBASE_PROJECT_ID": "music"}
ROLE = (
    "az role assignment create --assignee-object-id ann-id --assignee-principal-type User "
    "--role Key Vault Secrets Officer --scope /subscriptions/1234/resourceGroups/music"
    "/providers/Microsoft.KeyVault/vaults/music-vault --output none"
)


def shown(programs: StandIns, done: subprocess.CompletedProcess[str]) -> str:
    """Everything that a person or another process could have seen."""
    return "\n".join([*programs.asked, done.stdout, done.stderr])


def test_both_secrets_are_stored_and_never_shown(programs: StandIns, files: dict[str, str]) -> None:
    done = programs.run("infra/secrets.sh", **NAMES, **files)
    assert done.returncode == 0, done.stderr
    assert programs.azure["secrets"]["firebase-api-key"] == KEY
    assert json.loads(programs.azure["secrets"]["firebase-credentials"]) == ACCOUNT
    assert KEY not in shown(programs, done)
    assert "PRIVATE KEY" not in shown(programs, done)
    stores = [call for call in programs.asked if "secret set" in call]
    assert len(stores) == 2
    assert all("--encoding utf-8 --output none" in call for call in stores)


def test_a_key_that_is_typed_is_not_shown_and_leaves_no_file(
    programs: StandIns, files: dict[str, str], tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    file = files["FIREBASE_CREDENTIALS_FILE"]
    typed = f"{file}\n{KEY}\n"
    done = programs.run("infra/secrets.sh", answers=typed, **NAMES, TMPDIR=str(temporary))
    assert done.returncode == 0, done.stderr
    assert programs.azure["secrets"]["firebase-api-key"] == KEY
    assert KEY not in shown(programs, done)
    assert list(temporary.iterdir()) == []


def test_the_role_is_given_once_and_waited_for(programs: StandIns, files: dict[str, str]) -> None:
    programs.azure["tries_until_role"] = 7
    assert programs.run("infra/secrets.sh", **NAMES, **files).returncode == 0
    assert [call for call in programs.asked if "role assignment" in call] == [ROLE]


def test_a_role_that_does_not_come_is_given_up(programs: StandIns, files: dict[str, str]) -> None:
    programs.azure["tries_until_role"] = 100
    done = programs.run("infra/secrets.sh", **NAMES, **files)
    assert done.returncode == 1
    assert "still refuses you, 5 minutes after" in done.stderr
    assert programs.azure["secrets"] == {}


def test_secrets_that_are_there_are_kept(programs: StandIns, files: dict[str, str]) -> None:
    programs.run("infra/secrets.sh", **NAMES, **files)
    programs.forget()
    assert programs.run("infra/secrets.sh", **NAMES).returncode == 0
    assert programs.changes == []


def test_a_file_below_the_home_folder_is_found_by_its_tilde(
    programs: StandIns, files: dict[str, str], tmp_path: Path
) -> None:
    inside = {name: path.replace(str(tmp_path), "~") for name, path in files.items()}
    assert all(path.startswith("~/") for path in inside.values())
    done = programs.run("infra/secrets.sh", **NAMES, **inside, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert programs.azure["secrets"].keys() == {"firebase-api-key", "firebase-credentials"}


def test_secrets_are_replaced_when_that_is_asked_for(
    programs: StandIns, files: dict[str, str]
) -> None:
    programs.azure |= {"secrets": {"firebase-api-key": "old"}, "roles": ["Owner"]}
    done = programs.run("infra/secrets.sh", **NAMES, **files, REPLACE="true", APP="music-app")
    assert done.returncode == 0
    assert "/sites/music-app/config/configreferences/appsettings/refresh?" in done.stderr
    assert programs.azure["secrets"]["firebase-api-key"] == KEY


def test_without_a_terminal_it_says_how_to_give_the_files(programs: StandIns) -> None:
    done = programs.run("infra/secrets.sh", **NAMES)
    assert done.returncode == 1
    assert "azd env set FIREBASE_CREDENTIALS_FILE PATH" in done.stderr


def test_the_terminal_does_not_show_the_key_while_it_is_typed() -> None:
    """A terminal shows what is typed before the script runs, so the option is looked for."""
    script = (REPOSITORY / "infra" / "secrets.sh").read_text("utf-8")
    assert [line.split()[:2] for line in script.splitlines() if line.endswith(" key")] == [
        ["read", "-rsp"]
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"project_id": "another"}, "belongs to another project"),
        ({"type": "authorized_user"}, "is no service account's key file"),
        ({"private_key": ""}, "has no private_key"),
    ],
)
def test_a_file_that_is_no_service_account_of_the_project_is_not_stored(
    programs: StandIns, tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    file = written(tmp_path, **changes)
    done = programs.run("infra/secrets.sh", **NAMES, FIREBASE_CREDENTIALS_FILE=file)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "PRIVATE KEY" not in done.stderr
    assert programs.azure["secrets"] == {}
