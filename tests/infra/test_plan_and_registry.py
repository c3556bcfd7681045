"""The identity of the previews may change nothing, and the registry keeps the images that run."""

import base64
import re

import pytest
import yaml

from checks.infra.snapshots import Snapshot, read
from local.hosted import REPOSITORY

SNAPSHOTS = read(REPOSITORY / "infra")
each_environment = pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=lambda found: found.file)
ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
TASK = "Microsoft.ContainerRegistry/registries/tasks"


@each_environment
def test_a_pull_request_s_code_may_read_the_configuration_and_nothing_else(
    snapshot: Snapshot,
) -> None:
    role = snapshot.the("Microsoft.Authorization/roleDefinitions")
    [permissions] = role.properties["permissions"]
    assert set(permissions["actions"]) == {
        "*/read",
        "Microsoft.Resources/deployments/validate/action",
        "Microsoft.Resources/deployments/whatIf/action",
    }
    assert permissions.keys() <= {"actions", "notActions"}
    given = [
        one.properties["roleDefinitionId"]
        for one in snapshot.of_type(ASSIGNMENT)
        if f"/{snapshot.outputs['PLAN_IDENTITY']}'" in one.properties["principalId"]
    ]
    assert given == [role.id]


def test_a_subscription_with_free_credit_gets_no_task_in_dev() -> None:
    """Azure refuses the registry's tasks there, and would refuse the whole deployment."""
    with_task = [found.file for found in SNAPSHOTS if found.of_type(TASK)]
    assert with_task == ["private.snapshot.json", "prod.snapshot.json"]


@pytest.mark.parametrize(
    "snapshot", [found for found in SNAPSHOTS if found.of_type(TASK)], ids=lambda found: found.file
)
def test_the_registry_s_clean_up_is_of_our_images_and_keeps_the_newest(snapshot: Snapshot) -> None:
    task = snapshot.the(TASK).properties
    content = yaml.safe_load(base64.b64decode(task["step"]["encodedTaskContent"]))
    [step] = content["steps"]
    found = re.fullmatch(
        r"acr purge --filter '(.*):\.\*' --ago \d+d --keep (\d+) --untagged", step["cmd"]
    )
    assert found
    workflow = (REPOSITORY / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    assert f"}}}}/{found[1]}:" in workflow
    assert int(found[2]) >= 10
