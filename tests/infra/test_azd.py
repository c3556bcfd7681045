"""`azure.yaml` and azd's hooks: a dry run from nothing to the URL, and again."""

import re
from pathlib import Path
from typing import Any

import pytest

from local.hosted import REPOSITORY
from tests.infra.conftest import KEY
from tests.infra.fake_azd import (
    ANSWERS,
    CONFIGURATION,
    HOOKS,
    OUTPUTS,
    THIS_MONTH,
    Azd,
    failed,
)
from tests.infra.stand_ins import IMAGE, REGISTRY, SCRIPTS, StandIns


@pytest.fixture
def azd(programs: StandIns, files: dict[str, str]) -> Azd:
    """An empty subscription, and the answers to what azd would ask."""
    return Azd(programs, **ANSWERS, **files)


def verbs(calls: list[str]) -> list[str]:
    """The calls in short: `az acr build`, `az rest post`, `smoke`."""
    return [" ".join(call.split(" -")[0].split()[:4]).split(" http")[0] for call in calls]


FIRST = [
    *["azd env set SQL_ADMIN_NAME", "azd env set SQL_ADMIN_OBJECT_ID"],
    *["azd env set IMAGE", "azd env set STAGING_IMAGE", "azd env set BUDGET_START"],
    *["az role assignment create", *["az keyvault secret set"] * 2],
    "az acr build",
    *["az sql server firewall-rule", "python", "az sql server firewall-rule"],
    *["az sql server firewall-rule", "sqlcmd", "az sql server firewall-rule"],
    *["az rest", "smoke", "az functionapp deployment slot", "smoke", "az rest"],
    *["az rest", "python"],
]


def test_azd_up_leads_from_nothing_to_the_url(azd: Azd, tmp_path: Path) -> None:
    csv = tmp_path / "SpotifyFeatures.csv"
    csv.write_text("genre\n", "utf-8")
    azd.programs.azure |= {"tries_until_role": 2, "tries_until_trigger": 2}
    azd.programs.refuse_sql(2)
    runs = azd.up(DATA=str(csv))
    assert failed(runs) == []
    assert verbs(azd.programs.changes) == FIRST
    assert runs[-1].stderr.endswith(
        "\nThe API: https://music.example\nThe first request:\n"
        "  curl --compressed 'https://music.example/features/custom?arg=Pop&limit=1'\n"
    )
    azure = azd.programs.azure
    assert set(azure["images"].values()) == {f"DOCKER|{IMAGE}"}
    assert (azure["trigger"], azure["firewall"]) == ("Started", [])


def test_azd_up_again_makes_nothing_twice(azd: Azd) -> None:
    assert failed(azd.up()) == []
    azd.programs.forget()
    assert failed(azd.up()) == []
    kept = [call for call in azd.programs.changes if call.startswith("azd")]
    assert kept == [
        *[f"azd env set IMAGE {IMAGE}", f"azd env set STAGING_IMAGE {IMAGE}"],
        f"azd env set BUDGET_START {THIS_MONTH}",
    ]
    assert verbs([call for call in azd.programs.changes if call not in kept]) == [
        *["az rest", "az rest"],  # the trigger is stopped and started
        *["az sql server firewall-rule", "python", "az sql server firewall-rule"],
        *["az sql server firewall-rule", "sqlcmd", "az sql server firewall-rule"],
        "smoke",
    ]
    azd.programs.forget()
    assert failed(azd.up()) == []
    assert not [call for call in azd.programs.changes if call.startswith("azd")]


def test_azd_provision_alone_replaces_no_image_and_starts_the_trigger_again(azd: Azd) -> None:
    azd.up()
    images = {"production": f"DOCKER|{IMAGE}", "staging": f"DOCKER|{REGISTRY}/smart-cache:01d"}
    azd.programs.azure["images"] = dict(images)
    assert failed(azd.provision()) == []
    assert azd.programs.azure["images"] == images
    assert azd.programs.azure["trigger"] == "Started"


def test_azd_provision_alone_leaves_the_trigger_stopped_before_the_first_release(azd: Azd) -> None:
    assert failed(azd.provision()) == []
    assert azd.programs.azure["trigger"] == "Stopped"


def test_azd_deploy_alone_needs_what_azd_provision_gives(azd: Azd) -> None:
    done = azd.hook("postdeploy")
    assert done.returncode == 1
    assert "azd provision" in done.stderr
    assert azd.programs.asked == []


def test_azd_deploy_alone_releases_a_new_commit(azd: Azd) -> None:
    azd.up()
    azd.programs.azure["images"]["production"] = f"DOCKER|{REGISTRY}/smart-cache:01d"
    assert azd.hook("postdeploy").returncode == 0
    assert azd.programs.azure["images"]["production"] == f"DOCKER|{IMAGE}"


def test_after_azd_down_everything_can_be_made_again(azd: Azd) -> None:
    azd.up()
    azd.provision()  # keeps the names of the images that run
    azd.down()
    assert failed(azd.up()) == []
    assert azd.programs.azure["images"]["production"] == f"DOCKER|{IMAGE}"
    stores = [call for call in azd.programs.asked if "secret set" in call]
    assert len(stores) == 2  # not again: the vault came back with them


