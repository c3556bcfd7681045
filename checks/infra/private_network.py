"""Checks what the compiler cannot see in a snapshot that has a network of its own.

What the app uses is closed to the internet and has a private endpoint, whose name is looked up
within the network; the app and Data Factory go that way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from itertools import combinations
from typing import Any, Final

from checks.finding import Finding
from checks.infra.snapshots import Resource, Snapshot

type Properties = Mapping[str, Any]

NETWORK: Final = "Microsoft.Network/virtualNetworks"
ENDPOINT: Final = "Microsoft.Network/privateEndpoints"
MANAGED_ENDPOINT: Final = (
    "Microsoft.DataFactory/factories/managedVirtualNetworks/managedPrivateEndpoints"
)
TAKEN_BY_AZURE: Final = 5
"""Addresses of each subnet."""


def _is_disabled(properties: Properties) -> bool:
    return properties.get("publicNetworkAccess") == "Disabled"


def _denies(rules: str) -> Callable[[Properties], bool]:
    return lambda properties: (properties.get(rules) or {}).get("defaultAction") == "Deny"


@dataclass(frozen=True)
class Target:
    """How a type of resource is reached privately, as Microsoft lists it, and when it is closed."""

    group: str
    zone: str
    is_closed: Callable[[Properties], bool]


TARGETS: Final = {
    # Its rules are resources of their own.
    "Microsoft.Sql/servers": Target(
        "sqlServer", "privatelink.database.windows.net", lambda _: True
    ),
    "Microsoft.Cache/redisEnterprise": Target(
        "redisEnterprise", "privatelink.redis.azure.net", _is_disabled
    ),
    "Microsoft.Storage/storageAccounts": Target(
        "blob",
        "privatelink.blob.core.windows.net",
        lambda properties: _is_disabled(properties) or _denies("networkAcls")(properties),
    ),
    "Microsoft.KeyVault/vaults": Target(
        "vault", "privatelink.vaultcore.azure.net", _denies("networkAcls")
    ),
    "Microsoft.ContainerRegistry/registries": Target(
        "registry", "privatelink.azurecr.io", _denies("networkRuleSet")
    ),
}


@dataclass(frozen=True)
class Subnet:
    """A subnet, as the template writes it inside its network."""

    id: str
    properties: Properties

    @property
    def addresses(self) -> IPv4Network:
        return IPv4Network(self.properties["addressPrefix"])

    @property
    def free(self) -> int:
        return self.addresses.num_addresses - TAKEN_BY_AZURE

    @property
    def delegations(self) -> Sequence[str]:
        found = self.properties.get("delegations", [])
        return [delegation["properties"]["serviceName"] for delegation in found]


class PrivateNetwork:
    """The parts of a snapshot, by what they refer to."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.network = snapshot.the(NETWORK)
        self.endpoints = snapshot.of_type(ENDPOINT)

    @cached_property
    def subnets(self) -> Sequence[Subnet]:
        found = self.network.properties["subnets"]
        return [
            Subnet(f"{self.network.id}/subnets/{subnet['name']}", subnet["properties"])
            for subnet in found
        ]

    @property
    def targets(self) -> Iterator[tuple[Resource, Target]]:
        for kind, target in TARGETS.items():
            for resource in self.snapshot.of_type(kind):
                yield resource, target

    def subnet(self, identifier: object) -> Subnet | None:
        return next((subnet for subnet in self.subnets if subnet.id == identifier), None)

    def zones_of(self, endpoint: Resource) -> Sequence[str]:
        """Return the ids of the zones in which Azure enters this endpoint's addresses."""
        groups = self.snapshot.of_type(f"{ENDPOINT}/privateDnsZoneGroups")
        return [
            entry["properties"]["privateDnsZoneId"]
            for group in groups
            if group.id.startswith(f"{endpoint.id}/")
            for entry in group.properties["privateDnsZoneConfigs"]
        ]

    def is_linked(self, zone: Resource) -> bool:
        links = self.snapshot.of_type("Microsoft.Network/privateDnsZones/virtualNetworkLinks")
        return any(
            link.id.startswith(f"{zone.id}/")
            and link.properties["virtualNetwork"]["id"] == self.network.id
            for link in links
        )


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield what is wrong with the network of a snapshot, or what is closed without one."""
    if not snapshot.of_type(NETWORK):
        yield from _closed(snapshot)
        return
    private = PrivateNetwork(snapshot)
    for part in PARTS:
        for path, message in part(private):
            yield Finding(snapshot.file, path, message)


def _closed(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each resource that cannot be reached; checks/infra/sql.py has SQL's."""
    for task in snapshot.of_type("Microsoft.ContainerRegistry/registries/tasks"):
        if task.properties["trigger"]["timerTriggers"][0]["status"] != "Enabled":
            message = "never runs, though its registry is open"
            yield Finding(snapshot.file, task.name, message)
    for kind in TARGETS.keys() - {"Microsoft.Sql/servers"}:
        for resource in snapshot.of_type(kind):
            if TARGETS[kind].is_closed(resource.properties):
                message = f"is a {kind} that is closed to the internet, and there is no network"
                yield Finding(snapshot.file, resource.name, message)


type Findings = Iterator[tuple[str, str]]


def _public_access(private: PrivateNetwork) -> Findings:
    for rule in private.snapshot.of_type("Microsoft.Sql/servers/firewallRules"):
        yield rule.name, "opens the server to the internet; the migration makes its own rule"
    for resource, target in private.targets:
        if not target.is_closed(resource.properties):
            yield resource.name, f"is a {resource.type} that is open to the internet"
    for registry in private.snapshot.of_type("Microsoft.ContainerRegistry/registries"):
        if registry.body["sku"]["name"] != "Premium":
            yield registry.name, "has no private endpoints in its tier, only Premium has"


