"""`python -m deployment.azure_rights`: effective permissions, as Azure answers them."""

from typing import Any

import pytest

from deployment.azure_rights import refused

DEPLOY = "Microsoft.Resources/deployments/write"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
OWNER = {"actions": ["*"], "notActions": []}
CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
}
ACCESS_ADMINISTRATOR = {"actions": ["*/read", "Microsoft.Authorization/*"], "notActions": []}
ROLE_ADMINISTRATOR = {"actions": ["*/read", "Microsoft.Authorization/roleAssignments/write"]}


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([OWNER], []),
        ([CONTRIBUTOR], [ASSIGN]),
        ([ACCESS_ADMINISTRATOR], [DEPLOY]),
        ([CONTRIBUTOR, ACCESS_ADMINISTRATOR], []),
        ([CONTRIBUTOR, ROLE_ADMINISTRATOR], []),
        ([], [DEPLOY, ASSIGN]),
    ],
)
def test_an_action_needs_a_permission_that_does_not_exclude_it(
    permissions: list[dict[str, Any]], expected: list[str]
) -> None:
    assert refused(permissions, [DEPLOY, ASSIGN]) == expected