def test_no_secret_is_shown_or_kept_by_azd(azd: Azd) -> None:
    runs = azd.up()
    seen = [*azd.programs.asked, azd.programs.azd_env.read_text("utf-8")]
    seen += [run.stdout + run.stderr for run in runs]
    assert azd.programs.azure["secrets"]["firebase-api-key"] == KEY
    assert not [text for text in seen if KEY in text or "PRIVATE KEY" in text]


MENDED = {
    "signed_in": True,
    "quota": "10\t0",
    "build": "",
    "tries_until_role": 0,
    "tries_until_trigger": 0,
}
FAILURES: dict[str, tuple[dict[str, Any], dict[str, str], str, str]] = {
    "not signed in": ({"signed_in": False}, {}, "preprovision", "Run: az login"),
    "no quota": ({"quota": "0\t0"}, {}, "preprovision", "no quota left for Functions Premium"),
    "old sqlcmd": ({}, {"SQLCMD_HELP": "old"}, "preprovision", "sqlcmd (Go) is missing"),
    "no role": ({"tries_until_role": 99}, {}, "postprovision", "infra/secrets.sh"),
    "no build": ({"build": "ERROR: Run failed"}, {}, "postdeploy", "run: azd deploy"),
    "no answer": (
        {},
        {"BROKEN": "https://staging.example"},
        "postdeploy",
        "https://staging.example/api/health: 503 down\nThe smoke test failed in the staging slot",
    ),
    "no trigger": ({"tries_until_trigger": 99}, {}, "postdeploy", "run: infra/trigger.sh start"),
}


@pytest.mark.parametrize("kind", list(FAILURES))
def test_a_failure_ends_its_hook_with_what_to_do_and_the_next_run_goes_on(
    azd: Azd, kind: str
) -> None:
    state, variables, hook, sentence = FAILURES[kind]
    azd.programs.azure |= state
    runs = azd.up(**variables)
    assert len(runs) == 1 + ["preprovision", "postprovision", "postdeploy"].index(hook)
    assert [sentence in error for error in failed(runs)] == [True]
    azd.programs.azure |= MENDED
    assert failed(azd.up()) == []


def test_every_hook_is_a_script_that_azd_knows_and_can_run() -> None:
    assert list(HOOKS) == ["preprovision", "postprovision", "postdeploy"]
    for hook in HOOKS.values():
        script = REPOSITORY / hook["posix"]["run"]
        assert script.stat().st_mode & 0o111
        assert hook["posix"]["shell"] == "sh"
        assert hook["posix"]["interactive"] is True
        assert hook["windows"]["shell"] == "pwsh"
        assert "WSL" in hook["windows"]["run"]
        assert "exit 1" in hook["windows"]["run"]


def test_the_template_gives_what_the_scripts_take_and_takes_what_they_keep() -> None:
    infra = REPOSITORY / "infra"
    scripts = "".join(path.read_text("utf-8") for path in infra.glob("*.sh"))
    given = set(
        re.findall(r"^output (\w+)", (infra / "main.bicep").read_text("utf-8"), re.MULTILINE)
    )
    assert set(OUTPUTS) <= given
    taken = {
        name
        for each in re.findall(r"\bneed ((?:.*\\\n)*.*)", scripts)
        for name in re.findall(r'(\w+)="', each)
    }
    of_the_workflow = {"AZURE_CLIENT_ID", "AZURE_TENANT_ID"}
    assert taken - of_the_workflow - {"NAME", "FIREBASE_PROJECT_ID"} <= given
    kept = set(re.findall(r"^ *(?:keep|value) ([A-Z_]+) ", scripts, re.MULTILINE))
    read = (infra / "main.bicepparam").read_text("utf-8")
    assert len(kept) > 5
    paths = {"FIREBASE_CREDENTIALS_FILE"}
    assert not [name for name in kept - paths if f"readEnvironmentVariable('{name}'" not in read]


def test_azd_down_forgets_no_choice() -> None:
    """With the infrastructure azd removes what has the name of an output from its environment."""
    infra = REPOSITORY / "infra"
    given = set(
        re.findall(r"^output (\w+)", (infra / "main.bicep").read_text("utf-8"), re.MULTILINE)
    )
    parameters = (infra / "main.bicepparam").read_text("utf-8")
    chosen = set(re.findall(r"readEnvironmentVariable\('(\w+)'", parameters))
    assert given.isdisjoint(chosen)


def test_azd_finds_the_template_and_deploys_no_service_past_the_slot() -> None:
    infra = CONFIGURATION["infra"]
    assert infra["provider"] == "bicep"
    assert (REPOSITORY / infra["path"] / f"{infra['module']}.bicep").is_file()
    assert "services" not in CONFIGURATION
    assert re.fullmatch(r">= \d+\.\d+\.\d+", CONFIGURATION["requiredVersions"]["azd"])


@pytest.mark.parametrize("step", [*SCRIPTS, "preflight"])
def test_every_step_says_what_it_does_its_variables_and_that_it_can_be_run_again(step: str) -> None:
    start = (REPOSITORY / "infra" / f"{step}.sh").read_text("utf-8").split("set -euo")[0]
    head = " ".join(re.findall(r"^# (.*)$", start, re.MULTILINE))
    assert "Variables: " in head
    assert re.search("It can be run again|It only reads", head)
