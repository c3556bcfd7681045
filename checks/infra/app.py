"""The app, its slot and its plan: what must fit each other and the other resources."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Resource, Snapshot

SLOTS: Final = ("Microsoft.Web/sites", "Microsoft.Web/sites/slots")
_ELASTIC: Final = ("EP1", "EP2", "EP3")


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each property that does not fit."""
    yield from broken(snapshot.file, _plan(snapshot))
    for kind in SLOTS:
        site = snapshot.the(kind)
        yield from broken(snapshot.file, _identity(snapshot, site))
        yield from broken(snapshot.file, _container(snapshot, site))
        yield from broken(snapshot.file, _scaling(snapshot, site))


def identity_of(snapshot: Snapshot) -> Resource:
    """The identity of the app."""
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    return snapshot.the(kind, snapshot.outputs["APP_IDENTITY"])


def _plan(snapshot: Snapshot) -> Iterator[Fact]:
    plan = snapshot.the("Microsoft.Web/serverfarms")
    yield Fact("plan.reserved", plan.properties.get("reserved"), True, "reserved means Linux")
    because = "Functions Premium scales in an elastic plan only"
    yield Fact("plan.kind", plan.body.get("kind"), "elastic", because)
    yield Fact("plan.sku.tier", plan.body["sku"].get("tier"), "ElasticPremium", because)
    size = plan.body["sku"].get("name")
    yield Fact(f"plan.sku {size} is elastic", size in _ELASTIC, True, because)


def _identity(snapshot: Snapshot, site: Resource) -> Iterator[Fact]:
    identity = identity_of(snapshot)
    given = list(site.body["identity"]["userAssignedIdentities"])
    because = "this identity has the app's roles"
    yield Fact(f"{site.name}.userAssignedIdentities", given, [identity.id], because)
    found = site.properties.get("keyVaultReferenceIdentity")
    because = "it is the resource id of the identity that reads the secrets, not its client id"
    yield Fact(f"{site.name}.keyVaultReferenceIdentity", found, identity.id, because)
    puller = shown(_config(site).get("acrUserManagedIdentityID"))
    because = "it is the client id of the identity that pulls the image, not its resource id"
    wanted = f"{{{identity.name}.clientId}}"
    yield Fact(f"{site.name}.acrUserManagedIdentityID", puller, wanted, because)
    signs_in = _config(site).get("acrUseManagedIdentityCreds")
    yield Fact(
        f"{site.name}.acrUseManagedIdentityCreds",
        signs_in,
        True,
        "the registry accepts no passwords",
    )


def _container(snapshot: Snapshot, site: Resource) -> Iterator[Fact]:
    because = "App Service decides by the kind how the app runs"
    found = site.body.get("kind")
    yield Fact(f"{site.name}.kind", found, "functionapp,linux,container", because)
    program = _config(site)["linuxFxVersion"].partition("|")[0]
    yield Fact(f"{site.name}.linuxFxVersion", program, "DOCKER", "the app is a container")
    plan = snapshot.the("Microsoft.Web/serverfarms").id
    found = site.properties.get("serverFarmId")
    yield Fact(f"{site.name}.serverFarmId", found, plan, "there is one plan")


def _scaling(snapshot: Snapshot, site: Resource) -> Iterator[Fact]:
    config = _config(site)
    workers = snapshot.the("Microsoft.Web/serverfarms").properties["maximumElasticWorkerCount"]
    found = config["functionAppScaleLimit"]
    because = "the plan has as many workers"
    yield Fact(f"{site.name}.functionAppScaleLimit", found, workers, because)
    if site.type == SLOTS[1]:
        found = config["minimumElasticInstanceCount"]
        because = "the slot shares production's plan, and one instance tries a release"
        yield Fact(f"{site.name}.minimumElasticInstanceCount", found, 1, because)
    fits = config["minimumElasticInstanceCount"] <= workers
    because = "it is at most functionAppScaleLimit"
    yield Fact(f"{site.name}.minimumElasticInstanceCount fits", fits, True, because)


def _config(site: Resource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = site.properties["siteConfig"]
    return found
