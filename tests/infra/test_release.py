"""`release.sh`, `running.sh` and `outputs.sh`, with stand-ins that record their calls."""

import subprocess

import pytest

from local.hosted import REPOSITORY
from tests.infra.stand_ins import APP, COMMIT, GROUP, IMAGE, SCRIPTS, StandIns

OLD = "DOCKER|registry.example/smart-cache:01d"
BASE = "DOCKER|mcr.microsoft.com/azure-functions/python:4-python3.13"
NAMES = {"GROUP": GROUP, "APP": APP}
SITE = f"/subscriptions/1234/resourceGroups/{GROUP}/providers/Microsoft.Web/sites/{APP}"
SET = (
    f"az rest --method patch --uri {SITE}/slots/staging/config/web?api-version=2025-03-01 "
    f'--body {{"properties": {{"linuxFxVersion": "DOCKER|{IMAGE}"}}}} --output none'
)
SWAP = (
    f"az functionapp deployment slot swap --resource-group {GROUP} --name {APP} "
    "--slot staging --target-slot production --output none"
)
STAGING = "smoke https://staging.example --wait 600 --commit c0ffee"
PRODUCTION = "smoke https://production.example --wait 120 --commit c0ffee"


@pytest.fixture
def released(programs: StandIns) -> StandIns:
    """An app with a release."""
    programs.azure["images"] = {"production": OLD, "staging": OLD}
    return programs


def release(programs: StandIns, broken: str = "") -> subprocess.CompletedProcess[str]:
    return programs.run("infra/release.sh", IMAGE, COMMIT, BROKEN=broken, **NAMES)


def test_a_release_is_tried_in_the_slot_swapped_and_tried_again(released: StandIns) -> None:
    assert release(released).returncode == 0
    assert released.changes == [SET, STAGING, SWAP, PRODUCTION]
    assert released.azure["images"] == {"production": f"DOCKER|{IMAGE}", "staging": OLD}


def test_a_release_that_does_not_work_in_the_slot_never_gets_to_the_users(
    released: StandIns,
) -> None:
    done = release(released, "https://staging.example")
    assert done.returncode == 1
    assert "staging slot; nothing was swapped" in done.stderr
    assert released.changes == [SET, STAGING]


def test_a_release_that_does_not_work_for_the_users_is_swapped_back(released: StandIns) -> None:
    done = release(released, "https://production.example")
    assert done.returncode == 1
    assert "swapping back" in done.stderr
    assert released.changes == [
        *[SET, STAGING, SWAP, PRODUCTION, SWAP],
        "smoke https://production.example --wait 120 --commit ",
    ]
    assert released.azure["images"]["production"] == OLD


def test_the_first_release_replaces_the_base_image_in_the_slot_too(programs: StandIns) -> None:
    programs.azure["images"] = {"production": BASE, "staging": BASE}
    assert release(programs).returncode == 0
    assert programs.changes == [SET, STAGING, SWAP, PRODUCTION, SET]
    assert set(programs.azure["images"].values()) == {f"DOCKER|{IMAGE}"}


def test_a_release_that_is_in_production_is_only_tried(released: StandIns) -> None:
    released.azure["images"]["production"] = f"DOCKER|{IMAGE}"
    assert release(released).returncode == 0
    assert released.changes == [PRODUCTION]


def test_what_runs_is_kept_when_the_infrastructure_is_deployed(released: StandIns) -> None:
    released.azure["images"]["production"] = f"DOCKER|{IMAGE}"
    done = released.run("infra/running.sh", **NAMES)
    assert done.stdout.splitlines() == [
        f"export IMAGE={IMAGE}",
        "export STAGING_IMAGE=registry.example/smart-cache:01d",
        "export BUDGET_START=''",
    ]
    assert released.changes == []


def test_the_month_in_which_the_budget_was_made_is_kept(released: StandIns) -> None:
    """Azure refuses another start date for a budget that exists."""
    released.azure["budget"] = "2026-09-01"
    done = released.run("infra/running.sh", **NAMES)
    assert done.stdout.splitlines()[-1] == "export BUDGET_START=2026-09-01"


def test_without_a_budget_nobody_asks_for_its_month(released: StandIns) -> None:
    released.azure["refuses"] = "Microsoft.Consumption"
    done = released.run("infra/running.sh", **NAMES, MONTHLY_BUDGET="0")
    assert done.stdout.splitlines()[-1] == "export BUDGET_START=''"
    refused = released.run("infra/running.sh", **NAMES)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "MONTHLY_BUDGET=0" in refused.stderr


def test_azd_keeps_what_runs_in_its_environment(released: StandIns) -> None:
    kept = {"AZURE_ENV_NAME": "dev", "STAGING_IMAGE": "registry.example/smart-cache:01d"}
    kept["BUDGET_START"] = ""
    done = released.run("infra/running.sh", **NAMES, **kept)
    assert (done.returncode, done.stdout) == (0, "")
    assert released.changes == ["azd env set IMAGE registry.example/smart-cache:01d"]


