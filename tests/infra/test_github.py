"""The script that sets GitHub up, with a stand-in for its command-line program that keeps state."""

import os
import re
import subprocess
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from local.hosted import REPOSITORY
from tests.infra import fake_gh
from tests.infra.answering import ANSWERED, answering
from tests.infra.programs import write_program

OLD = {"full_name": "ana/music", "name": "music", "id": 7, "owner": {"login": "ana", "id": 3}}
OLD["created_at"] = "2024-05-01T10:00:00Z"
NEW = OLD | {"created_at": "2026-07-15T08:00:00Z"}
BY_NAME, BY_ID = "repo:ana/music", "repo:ana@3/music@7"
OUTPUTS = {
    "GROUP": "rg-music",
    "APP": "music-app",
    "REGISTRY": "music.azurecr.io",
    "SQL_SERVER": "music.database.windows.net",
    "DATABASE": "smart-cache",
    "DEPLOY_IDENTITY": "music-deploy",
    "DEPLOY_CLIENT_ID": "client-of-deploy",
    "PLAN_IDENTITY": "music-plan",
    "PLAN_CLIENT_ID": "client-of-plan",
}
AZ = """
echo "$*" >>"$ASKED"
case "$*" in
  *tenantId*) echo tenant ;;
  *"account show"*) echo subscription ;;
  *"group show"*) echo /the/group ;;
  *federated-credential*music-deploy*) printf '%s\\n' $TRUSTED_BY_DEPLOY ;;
  *federated-credential*music-plan*) printf '%s\\n' $TRUSTED_BY_PLAN ;;
esac
"""


@dataclass
class GitHub:
    """A repository on GitHub as the stand-in for `gh` keeps it."""

    folder: Path
    subject: str = BY_ID
    state: dict[str, Any] = field(
        default_factory=lambda: {
            "repository": NEW,
            "customization": {"use_default": True, "sub_claim_prefix": BY_ID},
            "environments": {},
            "variables": {},
        }
    )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        write_program(self.folder / "gh", ANSWERED)
        write_program(self.folder / "az", AZ)
        environment = variables.get("ENVIRONMENT", "dev")
        given = {
            "PATH": f"{self.folder}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "ASKED": str(self.folder / "asked"),
            "TRUSTED_BY_DEPLOY": f"{self.subject}:environment:{environment}",
            "TRUSTED_BY_PLAN": f"{self.subject}:environment:plan",
        }
        with answering(partial(fake_gh.answer, self.state)) as here:
            return subprocess.run(
                [REPOSITORY / "infra" / "github.sh", *arguments],
                env=given | variables | here,
                check=False,
                capture_output=True,
                text=True,
            )

    def variables(self, environment: str) -> dict[str, str]:
        found: dict[str, str] = self.state["variables"].get(environment, {})
        return found


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    return GitHub(tmp_path)


@pytest.mark.parametrize(
    ("repository", "customization", "subject"),
    [
        (OLD, {"use_default": True}, BY_NAME),
        (OLD, None, BY_NAME),
        (NEW, None, BY_ID),
        (OLD, {"use_default": True, "sub_claim_prefix": BY_ID}, BY_ID),
        (NEW, {"use_default": True, "sub_claim_prefix": BY_NAME}, BY_NAME),
        (OLD, {"use_default": True, "use_immutable_subject": True}, BY_ID),
        (OLD, {"use_default": False, "include_claim_keys": ["repo", "context"]}, BY_NAME),
    ],
)
def test_the_subject_is_what_github_says(
    github: GitHub, repository: object, customization: object, subject: str
) -> None:
    github.state |= {"repository": repository, "customization": customization}
    assert github.run("subject").stdout == f"{subject}\n"


def test_a_subject_of_claims_that_the_template_does_not_know_is_refused(github: GitHub) -> None:
    claims = ["repository_owner_id", "context"]
    github.state["customization"] = {"use_default": False, "include_claim_keys": claims}
    said = github.run("subject")
    assert said.returncode == 1
    assert "gh api --method PUT repos/ana/music/actions/oidc/customization/sub" in said.stderr


def test_a_failure_of_github_is_not_taken_for_an_old_repository(github: GitHub) -> None:
    github.state["fails"] = "repos/ana/music/actions/oidc/customization/sub"
    said = github.run("subject")
    assert (said.returncode, said.stdout) == (1, "")
    assert "HTTP 403" in said.stderr


def test_only_main_may_use_production(github: GitHub) -> None:
    assert github.run(ENVIRONMENT="prod", **OUTPUTS).returncode == 0
    made = github.state["environments"]
    custom = {"protected_branches": False, "custom_branch_policies": True}
    assert made["prod"] == {"deployment_branch_policy": custom, "branches": ["main"]}
    assert made["plan"]["branches"] == []


def test_an_environment_for_protected_branches_becomes_one_for_main(github: GitHub) -> None:
    old = {"protected_branches": True, "custom_branch_policies": False}
    github.state["environments"]["prod"] = {"deployment_branch_policy": old, "branches": []}
    github.run(ENVIRONMENT="prod", **OUTPUTS)
    assert github.state["environments"]["prod"]["branches"] == ["main"]


