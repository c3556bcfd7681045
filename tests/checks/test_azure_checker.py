"""The checker of Azure's JSON, with models of both of Microsoft's generators."""

from typing import Any

import pytest

from checks.azure.checker import Checker

CLUSTER: dict[str, Any] = {
    "location": "westeurope",
    "sku": {"name": "Balanced_B0"},
    "zones": ["1"],
    "properties": {"minimumTlsVersion": "1.2", "highAvailability": "Enabled"},
}
TRIGGER: dict[str, Any] = {
    "properties": {
        "type": "BlobEventsTrigger",
        "typeProperties": {"events": ["Microsoft.Storage.BlobCreated"], "scope": "/account"},
    }
}


@pytest.fixture(scope="module")
def older() -> Checker:
    return Checker("azure.mgmt.redisenterprise")


@pytest.fixture(scope="module")
def newer() -> Checker:
    return Checker("azure.mgmt.datafactory")


def messages(checker: Checker, model: str, document: Any) -> list[str]:
    return [f"{fault.path} {fault.message}" for fault in checker.check(model, document)]


def test_a_good_document_has_no_faults(older: Checker, newer: Checker) -> None:
    assert messages(older, "Cluster", CLUSTER) == []
    assert messages(newer, "TriggerResource", TRIGGER) == []


def test_a_template_expression_may_stand_for_any_value(older: Checker) -> None:
    assert messages(older, "Cluster", CLUSTER | {"sku": "[parameters('sku')]"}) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"location": 5}, ".location must be of type str, not 5"),
        ({"sku": {"nam": "x"}}, ".sku.nam Sku has no such property"),
        ({"sku": {}}, ".sku.name Sku requires it"),
        ({"sku": "B0"}, ".sku must be an object (Sku)"),
        ({"zones": "1"}, ".zones must be a list"),
        ({"zones": [1]}, ".zones[0] must be of type str, not 1"),
        ({"properties": {"tls": "1.2"}}, ".properties.tls Cluster has no such property"),
        ({"properties": "x"}, ".properties must be an object (Cluster)"),
    ],
)
def test_a_fault_under_an_older_model_is_found(
    older: Checker, change: dict[str, Any], fault: str
) -> None:
    assert fault in messages(older, "Cluster", CLUSTER | change)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"type": "BlobTriggr"}, ".properties.type 'BlobTriggr' is no kind of Trigger"),
        ({"typeProperties": {"events": [], "scop": "x"}}, "scop BlobEventsTriggerTypeProperties"),
        ({"typeProperties": {"events": []}}, "scope BlobEventsTriggerTypeProperties requires it"),
        ({"typeProperties": {"events": ["Created"], "scope": "x"}}, "'Created' is not one of"),
        ({"annotations": {}}, ".properties.annotations must be a list"),
        ({"description": True}, "must be of type str, not True"),
    ],
)
def test_a_fault_under_a_newer_model_is_found(
    newer: Checker, change: dict[str, Any], fault: str
) -> None:
    document = {"properties": TRIGGER["properties"] | change}
    assert fault in "\n".join(messages(newer, "TriggerResource", document))


def test_the_case_of_an_enumeration_does_not_matter(newer: Checker) -> None:
    event = {"events": ["microsoft.storage.blobcreated"], "scope": "x"}
    document = {"properties": TRIGGER["properties"] | {"typeProperties": event}}
    assert messages(newer, "TriggerResource", document) == []


def test_a_model_that_does_not_exist_is_an_error(older: Checker) -> None:
    with pytest.raises(KeyError):
        list(older.check("Clustr", {}))
