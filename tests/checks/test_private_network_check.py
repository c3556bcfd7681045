"""Mistakes in the snapshot of the private network: each one is found."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from checks.infra.private_network import check
from checks.infra.snapshots import Snapshot, read
from local.hosted import REPOSITORY

type Body = dict[str, Any]
type Mistake = Callable[[Body], object]

SQL = "Microsoft.Sql/servers"
STORAGE = "Microsoft.Storage/storageAccounts"
REGISTRY = "Microsoft.ContainerRegistry/registries"
SITE = "Microsoft.Web/sites"
NETWORK = "Microsoft.Network/virtualNetworks"
ENDPOINT = "Microsoft.Network/privateEndpoints"
GROUP = f"{ENDPOINT}/privateDnsZoneGroups"
ZONE = "Microsoft.Network/privateDnsZones"
LINK = f"{ZONE}/virtualNetworkLinks"
FACTORY = "Microsoft.DataFactory/factories"
MANAGED = f"{FACTORY}/managedVirtualNetworks/managedPrivateEndpoints"


def _snapshot(name: str) -> Mapping[str, Any]:
    text = (REPOSITORY / "infra" / "snapshots" / f"{name}.snapshot.json").read_text("utf-8")
    document: Mapping[str, Any] = json.loads(text)
    return document


def _findings(folder: Path, document: Mapping[str, Any]) -> list[str]:
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "private.snapshot.json").write_text(json.dumps(document), "utf-8")
    (snapshot,) = read(folder)
    return [str(finding) for finding in check(snapshot)]


def _changed(kind: str, change: Mistake, ending: str = "") -> Mapping[str, Any]:
    """Return the snapshot with one resource changed, or all of a type."""
    document = _snapshot("private")
    resources: list[Body] = document["predictedResources"]
    touched = [body for body in resources if body["type"] == kind and body["name"].endswith(ending)]
    assert touched
    for body in touched:
        change(body["properties"])
    return document


def _without(kind: str, ending: str = "") -> Mapping[str, Any]:
    document = _snapshot("private")
    kept = [
        body
        for body in document["predictedResources"]
        if body["type"] != kind or not body["name"].endswith(ending)
    ]
    assert len(kept) < len(document["predictedResources"])
    return {**document, "predictedResources": kept}


@pytest.mark.parametrize("snapshot", read(REPOSITORY / "infra"), ids=lambda found: found.file)
def test_the_snapshots_are_sound(snapshot: Snapshot) -> None:
    assert list(check(snapshot)) == []


def test_a_snapshot_without_a_network_is_not_checked(tmp_path: Path) -> None:
    assert _findings(tmp_path, _snapshot("prod")) == []


def test_a_rule_that_opens_the_server_to_the_internet_is_found(tmp_path: Path) -> None:
    document = _snapshot("private")
    rules = [
        body
        for body in _snapshot("prod")["predictedResources"]
        if body["type"] == f"{SQL}/firewallRules"
    ]
    document["predictedResources"].extend(rules)
    (finding,) = _findings(tmp_path, document)
    assert "AllowAllWindowsAzureIps: opens the server to the internet" in finding


MISSING = [
    (ENDPOINT, "-redis", "without a private endpoint for redisEnterprise"),
    (ENDPOINT, "-host", "storageAccounts without a private endpoint for blob"),
    (GROUP, "-vault/default", "is looked up in [], and not in privatelink.vaultcore.azure.net"),
    (ZONE, "azurecr.io", "privatelink.azurecr.io: is no zone of this snapshot"),
    (LINK, "", "is a zone in which the network does not look names up"),
    (MANAGED, "-load-sql", "the factory's private endpoint for sqlServer is missing"),
    (f"{FACTORY}/integrationRuntimes", "", "does not connect through the factory's managed"),
]


@pytest.mark.parametrize(("kind", "ending", "message"), MISSING)
def test_what_is_missing_is_found(tmp_path: Path, kind: str, ending: str, message: str) -> None:
    found = _findings(tmp_path, _without(kind, ending))
    assert any(message in finding for finding in found), found


def _group(name: str) -> Mistake:
    def change(properties: Body) -> None:
        properties["privateLinkServiceConnections"][0]["properties"]["groupIds"] = [name]

    return change


def _zone(name: str) -> Mistake:
    def change(properties: Body) -> None:
        entry = properties["privateDnsZoneConfigs"][0]["properties"]
        entry["privateDnsZoneId"] = f"{entry['privateDnsZoneId'].rpartition('/')[0]}/{name}"

    return change


def _subnet(index: int, **values: object) -> Mistake:
    return lambda properties: properties["subnets"][index]["properties"].update(values)


def _set(**values: object) -> Mistake:
    return lambda properties: properties.update(values)


def _move(subnet: str) -> Mistake:
    def change(properties: Body) -> None:
        identifier = properties["subnet"]["id"].rpartition("/")[0]
        properties["subnet"]["id"] = f"{identifier}/{subnet}"

    return change


def _timer(properties: Body) -> None:
    properties["trigger"]["timerTriggers"][0]["status"] = "Enabled"


def _app_subnet(subnet: str) -> Mistake:
    def change(properties: Body) -> None:
        network = properties["virtualNetworkSubnetId"].rpartition("/")[0]
        properties["virtualNetworkSubnetId"] = f"{network}/{subnet}"

    return change


OPEN = {"defaultAction": "Allow"}
ALSO_PULLED = {"applicationTraffic": True, "imagePullTraffic": False}
CHANGED = [
    ("Microsoft.Cache/redisEnterprise", "", _set(publicNetworkAccess="Enabled"), "is open"),
    ("Microsoft.KeyVault/vaults", "", _set(networkAcls=OPEN), "is open to the internet"),
    (REGISTRY, "", _set(networkRuleSet=None), "is open to the"),
    (f"{REGISTRY}/tasks", "", _timer, "would find a closed registry"),
    (STORAGE, "data", _set(networkAcls=OPEN), "is open to the internet"),
    (STORAGE, "host", _set(publicNetworkAccess="Enabled", networkAcls=OPEN), "is open to the"),
    (ENDPOINT, "-redis", _group("redisCache"), "redisCache, which it does not know"),
    (ENDPOINT, "-host", _group("file"), "without a private endpoint for blob"),
    (ENDPOINT, "-sql", _move("app"), "belongs to a service"),
    (GROUP, "-redis/default", _zone("privatelink.redis.cache.windows.net"), "not in privatelink"),
    (LINK, "", _set(virtualNetwork={"id": "another"}), "does not look names up"),
    (NETWORK, "", _subnet(1, addressPrefix="10.83.0.32/27"), "overlaps"),
    (NETWORK, "", _subnet(1, addressPrefix="10.84.0.0/26"), "outside of the network"),
    (NETWORK, "", _subnet(0, addressPrefix="10.83.0.128/28"), "twice the plan's instances"),
    (NETWORK, "", _subnet(1, addressPrefix="10.83.0.128/28"), "too small"),
    (NETWORK, "", _subnet(0, delegations=[]), "is delegated to Microsoft.Web/serverFarms"),
    (SITE, "", _app_subnet("endpoints"), "is delegated to Microsoft.Web/serverFarms"),
    (f"{SITE}/slots", "", _set(virtualNetworkSubnetId=None), "is delegated to Microsoft.Web"),
    (f"{SITE}/slots", "", _set(outboundVnetRouting=ALSO_PULLED), "imagePullTraffic is not on"),
    (f"{FACTORY}/linkedservices", "storage", _set(connectVia={}), "the factory's managed network"),
    (MANAGED, "-load-data", _set(groupId="dfs"), "private endpoint for blob is missing"),
]


@pytest.mark.parametrize(("kind", "ending", "change", "message"), CHANGED)
def test_a_mistake_is_found(
    tmp_path: Path, kind: str, ending: str, change: Mistake, message: str
) -> None:
    found = _findings(tmp_path, _changed(kind, change, ending))
    assert any(message in finding for finding in found), found


def test_a_registry_of_a_smaller_tier_is_found(tmp_path: Path) -> None:
    document = _snapshot("private")
    (registry,) = (body for body in document["predictedResources"] if body["type"] == REGISTRY)
    registry["sku"]["name"] = "Standard"
    (finding,) = _findings(tmp_path, document)
    assert "only Premium has" in finding


def test_the_factorys_endpoint_is_not_named_as_one_of_ours(tmp_path: Path) -> None:
    document = _snapshot("private")
    (managed,) = (
        body
        for body in document["predictedResources"]
        if body["type"] == MANAGED and body["name"].endswith("-load-sql")
    )
    managed["name"] = managed["name"].replace("-load-sql", "-sql")
    found = _findings(tmp_path, document)
    assert any("would take another endpoint for it" in finding for finding in found), found
