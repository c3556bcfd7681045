"""Checks values that Azure's types leave open, because an expression could stand in their place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from checks.adf.json_walk import walk
from checks.adf.resources import Factory
from checks.finding import Fault, Finding

_ONE_OF: Final[Mapping[str, frozenset[str]]] = {
    "accountKind": frozenset({"Storage", "StorageV2", "BlobStorage", "BlockBlobStorage"}),
    "events": frozenset({"Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"}),
    "fieldList": frozenset({"exists", "size", "lastModified", "itemName", "childItems"}),
    "logLevel": frozenset({"Info", "Warning"}),
    "publicNetworkAccess": frozenset({"Enabled", "Disabled"}),
    "runtimeState": frozenset({"Started", "Stopped"}),
    "tableOption": frozenset({"none", "autoCreate"}),
    "writeBehavior": frozenset({"insert", "upsert"}),
}
"""Properties, and what they may be: those values that a pipeline here could need."""

_PARAMETER: Final = frozenset({"string", "int", "float", "bool", "array", "object"})
_TYPE_AT: Final[Mapping[re.Pattern[str], frozenset[str]]] = {
    re.compile(r"\.identity"): frozenset({"SystemAssigned"}),
    re.compile(r"\.properties\.parameters\.\w+"): _PARAMETER,
    re.compile(r".*\.scripts\[\d+\]"): frozenset({"Query", "NonQuery"}),
    re.compile(r".*\.storedProcedureParameters\.\w+"): frozenset({"String", "Int64", "Boolean"}),
    re.compile(r".*\.translator"): frozenset({"TabularTranslator"}),
}
"""Objects by their paths, and what their `type` may be."""

_NUMBERS: Final = frozenset(
    {
        *("connectRetryCount", "connectRetryInterval", "connectTimeout", "dataIntegrationUnits"),
        *("parallelCopies", "writeBatchSize"),
    }
)
_BOOLEANS: Final = frozenset(
    {
        *("allowDataTruncation", "enableReliableLogging", "enableSkipIncompatibleRow"),
        *("enableStaging", "firstRowAsHeader", "recursive", "sqlWriterUseTableLock"),
        *("treatBooleanAsNumber", "typeConversion", "validateDataConsistency"),
    }
)
_TIMES: Final = frozenset({"scriptBlockExecutionTimeout", "writeBatchTimeout"})
_TIME: Final = re.compile(r"\d\d:\d\d:\d\d")
_BLOBS: Final = re.compile(r"/[a-z0-9-]+/blobs/.*")


def check(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        for path, value in walk(dict(resource.document)):
            if isinstance(value, dict):
                for fault in (*_type(value, path), *_properties(value, path)):
                    yield fault.of(resource.file)


def _type(value: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Check the `type` of an expression, or of an object that has its place in _TYPE_AT."""
    kind = value.get("type")
    if value.keys() == {"value", "type"} and str(value["value"]).startswith("@"):
        allowed = [frozenset({"Expression"})]
    else:
        allowed = [kinds for where, kinds in _TYPE_AT.items() if where.fullmatch(path)]
    for kinds in allowed:
        if kind not in kinds:
            yield Fault(f"{path}.type", _must(kind, kinds))


def _properties(value: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for name, given in value.items():
        for item in given if isinstance(given, list) else [given]:
            if not isinstance(item, dict) and (wrong := _wrong(name, item)):
                yield Fault(f"{path}.{name}", wrong)


def _wrong(name: str, value: Any) -> str:
    """Return what is wrong with the value of a property, or an empty text."""
    if name in _ONE_OF and value not in _ONE_OF[name]:
        return _must(value, _ONE_OF[name])
    if name in _NUMBERS and type(value) is not int:
        return f"must be a number, not {value!r}"
    if name in _BOOLEANS and type(value) is not bool:
        return f"must be true or false, not {value!r}"
    if name in _TIMES and not _TIME.fullmatch(str(value)):
        return f"must be hh:mm:ss, not {value!r}"
    if name == "blobPathBeginsWith" and not _BLOBS.fullmatch(str(value)):
        return f"must be /CONTAINER/blobs/..., not {value!r}"
    return ""


def _must(value: Any, allowed: frozenset[str]) -> str:
    return f"{value!r} is not one of {', '.join(sorted(allowed))}"
