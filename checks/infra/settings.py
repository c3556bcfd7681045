"""Settings of the app that must agree with each other and with other resources."""

from collections.abc import Iterator

from checks.finding import Finding
from checks.infra.expressions import shown
from checks.infra.snapshots import Snapshot


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """The image is pulled by the identity's client id, and secrets are read by its resource id."""
    site = snapshot.the("Microsoft.Web/sites")
    puller = shown(site.properties["siteConfig"]["acrUserManagedIdentityID"])
    if puller != f"{{{snapshot.outputs['APP_IDENTITY']}.clientId}}":
        yield Finding(
            snapshot.file,
            f"{site.name}.acrUserManagedIdentityID",
            "must be the client id of the app's identity",
        )
