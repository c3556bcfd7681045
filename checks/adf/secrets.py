"""Checks that no file holds a secret: every connection uses the factory's managed identity."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.adf.json_walk import strings, walk
from checks.adf.resources import Factory, Resource
from checks.finding import Fault, Finding

_SECRET_NAMES: Final = re.compile(
    r"password|secret|accountkey|sastoken|sasuri|connectionstring|encryptedcredential"
    r"|serviceprincipalkey|accesstoken|credential",
    re.IGNORECASE,
)
_SECRET_TEXTS: Final = re.compile(
    r"(AccountKey|SharedAccessKey|Password|Pwd)\s*=|SharedAccessSignature|[?&]sig=|SecureString"
    r"|[A-Za-z0-9+/]{86}==",
    re.IGNORECASE,
)
_IDENTITY: Final[Mapping[str, Mapping[str, Any]]] = {
    "AzureSqlDatabase": {
        "authenticationType": "SystemAssignedManagedIdentity",
        "encrypt": "mandatory",
        "trustServerCertificate": False,
    },
    # Given only an endpoint, the connector uses the factory's identity.
    "AzureBlobStorage": {},
}


def check(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        for fault in (*_names(resource), *_texts(resource), *_identity(resource)):
            yield fault.of(resource.file)


def _names(resource: Resource) -> Iterator[Fault]:
    for path, value in walk(dict(resource.document)):
        for name in value if isinstance(value, dict) else ():
            if _SECRET_NAMES.search(name):
                yield Fault(f"{path}.{name}", "would hold a secret")


def _texts(resource: Resource) -> Iterator[Fault]:
    for path, text in strings(dict(resource.document)):
        if _SECRET_TEXTS.search(text):
            yield Fault(path, "looks like a secret")


def _identity(resource: Resource) -> Iterator[Fault]:
    if resource.kind != "linkedService":
        return
    kind = str(resource.properties.get("type"))
    if kind not in _IDENTITY:
        yield Fault(".properties.type", f"{kind!r} is not known to use the factory's identity")
        return
    given = resource.properties.get("typeProperties", {})
    for name, value in _IDENTITY[kind].items():
        if given.get(name) != value:
            yield Fault(f".properties.typeProperties.{name}", f"must be {value!r}")
    endpoint = given.get("serviceEndpoint", "https://")
    if not endpoint.startswith("https://"):
        yield Fault(".properties.typeProperties.serviceEndpoint", "must be https")
