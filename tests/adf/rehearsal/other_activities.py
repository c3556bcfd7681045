"""The activities other than Copy. Each gets its JSON with all expressions evaluated."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError

from tests.adf.rehearsal.copy_activity import copy
from tests.adf.rehearsal.outcome import ActivityFailed
from tests.adf.rehearsal.world import World

type Step = Callable[[Mapping[str, Any], World], Mapping[str, Any]]


def get_metadata(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    """Return the fields. A missing file is an error, unless `exists` is among them."""
    wanted = activity["typeProperties"]["fieldList"]
    blob = world.blob(world.dataset(activity["typeProperties"]["dataset"]))
    try:
        found = blob.get_blob_properties()
    except ResourceNotFoundError:
        if "exists" in wanted:
            return {"exists": False}
        raise
    known = {"exists": True, "size": found.size, "lastModified": found.last_modified.isoformat()}
    return {name: known[name] for name in wanted}


def call_procedure(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    properties = activity["typeProperties"]
    parameters = properties.get("storedProcedureParameters", {})
    given = {name: parameter["value"] for name, parameter in parameters.items()}
    world.database.call(properties["storedProcedureName"], given)
    return {}


def run_script(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    for script in activity["typeProperties"]["scripts"]:
        world.database.execute(script["text"])
    return {}


def fail(activity: Mapping[str, Any], world: World) -> Mapping[str, Any]:
    del world
    properties = activity["typeProperties"]
    raise ActivityFailed(properties["message"], properties["errorCode"])


STEPS: Final[Mapping[str, Step]] = {
    "Copy": copy,
    "Fail": fail,
    "GetMetadata": get_metadata,
    "Script": run_script,
    "SqlServerStoredProcedure": call_procedure,
}
