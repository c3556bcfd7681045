"""The workflows: pinned actions, least rights, and existing scripts and targets."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.infra.snapshots import read
from local.hosted import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
DEPLOY, PLAN = (
    (REPOSITORY / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")
    for name in ("deploy", "plan")
)
SIGNS_IN = {"contents": "read", "id-token": "write"}
PERMISSIONS = {"deploy": SIGNS_IN, "plan": SIGNS_IN | {"pull-requests": "write"}}
CREDENTIAL = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
MAKEFILE = (REPOSITORY / "Makefile").read_text("utf-8")


def jobs(workflow: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
    return found


def commands() -> Iterator[str]:
    for workflow in WORKFLOWS:
        for job in jobs(workflow).values():
            yield from (step["run"] for step in job.get("steps", []) if "run" in step)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is(workflow: Path) -> None:
    for line in re.findall(r"uses: (?!\./)(.*)", workflow.read_text("utf-8")):
        assert re.fullmatch(r"[\w-]+(/[\w-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_but_for_a_job_that_signs_in(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text("utf-8"))["permissions"] == {"contents": "read"}
    for name, job in jobs(workflow).items():
        assert job.get("permissions") == PERMISSIONS.get(name)
        assert ("environment" in job) == (name in PERMISSIONS)


def test_no_secret_is_stored_anywhere() -> None:
    assert not [path for path in WORKFLOWS if "secrets." in path.read_text("utf-8")]


def test_every_job_ends_by_itself_and_leaves_no_credentials_behind() -> None:
    for workflow in WORKFLOWS:
        for job in jobs(workflow).values():
            assert "uses" in job or job["timeout-minutes"] <= 60
            for step in job.get("steps", []):
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"] == {"persist-credentials": False}


def test_every_script_and_target_exists() -> None:
    every = "\n".join(commands())
    for script in re.findall(r"([\w./-]+\.sh)\b", every):
        assert (REPOSITORY / script).stat().st_mode & 0o111, script
    for target in re.findall(r"\bmake (\w+)", every):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_nothing_longer_than_a_few_lines_stands_in_a_workflow() -> None:
    assert max(command.count("\n") for command in commands()) <= 4


def test_main_goes_where_the_script_says_and_a_person_chooses() -> None:
    deploy = yaml.safe_load(DEPLOY)
    triggers = deploy[True]  # the word `on`, as YAML 1.1 reads it
    chosen = triggers["workflow_dispatch"]["inputs"]["environment"]
    assert triggers["push"] == {"branches": ["main"]}
    assert (chosen["default"], chosen["options"]) == ("dev", ["dev", "prod"])
    where = "inputs.environment || vars.MAIN_DEPLOYS_TO"
    assert deploy["jobs"]["deploy"]["if"] == where
    assert deploy["jobs"]["deploy"]["environment"] == f"${{{{ {where} }}}}"


def test_one_release_at_a_time_goes_to_an_environment() -> None:
    concurrency = yaml.safe_load(DEPLOY)["concurrency"]
    where = "inputs.environment || vars.MAIN_DEPLOYS_TO"
    assert concurrency == {"group": f"deploy-${{{{ {where} }}}}", "cancel-in-progress": False}


def test_the_registry_is_asked_at_once_after_the_sign_in() -> None:
    """GitHub's token, with which az gets those of other services, is good for five minutes."""
    steps = [
        step.get("run", step.get("uses", ""))
        for step in yaml.safe_load(DEPLOY)["jobs"]["deploy"]["steps"]
    ]
    signs_in = next(i for i, step in enumerate(steps) if step.startswith("azure/login@"))
    assert ".github/push-image.sh" in steps[signs_in + 1]
    assert "docker load" not in "".join(steps[signs_in:])


def test_a_fork_gets_no_preview_and_a_preview_no_right_to_deploy() -> None:
    plan = yaml.safe_load(PLAN)
    assert set(plan[True]) == {"pull_request"}  # pull_request_target would run with main's rights
    job = plan["jobs"]["plan"]
    assert "head.repo.full_name == github.repository" in job["if"]
    assert job["environment"] == "plan"


def test_what_a_person_wrote_reaches_a_shell_only_as_a_variable() -> None:
    for command in commands():
        assert "${{" not in command


def test_azure_trusts_the_environments_that_the_workflows_name() -> None:
    for snapshot in read(REPOSITORY / "infra"):
        trusted = {
            one.properties["subject"].rpartition(":environment:")[2]
            for one in snapshot.of_type(CREDENTIAL)
        }
        environment = snapshot.the("Microsoft.Web/sites").body["tags"]["environment"]
        assert trusted == {environment, "plan"}


def test_what_was_scanned_and_tested_is_what_is_deployed() -> None:
    needed = yaml.safe_load(DEPLOY)["jobs"]["deploy"]["needs"]
    assert needed == ["checks", "image"]
    assert "docker build" not in DEPLOY.partition("\n  deploy:\n")[2]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_file_is_taken_under_the_name_that_a_job_before_gave_it(workflow: Path) -> None:
    left = set(files_of(workflow, "upload"))
    for job, name in files_of(workflow, "download"):
        assert {(before, name) for before in jobs(workflow)[job]["needs"]} & left


def files_of(workflow: Path, action: str) -> Iterator[tuple[str, str]]:
    """(job, name) of each file that a job leaves for others, or takes."""
    for job, content in jobs(workflow).items():
        for step in content.get("steps", []):
            if step.get("uses", "").startswith(f"actions/{action}-artifact@"):
                yield job, step["with"]["name"]


GIVEN = {"IMAGE": '"$IMAGE"', "COMMIT": '"$GITHUB_SHA"'}


@pytest.mark.parametrize("script", ["migrate", "release"])
def test_a_script_gets_what_its_usage_says(script: str) -> None:
    text = (REPOSITORY / "infra" / f"{script}.sh").read_text("utf-8")
    usage = re.search(rf"Usage: infra/{script}\.sh((?: [A-Z]+)+)", text)
    assert usage
    arguments = " ".join(GIVEN[word] for word in usage[1].split())
    assert f"infra/{script}.sh {arguments}" in [command.strip() for command in commands()]
