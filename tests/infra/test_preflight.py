"""`preflight.sh`: what is missing is said before anything is made, together, with what mends it."""

import re
import subprocess
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra import fake_az
from tests.infra.conftest import written
from tests.infra.programs import write_program
from tests.infra.stand_ins import GROUP, StandIns

AZD = {"AZURE_ENV_NAME": "dev", "AZURE_RESOURCE_GROUP": GROUP, "AZURE_LOCATION": "westeurope"}
ANSWERS = {"FIREBASE_PROJECT_ID": "music", "ALERT_EMAIL": "ann@example.com"}
ADMINISTRATOR = {"SQL_ADMIN_NAME": "ann@example.com", "SQL_ADMIN_OBJECT_ID": "ann-id"}


def preflight(programs: StandIns, **variables: str) -> subprocess.CompletedProcess[str]:
    return programs.run("infra/preflight.sh", **(AZD | ANSWERS | ADMINISTRATOR | variables))


def test_a_machine_and_a_subscription_that_are_ready_pass(
    programs: StandIns, files: dict[str, str]
) -> None:
    done = preflight(programs, **files)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "Everything that a deployment needs is there.\n"
    assert programs.changes == []


def test_no_script_pipes_into_a_program_that_stops_reading() -> None:
    """`grep -q` ends at the first match. What writes to it may then fail, and with it the pipe."""
    scripts = sorted((REPOSITORY / "infra").rglob("*.sh"))
    assert len(scripts) > 10
    found = [path.name for path in scripts if re.search(r"\| *grep -\w*q", path.read_text("utf-8"))]
    assert found == []


PROBLEMS: dict[str, tuple[dict[str, object], str]] = {
    "rights": (
        {"permissions": fake_az.CONTRIBUTOR},
        "/resourceGroups/music: Microsoft.Authorization/roleAssignments/write. Ask for the role",
    ),
    "region": ({"regions": ["East US"]}, "Azure Managed Redis is not offered in westeurope"),
    "quota": ({"quota": "0\t0"}, "no quota left for Functions Premium (EP1) in westeurope"),
    "used quota": ({"quota": "4\t4"}, "no quota left"),
    "sql": ({"editions": 0}, "Azure SQL is not available to this subscription in westeurope"),
    "vault": (
        {"deleted_vaults": "music-v", "refuses": "keyvault recover"},
        "to bring it back: az keyvault recover --name music-v",
    ),
    "vault of a group that is not there": (
        {"deleted_vaults": "music-v", "group": False},
        "Run this, then start again: az group create --name music --location westeurope",
    ),
    "provider": (
        {"registered": [], "refuses": "provider register"},
        "az provider register --namespace Microsoft.Sql --wait",
    ),
    "old az": ({"version": "2.50.0"}, "Run: az upgrade"),
}


@pytest.mark.parametrize("subject", ["", "repo:ana/music"])
def test_only_github_s_preview_needs_the_right_to_make_a_role(
    programs: StandIns, files: dict[str, str], subject: str
) -> None:
    actions = {"actions": ["*"], "notActions": ["Microsoft.Authorization/roleDefinitions/write"]}
    programs.azure["permissions"] = {"value": [actions]}
    done = preflight(programs, **files, OIDC_SUBJECT=subject)
    assert done.returncode == int(bool(subject))
    said = "music: Microsoft.Authorization/roleDefinitions/write. Ask for the role Owner"
    assert (said in done.stderr) == bool(subject)


@pytest.mark.parametrize("kind", list(PROBLEMS))
def test_what_azure_lacks_is_said_with_what_mends_it(
    programs: StandIns, files: dict[str, str], kind: str
) -> None:
    state, sentence = PROBLEMS[kind]
    programs.azure |= state
    done = preflight(programs, **files)
    assert done.returncode == 1
    assert sentence in done.stderr


def test_everything_that_is_wrong_is_said_together(programs: StandIns) -> None:
    programs.azure |= {"quota": "0\t0", "editions": 0}
    done = preflight(programs, ALERT_EMAIL="", SQLCMD_HELP="older", ENVIRONMENT="test")
    problems = re.findall(r"^  - (.*)", done.stderr, re.MULTILINE)
    assert [problem.split()[0] for problem in problems] == [
        *["sqlcmd", "Azure", "The", "ENVIRONMENT", "These"]
    ]
    assert "Nothing was made. This must be mended first:" in done.stderr
    assert programs.changes == []


def test_a_csv_that_is_not_there_is_said_before_anything_is_made(
    programs: StandIns, files: dict[str, str]
) -> None:
    done = preflight(programs, **files, DATA="tracks.csv")
    assert done.returncode == 1
    assert "DATA names no file that can be read: tracks.csv" in done.stderr


@pytest.mark.parametrize(
    ("state", "sentence"), [({"signed_in": False}, "az is not signed in. Run: az login")]
)
def test_without_a_sign_in_nothing_else_is_looked_at(
    programs: StandIns, state: dict[str, object], sentence: str
) -> None:
    programs.azure |= state
    done = preflight(programs)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(programs.asked) == 2


def test_without_az_it_says_where_to_get_it(programs: StandIns) -> None:
    programs.remove("az")
    done = preflight(programs)
    assert done.returncode == 1
    assert "install-azure-cli" in done.stderr


def test_a_python_that_cannot_read_our_files_is_said(
    programs: StandIns, files: dict[str, str]
) -> None:
    write_program(programs.folder / "python3", "exit 1")
    assert "python3 is missing, or older than 3.10" in preflight(programs, **files).stderr