def test_it_can_be_run_again(github: GitHub) -> None:
    github.run(ENVIRONMENT="prod", SQL_SKU="S1", **OUTPUTS)
    first = deepcopy(github.state)
    writes = len(first.pop("writes"))
    assert github.run(ENVIRONMENT="prod", SQL_SKU="S1", **OUTPUTS).returncode == 0
    again = github.state.pop("writes")
    assert github.state == first
    assert not [path for path in again[writes:] if path.startswith("repos/")]


def test_any_branch_may_use_dev_and_main_deploys_there_until_there_is_production(
    github: GitHub,
) -> None:
    said = github.run(**OUTPUTS)
    assert github.state["environments"]["dev"]["deployment_branch_policy"] is None
    assert github.variables("")["MAIN_DEPLOYS_TO"] == "dev"
    assert "gh workflow run deploy.yml -f environment=dev" in said.stderr
    github.run(ENVIRONMENT="prod", **OUTPUTS)
    assert github.variables("")["MAIN_DEPLOYS_TO"] == "prod"
    github.run(ENVIRONMENT="dev", **OUTPUTS)
    assert github.variables("")["MAIN_DEPLOYS_TO"] == "prod"


def test_previews_are_of_where_main_deploys_to(github: GitHub) -> None:
    github.run(ENVIRONMENT="prod", SQL_SKU="S2", **OUTPUTS)
    github.run(ENVIRONMENT="dev", SQL_SKU="S0", **OUTPUTS)
    assert github.variables("plan")["ENVIRONMENT"] == "prod"
    assert github.variables("plan")["SQL_SKU"] == "S2"
    assert github.variables("plan")["AZURE_CLIENT_ID"] == "client-of-plan"


def test_an_override_that_was_taken_back_is_no_longer_previewed(github: GitHub) -> None:
    github.run(ENVIRONMENT="prod", SQL_SKU="S2", IMAGE="an/image", **OUTPUTS)
    assert github.variables("plan")["SQL_SKU"] == "S2"
    github.run(ENVIRONMENT="prod", **OUTPUTS)
    assert github.variables("plan").keys().isdisjoint({"SQL_SKU", "IMAGE"})


@pytest.mark.parametrize("identity", ["TRUSTED_BY_DEPLOY", "TRUSTED_BY_PLAN"])
def test_an_identity_that_does_not_trust_the_repository_is_named_before_anything_is_made(
    github: GitHub, identity: str
) -> None:
    old = {identity: f"{BY_NAME}:environment:prod"}
    said = github.run(ENVIRONMENT="prod", **OUTPUTS, **old)
    assert said.returncode == 1
    assert f"OIDC_SUBJECT='{BY_ID}'" in said.stderr
    assert github.state["environments"] == {}


@pytest.mark.parametrize("missing", OUTPUTS)
def test_a_missing_output_is_named(github: GitHub, missing: str) -> None:
    given = {name: value for name, value in OUTPUTS.items() if name != missing}
    said = github.run(**given)
    assert said.returncode == 1
    assert missing in said.stderr


def test_it_takes_back_what_it_made(github: GitHub) -> None:
    github.run(ENVIRONMENT="dev", **OUTPUTS)
    github.run(ENVIRONMENT="prod", **OUTPUTS)
    assert github.run("remove", ENVIRONMENT="dev", **OUTPUTS).returncode == 0
    assert set(github.state["environments"]) == {"prod", "plan"}
    assert github.run("remove", ENVIRONMENT="prod", **OUTPUTS).returncode == 0
    assert github.state["environments"] == {}
    assert "MAIN_DEPLOYS_TO" not in github.variables("")
    asked = (github.folder / "asked").read_text().splitlines()
    assert asked[-2:] == [
        "role assignment delete --role music-plan --scope /the/group",
        "role definition delete --name music-plan --scope /the/group",
    ]


def test_the_workflows_read_exactly_the_variables_that_it_writes(github: GitHub) -> None:
    github.run(ENVIRONMENT="prod", **OUTPUTS)
    for name, environment in (("deploy", "prod"), ("plan", "plan")):
        workflow = (REPOSITORY / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
        read = set(re.findall(r"\bvars\.(\w+)", workflow)) - {"MAIN_DEPLOYS_TO"}
        given = set(github.variables(environment)) - {"ENVIRONMENT"}
        assert read == given


def test_a_preview_takes_every_parameter_that_is_set(github: GitHub) -> None:
    file = (REPOSITORY / "infra" / "main.bicepparam").read_text("utf-8")
    names = set(re.findall(r"readEnvironmentVariable\('(\w+)'", file))
    github.run(**OUTPUTS | dict.fromkeys(names, "set") | {"ENVIRONMENT": "prod"})
    assert names - {"IMAGE", "STAGING_IMAGE"} <= set(github.variables("plan"))