def _tasks(private: PrivateNetwork) -> Findings:
    for task in private.snapshot.of_type("Microsoft.ContainerRegistry/registries/tasks"):
        for timer in task.properties["trigger"]["timerTriggers"]:
            if timer.get("status") != "Disabled":
                yield task.name, "runs by a timer, and would find a closed registry"


def _endpoints(private: PrivateNetwork) -> Findings:
    reached = {
        (connection["properties"]["privateLinkServiceId"], group)
        for endpoint in private.endpoints
        for connection in endpoint.properties["privateLinkServiceConnections"]
        for group in connection["properties"]["groupIds"]
    }
    wanted = {(resource.id, target.group): resource for resource, target in private.targets}
    for (identifier, group), resource in wanted.items():
        if (identifier, group) not in reached:
            yield resource.name, f"is a {resource.type} without a private endpoint for {group}"
    for identifier, group in reached - set(wanted):
        yield identifier, f"has a private endpoint for {group}, which it does not know or need"


def _zones(private: PrivateNetwork) -> Findings:
    of_target = {resource.id: target.zone for resource, target in private.targets}
    for endpoint in private.endpoints:
        (connection,) = endpoint.properties["privateLinkServiceConnections"]
        zone = of_target.get(connection["properties"]["privateLinkServiceId"], "")
        found = [identifier.rpartition("/")[2] for identifier in private.zones_of(endpoint)]
        if found != [zone]:
            yield endpoint.name, f"is looked up in {found}, and not in {zone}"
    zones = private.snapshot.of_type("Microsoft.Network/privateDnsZones")
    for zone_name in sorted(set(of_target.values()) - {zone.name for zone in zones}):
        yield zone_name, "is no zone of this snapshot"
    for unlinked in (zone for zone in zones if not private.is_linked(zone)):
        yield unlinked.name, "is a zone in which the network does not look names up"


def _subnets(private: PrivateNetwork) -> Findings:
    space = private.network.properties["addressSpace"]["addressPrefixes"]
    spaces = [IPv4Network(addresses) for addresses in space]
    for subnet in private.subnets:
        if not any(subnet.addresses.subnet_of(space) for space in spaces):
            yield subnet.id, f"{subnet.addresses} is outside of the network"
    for one, other in combinations(private.subnets, 2):
        if one.addresses.overlaps(other.addresses):
            yield one.id, f"overlaps {other.id}"
    for endpoint in private.endpoints:
        place = private.subnet(endpoint.properties["subnet"]["id"])
        if place is None or place.delegations:
            yield endpoint.name, "is in a subnet that is not there, or that belongs to a service"
        elif place.free < 2 * len(private.endpoints):
            yield place.id, "is too small: an endpoint may take two addresses"


def _app(private: PrivateNetwork) -> Findings:
    plan = private.snapshot.the("Microsoft.Web/serverfarms")
    kinds = ("Microsoft.Web/sites", "Microsoft.Web/sites/slots")
    for site in (found for kind in kinds for found in private.snapshot.of_type(kind)):
        subnet = private.subnet(site.properties.get("virtualNetworkSubnetId"))
        if subnet is None or subnet.delegations != ["Microsoft.Web/serverFarms"]:
            yield site.name, "does not use a subnet that is delegated to Microsoft.Web/serverFarms"
        # While the plan changes its size, each instance has two addresses.
        elif subnet.free < 2 * plan.properties["maximumElasticWorkerCount"]:
            yield subnet.id, f"has {subnet.free} addresses, too few for twice the plan's instances"
        routes = site.properties.get("outboundVnetRouting") or {}
        for traffic in ("applicationTraffic", "imagePullTraffic"):
            if routes.get(traffic) is not True:
                yield site.name, f"outboundVnetRouting.{traffic} is not on"


def _linked_services(private: PrivateNetwork) -> Findings:
    snapshot = private.snapshot
    runtimes = {
        runtime.name.rpartition("/")[2]
        for runtime in snapshot.of_type("Microsoft.DataFactory/factories/integrationRuntimes")
        if "managedVirtualNetwork" in runtime.properties
    }
    for service in snapshot.of_type("Microsoft.DataFactory/factories/linkedservices"):
        if service.properties.get("connectVia", {}).get("referenceName") not in runtimes:
            yield service.name, "does not connect through the factory's managed network"


def _managed_endpoints(private: PrivateNetwork) -> Findings:
    snapshot = private.snapshot
    containers = snapshot.of_type("Microsoft.Storage/storageAccounts/blobServices/containers")
    wanted = {
        *((server.id, "sqlServer") for server in snapshot.of_type("Microsoft.Sql/servers")),
        *((container.id.partition("/blobServices/")[0], "blob") for container in containers),
    }
    managed = snapshot.of_type(MANAGED_ENDPOINT)
    asked = {
        (endpoint.properties["privateLinkResourceId"], endpoint.properties["groupId"])
        for endpoint in managed
    }
    for identifier, group in sorted(wanted ^ asked):
        yield identifier, f"the factory's private endpoint for {group} is missing, or not needed"
    for endpoint in managed:
        name = endpoint.name.rpartition("/")[2]
        if any(own.name.endswith(name) for own in private.endpoints):
            yield endpoint.name, "infra/private-network.sh would take another endpoint for it"


PARTS: Final = (
    *(_public_access, _tasks, _endpoints, _zones, _subnets, _app),
    *(_linked_services, _managed_endpoints),
)
