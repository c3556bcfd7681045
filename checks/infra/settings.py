"""The settings of the app and of its slot agree with each other and with the other resources."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from checks.finding import Finding
from checks.infra.app import SLOTS, identity_of
from checks.infra.expressions import shown
from checks.infra.facts import Fact, broken
from checks.infra.redis import url as redis_url
from checks.infra.snapshots import Resource, Snapshot

_SHARE: Final = re.compile(r"0\.\d+|1\.0")


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a finding for each setting that does not fit."""
    for kind in SLOTS:
        site = snapshot.the(kind)
        yield from broken(snapshot.file, _settings(snapshot, site))
    yield from broken(snapshot.file, _sticky(snapshot))


def settings_of(snapshot: Snapshot, kind: str) -> Mapping[str, str]:
    """The settings of the app or of its slot, with `{name.property}` for what Azure makes up."""
    given = snapshot.the(f"{kind}/config", "appsettings").properties
    return {name: shown(value) for name, value in given.items()}


def _settings(snapshot: Snapshot, site: Resource) -> Iterator[Fact]:
    given = settings_of(snapshot, site.type)
    health = site.properties["siteConfig"]["healthCheckPath"]
    for name, wanted, because in (
        *_identity(snapshot),
        *_resources(snapshot),
        ("WEBSITE_SWAP_WARMUP_PING_PATH", health, "this path says whether an instance is healthy"),
        ("ASPNETCORE_URLS", f"http://+:{given['WEBSITES_PORT']}", "WEBSITES_PORT says this port"),
        ("FUNCTIONS_EXTENSION_VERSION", "~4", "the image has version 4 of the host"),
        ("FUNCTIONS_WORKER_RUNTIME", "python", "the image has the worker for Python"),
        ("WEBSITES_ENABLE_APP_SERVICE_STORAGE", "false", "/home would hide the app in the image"),
        (
            *("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "true"),
            "the host would add two rows of its own to each request",
        ),
    ):
        yield Fact(f"{site.name}.{name}", given.get(name), wanted, because)
    share = given.get("OTEL_TRACES_SAMPLER_ARG", "")
    fits = bool(_SHARE.fullmatch(share))
    yield Fact(
        f"{site.name}.OTEL_TRACES_SAMPLER_ARG {share} fits", fits, True, "1.0 means all traces"
    )


def _identity(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    client = f"{{{identity_of(snapshot).name}.clientId}}"
    because = "this identity has the app's roles"
    yield "AZURE_CLIENT_ID", client, because
    yield "AzureWebJobsStorage__clientId", client, because
    yield "AzureWebJobsStorage__credential", "managedidentity", "the account accepts no keys"
    sign_in = f"ClientId={client};Authorization=AAD"
    yield "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", sign_in, because


def _resources(snapshot: Snapshot) -> Iterator[tuple[str, str, str]]:
    because = "this resource is made for it"
    insights = snapshot.the("Microsoft.Insights/components").name
    yield "APPLICATIONINSIGHTS_CONNECTION_STRING", f"{{{insights}.ConnectionString}}", because
    registry = snapshot.the("Microsoft.ContainerRegistry/registries").name
    yield "DOCKER_REGISTRY_SERVER_URL", f"https://{{{registry}.loginServer}}", because
    blobs = f"{{{snapshot.outputs['STORAGE']}.primaryEndpoints.blob}}"
    yield "STORAGE_ACCOUNT_URL", blobs, because
    server = snapshot.the("Microsoft.Sql/servers").name
    sql = (
        "Driver={ODBC Driver 18 for SQL Server};"
        f"Server=tcp:{{{server}.fullyQualifiedDomainName}},1433;"
        f"Database={snapshot.outputs['DATABASE']};Encrypt=yes;TrustServerCertificate=no;"
    )
    yield "SQL_CONNECTION_STRING", sql, because
    yield "REDIS_URL", redis_url(snapshot), "this is how its database is opened"


def _sticky(snapshot: Snapshot) -> Iterator[Fact]:
    """What differs between the slots stays where it is when they are swapped."""
    production, staging = (settings_of(snapshot, kind) for kind in SLOTS)
    differ = {name for name in {*production, *staging} if production.get(name) != staging.get(name)}
    sticky = snapshot.the("Microsoft.Web/sites/config", "slotConfigNames").properties
    because = "these differ between the slots"
    yield Fact("slotConfigNames", sorted(sticky["appSettingNames"]), sorted(differ), because)
