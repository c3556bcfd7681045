"""A stand-in for azd: what it does around a hook of azure.yaml.

It reads its environment again before and after each hook, keeps the outputs of the deployment in
it, and removes them with the infrastructure (`pkg/ext/hooks_runner.go` and
`pkg/infra/provisioning/manager.go` of Azure/azure-dev).
"""

import subprocess
from typing import Any

import yaml

from local.hosted import REPOSITORY
from tests.infra.stand_ins import APP, GROUP, REGISTRY, StandIns

THIS_MONTH = "2026-11-01"
BASE = "mcr.microsoft.com/azure-functions/python:4-python3.13"
OUTPUTS = {
    "URL": "https://music.example",
    "GROUP": GROUP,
    "APP": APP,
    "APP_IDENTITY": "music-app",
    "APP_PRINCIPAL_ID": "app-id",
    "DEPLOY_IDENTITY": "music-deploy",
    "DEPLOY_PRINCIPAL_ID": "deploy-id",
    "FACTORY": "music-factory",
    "FACTORY_PRINCIPAL_ID": "factory-id",
    "REGISTRY": REGISTRY,
    "STORAGE": "musicdata",
    "SQL_SERVER": "sql.example",
    "DATABASE": "tracks",
    "VAULT": "music-vault",
}
CONFIGURATION: dict[str, Any] = yaml.safe_load((REPOSITORY / "azure.yaml").read_text("utf-8"))
HOOKS = CONFIGURATION["hooks"]
ANSWERS = {"FIREBASE_PROJECT_ID": "music", "ALERT_EMAIL": "ann@example.com"}
"""What azd's hooks would ask a person for."""


class Azd:
    def __init__(self, programs: StandIns, **variables: str) -> None:
        self.programs = programs
        self.variables = {
            "AZURE_ENV_NAME": "dev",
            "AZURE_SUBSCRIPTION_ID": "1234",
            "AZURE_LOCATION": "westeurope",
            "AZURE_RESOURCE_GROUP": GROUP,
            **variables,
        }

    def hook(self, name: str, **only_now: str) -> subprocess.CompletedProcess[str]:
        done = self.programs.run(HOOKS[name]["posix"]["run"], **self.variables, **only_now)
        kept = self.programs.azd_env.read_text("utf-8").splitlines()
        self.variables |= dict(line.split("=", 1) for line in kept)
        return done

    def provision(self, **only_now: str) -> list[subprocess.CompletedProcess[str]]:
        done = [self.hook("preprovision", **only_now)]
        if done[0].returncode == 0:
            self._deploy_the_template()
            done.append(self.hook("postprovision", **only_now))
        return done

    def up(self, **only_now: str) -> list[subprocess.CompletedProcess[str]]:
        done = self.provision(**only_now)
        if done[-1].returncode == 0:
            done.append(self.hook("postdeploy", **only_now))
        return done

    def _deploy_the_template(self) -> None:
        azure = self.programs.azure
        assert azure["trigger"] != "Started", "a running trigger cannot be replaced"
        image = self.variables["IMAGE"] or BASE
        staging = self.variables["STAGING_IMAGE"] or image
        azure["images"] = {"production": f"DOCKER|{image}", "staging": f"DOCKER|{staging}"}
        start = self.variables["BUDGET_START"] or THIS_MONTH
        assert start == (azure["budget"] or THIS_MONTH), "a budget keeps its start"
        azure["trigger"], azure["budget"] = "Stopped", start
        names = ("SQL_ADMIN_NAME", "SQL_ADMIN_OBJECT_ID", "SQL_ADMIN_TYPE")
        given = "\t".join(self.variables.get(name, "User") for name in names)
        assert azure["administrator"] in ("", given), "a template cannot replace it"
        azure["administrator"] = given
        azure.pop("wanted", None)
        self.variables |= OUTPUTS
        azure["private"] = self.variables.get("PRIVATE_NETWORK") == "true"

    def down(self) -> None:
        """The vault is only deleted softly, and its secrets with it."""
        self.programs.azure |= {"images": {}, "trigger": None, "tags": [], "budget": ""}
        self.programs.azure["administrator"] = ""
        self.programs.azure |= {"roles": [], "deleted_vaults": "music-vault"}
        for name in OUTPUTS:
            del self.variables[name]


def failed(runs: list[subprocess.CompletedProcess[str]]) -> list[str]:
    return [run.stderr for run in runs if run.returncode != 0]