def test_missing_packages_and_drivers_are_said(programs: StandIns, files: dict[str, str]) -> None:
    python = programs.folder / "venv" / "bin" / "python"
    python.write_text(
        "#!/bin/sh\necho 'unixODBC is not installed (apt-get install unixodbc)' >&2\nexit 1\n"
    )
    assert "apt-get install unixodbc" in preflight(programs, **files).stderr
    python.unlink()
    assert "make .venv/ready" in preflight(programs, **files).stderr


def test_a_provider_that_is_missing_is_registered(
    programs: StandIns, files: dict[str, str]
) -> None:
    programs.azure["registered"].remove("Microsoft.EventGrid")
    assert preflight(programs, **files).returncode == 0
    assert programs.changes == [
        "az provider register --namespace Microsoft.EventGrid --wait --output none"
    ]


def test_what_azure_does_not_say_is_no_problem(programs: StandIns, files: dict[str, str]) -> None:
    programs.azure["refuses"] = "permissions|geoRegions|usages|list-editions|list-deleted"
    done = preflight(programs, **files)
    assert done.returncode == 0
    assert done.stderr.count("NOT CHECKED: ") == 5


@pytest.mark.parametrize("terminal", [None, ""])
def test_every_value_that_is_missing_is_said_where_nobody_can_answer(
    programs: StandIns, terminal: str | None
) -> None:
    quiet = {} if terminal is None else {"AZD_NON_INTERACTIVE": "true"}
    done = programs.run("infra/preflight.sh", answers=terminal, **AZD, **quiet)
    assert done.returncode == 1
    assert re.findall(r"^  azd env set (\w+) '...'", done.stderr, re.MULTILINE) == [
        "FIREBASE_PROJECT_ID",
        "ALERT_EMAIL",
        "FIREBASE_CREDENTIALS_FILE",
        "FIREBASE_API_KEY_FILE",
    ]


def test_a_person_is_asked_and_azd_keeps_the_answers(programs: StandIns, tmp_path: Path) -> None:
    account = written(tmp_path)
    typed = f"music\nann@example.com\n{account}\n"
    done = programs.run("infra/preflight.sh", answers=typed, **AZD)
    assert done.returncode == 0, done.stderr
    assert programs.changes == [
        "azd env set FIREBASE_PROJECT_ID music",
        "azd env set ALERT_EMAIL ann@example.com",
        "azd env set SQL_ADMIN_NAME ann@example.com",
        "azd env set SQL_ADMIN_OBJECT_ID ann-id",
        f"azd env set FIREBASE_CREDENTIALS_FILE {account}",
    ]
    assert "You will be asked for Firebase's Web API key" in done.stderr


def test_by_hand_the_answers_are_lines_for_the_shell(
    programs: StandIns, files: dict[str, str]
) -> None:
    here = {"GROUP": GROUP, "LOCATION": "westeurope"}
    done = programs.run("infra/preflight.sh", **here, **ANSWERS, **files)
    assert done.stdout.splitlines() == [
        "export SQL_ADMIN_NAME=ann@example.com",
        "export SQL_ADMIN_OBJECT_ID=ann-id",
    ]
    assert not [call for call in programs.asked if call.startswith("azd")]


@pytest.mark.parametrize("version", ["0.30.3", "none"])
def test_by_hand_an_old_bicep_is_said(
    programs: StandIns, files: dict[str, str], version: str
) -> None:
    programs.azure["bicep"] = version
    here = {"GROUP": GROUP, "LOCATION": "westeurope"}
    done = programs.run("infra/preflight.sh", **here, **ANSWERS, **files)
    assert "Run: az bicep install (or: az bicep upgrade)" in done.stderr


def test_an_application_must_name_a_group_that_administers(
    programs: StandIns, files: dict[str, str]
) -> None:
    programs.azure["person"] = False
    done = programs.run("infra/preflight.sh", **AZD, **ANSWERS, **files)
    assert done.returncode == 1
    for name in ("SQL_ADMIN_NAME", "SQL_ADMIN_OBJECT_ID", "SQL_ADMIN_TYPE"):
        assert f"azd env set {name} '...'" in done.stderr


def test_a_wrong_service_account_is_found_before_anything_is_made(
    programs: StandIns, tmp_path: Path
) -> None:
    file = written(tmp_path, project_id="another")
    done = preflight(programs, FIREBASE_CREDENTIALS_FILE=file, FIREBASE_API_KEY="typed")
    assert done.returncode == 1
    assert "belongs to another project than FIREBASE_PROJECT_ID" in done.stderr


def test_what_is_deployed_needs_no_secrets_and_no_quota_again(programs: StandIns) -> None:
    programs.azure["quota"] = "2\t2"
    assert preflight(programs, VAULT="music-v", APP="music-app").returncode == 0


def test_a_vault_that_was_deleted_with_the_group_comes_back_with_its_secrets(
    programs: StandIns,
) -> None:
    programs.azure["deleted_vaults"] = "music-v"
    done = preflight(programs)
    assert done.returncode == 0
    assert programs.changes == ["az keyvault recover --name music-v --output none"]
    assert "The key vault music-v, which was deleted with this group, is back" in done.stderr


def test_every_provider_of_the_templates_is_registered() -> None:
    infra = REPOSITORY / "infra"
    templates = "".join(path.read_text("utf-8") for path in infra.rglob("*.bicep"))
    used = set(re.findall(r"'Microsoft\.(\w+)/[\w/]+@", templates))
    listed = (infra / "preflight_azure.sh").read_text("utf-8").partition('PROVIDERS="')[2]
    registered = set(listed.partition('"')[0].replace("\\\n", "").split())
    always_there = {"Authorization", "Resources", "Consumption"}
    assert used - always_there <= registered
    assert "EventGrid" in registered  # the trigger subscribes to the storage's events
