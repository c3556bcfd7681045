"""The workflows: pinned actions, least rights, and existing scripts and targets."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.hosted import REPOSITORY

WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
DEPLOY = (REPOSITORY / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
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
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_the_deployment_may_sign_in(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text("utf-8"))["permissions"] == {"contents": "read"}
    for name, job in jobs(workflow).items():
        signs_in = {"contents": "read", "id-token": "write"} if name == "deploy" else None
        assert job.get("permissions") == signs_in


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
    for script in re.findall(r"(\S+\.sh)\b", every):
        assert (REPOSITORY / script).stat().st_mode & 0o111, script
    for target in re.findall(r"\bmake (\w+)", every):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_nothing_longer_than_a_few_lines_stands_in_a_workflow() -> None:
    assert max(command.count("\n") for command in commands()) <= 4


def test_only_the_environment_that_azure_trusts_deploys() -> None:
    main = (REPOSITORY / "infra" / "main.bicep").read_text("utf-8")
    assert "'${githubSubject}:environment:${environment}'" in main
    environment = yaml.safe_load(DEPLOY)["jobs"]["deploy"]["environment"]
    assert (REPOSITORY / "infra" / "snapshots" / f"{environment}.bicepparam").exists()


def test_what_was_scanned_and_tested_is_what_is_deployed() -> None:
    needed = yaml.safe_load(DEPLOY)["jobs"]["deploy"]["needs"]
    assert needed == ["checks", "image"]
    assert "docker build" not in DEPLOY.partition("\n  deploy:\n")[2]
