"""What Azure refuses to do at the same time is deployed one after the other.

The snapshots do not say what waits for what, so these tests read the template.
"""

import re

import pytest

from local.hosted import REPOSITORY

APP, DATABASE, NETWORK = (
    (REPOSITORY / "infra" / "modules" / f"{name}.bicep").read_text("utf-8")
    for name in ("app", "database", "network")
)


def waits_for(template: str, resource: str) -> list[str]:
    """Return the resources that it names because it would not wait for them otherwise."""
    block = re.search(rf"^resource {resource} .*?^}}", template, re.MULTILINE | re.DOTALL)
    assert block, resource
    found = re.search(r"^  dependsOn: \[\s*([^\]]*?)\s*\]", block[0], re.MULTILINE)
    return found[1].split() if found else []


@pytest.mark.parametrize(
    ("resource", "before"), [("auditing", "database"), ("threats", "auditing")]
)
def test_the_policies_of_the_sql_server_are_set_one_by_one(resource: str, before: str) -> None:
    """While a database gets them: ServerBlobAuditingPolicyInProgress."""
    assert waits_for(DATABASE, resource) == [before]


@pytest.mark.parametrize(("resource", "before"), [("sticky", "settings"), ("staging", "sticky")])
def test_the_configuration_of_the_app_is_written_one_by_one(resource: str, before: str) -> None:
    """Azure/azure-dev#3125: written at the same time, some of it is lost."""
    assert waits_for(APP, resource) == [before]


def test_private_endpoints_are_made_one_by_one() -> None:
    """While one is attached to the subnet: ReferencedResourceNotProvisioned."""
    assert "\n@batchSize(1)\nresource endpoints " in NETWORK


def test_a_resource_that_waits_for_nothing_is_seen() -> None:
    assert waits_for(DATABASE, "server") == []