@pytest.mark.parametrize("kind", ["Group", "None"])
def test_the_administrator_of_the_server_is_kept(released: StandIns, kind: str) -> None:
    """Azure ignores or refuses another one for a server that is there."""
    released.azure["administrator"] = f"the database's people\tgroup-id\t{kind}"
    someone = {"SQL_ADMIN_NAME": "ann@example.com", "SQL_ADMIN_OBJECT_ID": "ann-id"}
    done = released.run("infra/running.sh", **NAMES, **someone)
    assert done.stdout.splitlines()[3:] == [
        r"export SQL_ADMIN_NAME=the\ database\'s\ people",
        "export SQL_ADMIN_OBJECT_ID=group-id",
        *(["export SQL_ADMIN_TYPE=Group"] if kind == "Group" else []),
    ]
    assert "az sql server ad-admin update --resource-group music --server music-app" in done.stderr


def test_an_unknown_administrator_is_not_deployed_over(released: StandIns) -> None:
    released.azure["refuses"] = "Microsoft.Sql/servers"
    done = released.run("infra/running.sh", **NAMES)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The administrator of the SQL server is unknown" in done.stderr


@pytest.mark.parametrize("app", ["", APP])
def test_without_an_app_no_image_of_an_earlier_one_is_kept(programs: StandIns, app: str) -> None:
    done = programs.run("infra/running.sh", GROUP=GROUP, APP=app, IMAGE="gone.example/old:1")
    names = ("IMAGE", "STAGING_IMAGE", "BUDGET_START")
    assert done.stdout.splitlines() == [f"export {name}=''" for name in names]


def test_an_unknown_image_is_not_deployed_over(released: StandIns) -> None:
    released.azure["refuses"] = "config/web"
    done = released.run("infra/running.sh", **NAMES)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The image that runs in production is unknown" in done.stderr


def test_the_outputs_are_lines_for_the_shell(programs: StandIns) -> None:
    programs.azure["outputs"] = {
        "URL": {"type": "String", "value": "https://music.example"},
        "databasE": {"type": "String", "value": "it's"},
    }
    done = programs.run("infra/outputs.sh", GROUP=GROUP)
    assert done.stdout.splitlines() == [
        "export URL=https://music.example",
        "export DATABASE='it'\"'\"'s'",
    ]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ({"refuses": "deployment group show"}, "The group music has no deployment main"),
        ({"outputs": None}, "az deployment group show --resource-group music --name main"),
    ],
)
def test_a_deployment_without_outputs_is_one_sentence(
    programs: StandIns, state: dict[str, object], sentence: str
) -> None:
    programs.azure |= state
    done = programs.run("infra/outputs.sh", GROUP=GROUP)
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_outputs_of_no_group_are_asked_of_nobody(programs: StandIns) -> None:
    done = programs.run("infra/outputs.sh")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Run: export GROUP=NAME" in done.stderr
    assert programs.asked == []


@pytest.mark.parametrize(
    ("script", "variables"),
    [
        ("outputs", {"GROUP": GROUP}),
        ("running", NAMES),
        ("trigger", {"GROUP": GROUP, "FACTORY": "f"}),
    ],
)
def test_without_az_a_script_says_where_to_get_it(
    programs: StandIns, script: str, variables: dict[str, str]
) -> None:
    programs.remove("az")
    done = programs.run(f"infra/{script}.sh", "start", **variables)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0].endswith("cli/azure/install-azure-cli")
    assert "not found" not in done.stderr


def test_a_script_that_needs_another_program_names_it_and_its_instructions() -> None:
    needs = ". infra/functions.sh; installed no-such-program https://example.org; echo on"
    done = subprocess.run(
        ["bash", "-c", needs], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "no-such-program is not installed. Install it: https://example.org\n"


@pytest.mark.parametrize("script", [name for name in SCRIPTS if name != "outputs"])
def test_a_script_names_every_missing_variable_before_it_asks_azure(
    programs: StandIns, script: str
) -> None:
    done = programs.run(f"infra/{script}.sh", IMAGE, COMMIT, APP=APP * (script == "running"))
    assert done.returncode == 1
    assert "These variables are not set:" in done.stderr
    assert ": the " in done.stderr
    assert "azd provision" in done.stderr
    assert programs.asked == []


def test_a_script_that_would_use_another_subscription_than_azd_ends(released: StandIns) -> None:
    other = {"AZURE_SUBSCRIPTION_ID": "5678"}
    done = released.run("infra/release.sh", IMAGE, COMMIT, **NAMES, **other)
    assert done.returncode == 1
    assert "az account set --subscription 5678" in done.stderr
    assert released.changes == []
